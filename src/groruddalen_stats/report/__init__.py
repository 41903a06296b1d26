"""Turns cells, figures and the check into report/<edition>: HTML, PDF, CSV files and the manifest."""
