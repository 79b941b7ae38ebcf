"""Measurements: the eval set, public datasets, what fits the shipped weights, and benchmarks."""
