"""Garbage collection: rarely while a process starts, and without what has started afterwards, also
at the end of the process."""

from __future__ import annotations

import atexit
import gc

WHILE_STARTING = (50_000, 20, 20)
"""Imports make a million objects that stay: looking for cycles among them took a fifth of the time
of a start."""
WHILE_SERVING = (10_000, 20, 20)
"""A request makes some thousand objects, nearly all without cycles."""


def start_quickly() -> None:
    """The first call of a process, which also makes its end quick."""
    atexit.register(_end_quickly)
    gc.set_threshold(*WHILE_STARTING)


def keep_what_started() -> None:
    """Leave the modules and services of the process out of garbage collections, which would look
    at all of them again and again: half a million objects that live as long as the process."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(*WHILE_SERVING)


def _end_quickly() -> None:
    """The interpreter would look for cycles among all that exists, and take it apart object by
    object, which took as long as a quarter of a start."""
    gc.disable()
    gc.freeze()
