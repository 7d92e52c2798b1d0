"""What a process remembers about things in use, up to a limit."""

from __future__ import annotations

from collections.abc import MutableMapping
from typing import Any

AT_MOST = 10_000
"""Entries."""


def forget_oldest(entries: MutableMapping[str, Any]) -> None:
    """Remove the entries that were added first, down to the limit."""
    while len(entries) > AT_MOST:
        del entries[next(iter(entries))]
