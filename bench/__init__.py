"""Measurements of the application: `make bench` prints them, nothing here asserts a time."""
