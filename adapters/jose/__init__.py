"""Access tokens as signed JSON (JOSE)."""
