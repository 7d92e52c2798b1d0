"""How long tests wait for what must come."""

from __future__ import annotations

PATIENCE_S = 120.0
"""Ends a test that hangs. It measures nothing: on a machine with other work whatever takes a moment
may take a minute. What must be quick is tested by a bound of its own."""
