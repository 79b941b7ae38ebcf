"""Tests. Run from the repository's root: ``python -m pytest``."""
