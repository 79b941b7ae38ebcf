"""Tests of the loaders, one file per group of formats."""
