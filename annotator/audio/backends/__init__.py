"""Stores of files, one module each; see `base` for what they have in common."""
