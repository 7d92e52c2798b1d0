"""Tests of the built-in plugin for reviews."""
