"""Turns the YAML files under config/ into validated models, with one line per fault."""
