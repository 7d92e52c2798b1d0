"""A step of a plugin that is interrupted just when it ends leaves nothing behind in its thread, and
an interruption does not hit the garbage collector."""

from __future__ import annotations

import gc
import sys
import threading
import time
from contextlib import suppress

import pytest

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


def test_a_callback_of_the_garbage_collector_is_not_interrupted() -> None:
    """An exception in it would be lost, and its work too. The plugin is interrupted next."""
    ended = list[str]()

    def on_collection(phase: str, _: object) -> None:
        if phase == "stop":
            time.sleep(0.3)
            ended.append(phase)

    def step() -> None:
        gc.collect()
        time.sleep(60)

    gc.callbacks.append(on_collection)
    try:
        with pytest.raises(KeepsLoop):
            run_step(step, 0.1)
    finally:
        gc.callbacks.remove(on_collection)

    assert ended[:1] == ["stop"]
