"""What a server process does once it has started."""

from __future__ import annotations

import gc

YOUNG_OBJECTS = 10_000
"""A request makes some thousand objects, nearly all without cycles."""


def keep_what_started() -> None:
    """Leave the modules and services of the process out of garbage collections, which would look
    at all of them again and again: half a million objects that live as long as the process."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(YOUNG_OBJECTS, 20, 20)
