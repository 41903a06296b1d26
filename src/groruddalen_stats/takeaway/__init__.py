"""What readers take away to work with: the workbook, the tidy file with its codebook, and the archive of all data."""
