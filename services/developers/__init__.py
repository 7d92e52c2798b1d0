"""The developer's profile, availability and search."""
