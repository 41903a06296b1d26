"""The files under config/ as validated models, with one line per fault."""
