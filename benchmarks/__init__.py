"""Benchmarks: one file a case, one table out. Each figure is a median of several runs on one core."""
