"""Turns live sources into raw snapshots that are known by their hash; the only floor that touches the network."""
