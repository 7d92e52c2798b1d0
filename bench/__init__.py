"""Measurements of the application: `make bench` prints them, they assert nothing."""
