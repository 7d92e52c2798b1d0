"""The repositories in memory, one module each."""
