"""Profile pictures."""
