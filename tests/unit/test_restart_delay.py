"""How long the supervisor waits before it restarts a child."""

from __future__ import annotations

import pytest

from onehour.local.supervisor import restart_delay


def delays(*lived_s: float) -> list[float]:
    """The delay of each restart of a child that ran for these seconds, one after another."""
    found: list[float] = []
    for seconds in lived_s:
        found.append(restart_delay(seconds, before=found[-1] if found else None))
    return found


def test_the_delay_doubles_while_a_child_ends_within_seconds() -> None:
    assert delays(*[2] * 9) == [0.5, 1, 2, 4, 8, 16, 30, 30, 30]


@pytest.mark.parametrize("lived_s", [10, 40, 86_400])
def test_a_child_that_has_worked_for_a_while_is_restarted_at_once_each_time(lived_s: float) -> None:
    assert delays(*[lived_s] * 5) == [0.5] * 5


def test_a_child_that_has_worked_for_a_while_starts_with_the_shortest_delay_again() -> None:
    assert delays(1, 1, 1, 1, 40, 9.9, 9.9, 10) == [0.5, 1, 2, 4, 0.5, 1, 2, 0.5]
