"""Updates for open browsers."""
