"""The ports in memory: real adapters that keep every promise, for tests and trying out."""
