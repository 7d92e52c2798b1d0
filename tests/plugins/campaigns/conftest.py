"""The time limits of plugins have tests of their own."""

from onehour.testing.patience import patience

__all__ = ["patience"]
