"""The collections in memory, one file for each."""
