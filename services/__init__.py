"""The use cases: load, decide, save, tell - one file per capability."""
