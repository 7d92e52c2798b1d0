"""A step of a plugin that is interrupted just when it ends leaves nothing behind in its thread."""

from __future__ import annotations

import sys
import threading
import time
from contextlib import suppress

from plugins.steps import KeepsLoop, run_step


def _sleeps_too_long() -> None:
    time.sleep(0.4)  # no Python code runs that could be interrupted


def _traced_calls() -> int:
    """With a pending interruption the interpreter would not get beyond the first of them."""
    sys.settrace(lambda *_: None)
    try:
        return sum(each for each in map(lambda number: number + 1, range(3)))
    finally:
        sys.settrace(None)


def test_a_late_interruption_leaves_nothing_behind() -> None:
    found = list[int]()

    def work() -> None:
        with suppress(KeepsLoop):
            run_step(_sleeps_too_long, 0.1)
        found.append(_traced_calls())

    thread = threading.Thread(target=work, daemon=True)
    thread.start()
    thread.join(10)

    assert found == [6]
