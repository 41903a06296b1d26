"""Ratios of time and memory that hold on any machine."""
