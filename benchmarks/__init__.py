"""Turns runs of the project into ratios that hold on any machine."""
