"""Profile pictures on the web."""
