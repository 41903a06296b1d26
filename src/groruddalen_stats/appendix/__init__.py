"""The cells of the 25 objects, from observations and the catalogue."""
