"""The time limits of plugins have tests of their own."""

from tests.plugins.patience import patience

__all__ = ["patience"]
