"""The client's profile."""
