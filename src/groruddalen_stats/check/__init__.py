"""Turns the printed and the rebuilt appendix into a verdict per number, an audit of the print, and an exit code."""
