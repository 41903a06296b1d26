"""The appendix of NIBR report 2011:22 rebuilt from official statistics, every number with its source cell."""
