"""The machine's clock and ids."""

from __future__ import annotations

import time

from adapters.system.clock import RandomIds, SystemClock


def test_the_clock_counts_whole_milliseconds_in_utc() -> None:
    now = SystemClock().now()

    assert now.tzname() == "UTC"
    assert now.microsecond % 1000 == 0


def test_ids_sort_by_birth_and_have_26_marks() -> None:
    ids = RandomIds()

    first = ids.new("bkg")
    time.sleep(0.002)
    second = ids.new("bkg")

    assert first < second
    assert [len(part) for part in first.split("_")] == [3, 26]
    assert len({ids.new("bkg") for _ in range(1000)}) == 1000


def test_secrets_have_their_shape() -> None:
    assert len(RandomIds().secret()) == 43
