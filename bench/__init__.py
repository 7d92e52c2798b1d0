"""Measurements of the house: `make bench` prints them, nothing here asserts a time."""
