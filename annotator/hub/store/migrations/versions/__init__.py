"""One file for each step; its number says the order."""
