"""The use cases, one package per capability: load, decide, save, enqueue messages."""
