"""A plugin that uses every contribution: clients keep private notes on developers."""

from tests.plugins.notes.plugin import Notes

__all__ = ["Notes"]
