"""Raw snapshots read as observations, in one contract."""
