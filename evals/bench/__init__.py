"""Benchmarks: retrieval, answers and speed against the peers, each printing the table that docs/benchmarks.md holds."""
