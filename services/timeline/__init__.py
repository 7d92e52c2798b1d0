"""The history of a booking."""
