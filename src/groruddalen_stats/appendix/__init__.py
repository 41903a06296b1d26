"""Turns observations and the catalogue into the cells of the 25 objects."""
