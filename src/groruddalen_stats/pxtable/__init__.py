"""Tables of numbers as services send them: reading JSON-stat, and finding in a table what the catalogue asks for."""
