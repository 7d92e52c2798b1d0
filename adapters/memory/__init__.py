"""In-memory adapters for tests: they pass the same contract tests as the others."""
