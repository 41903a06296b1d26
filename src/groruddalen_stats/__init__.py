"""Turns official statistics into the appendix of NIBR report 2011:22, every number with its source cell."""
