"""The front page and the rules."""
