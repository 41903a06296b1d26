"""Turns raw snapshots into observations in one contract."""
