"""Years or areas side by side, or both: a page in the form of the report, and a CSV file per object."""
