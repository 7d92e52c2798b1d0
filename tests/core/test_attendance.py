"""A thousand simulated calls, whose notes are lost, repeated and out of order."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import timedelta

import pytest

from core.bookings import BookingId
from core.calls import HEARTBEAT, Presence, Stay, Window, presences_of
from core.policy import HOUR, MINUTE, SECOND
from onehour.testing.samples.sample import NOW

CALLS = 1_000
LOST, REPEATED = 0.3, 0.2
LATEST = 500
"""Milliseconds until a page's note arrives. The provider's news have the provider's time."""
AGAIN = SECOND
"""After this time a page repeats a heartbeat without an answer."""
ERROR = 5 * SECOND
WINDOW = Window(NOW - 15 * MINUTE, NOW + 2 * HOUR)
RELOAD, PAUSE = (2, 50), (70, 900)
"""Seconds away: a reload of the page is no gap, a pause is one."""


def a_true_call(chance: random.Random) -> list[list[Presence]]:
    """When one person was really there: presences of one or several connections."""
    at = WINDOW.opens_at + chance.randint(0, 1200) * SECOND
    presences: list[list[Presence]] = []
    for _ in range(chance.randint(0, 4)):
        connections = []
        for _ in range(chance.randint(1, 3)):
            until = at + timedelta(milliseconds=chance.randint(100, 900_000))
            connections.append(Presence(at, until))
            at = until + chance.randint(*RELOAD) * SECOND
        presences.append(connections)
        at = connections[-1].until + chance.randint(*PAUSE) * SECOND
    return presences


def notes_of(presence: Presence, name: str, chance: random.Random) -> Iterator[Stay]:
    """What the page tells of one connection, as it arrives: any note is lost, never two in a
    row."""
    lost = False

    def note(at: timedelta, *, left: bool = False) -> Iterator[Stay]:
        nonlocal lost
        lost = not lost and chance.random() < LOST
        seen = presence.since + at + timedelta(milliseconds=chance.randint(0, LATEST))
        if not lost:
            yield stay(name, seen, seen if left else None, inside=not left)

    at = timedelta()
    while at < presence.length:
        yield from note(at)
        if lost and at + AGAIN < presence.length:
            yield from note(at + AGAIN)
        at += HEARTBEAT
    yield from note(presence.length, left=True)


def news_of(presence: Presence, name: str, chance: random.Random) -> Iterator[Stay]:
    """What the provider tells: half of it is lost."""
    if chance.random() < 0.5:
        yield stay(name, presence.since, None)
    if chance.random() < 0.5:
        yield stay(name, presence.until, presence.until)


def stay(name: str, at: object, left: object, *, inside: bool = True) -> Stay:
    return Stay(BookingId("bkg_1"), "acc_1", name, at, at, left, inside)  # type: ignore[arg-type]


def stored(notes: list[Stay]) -> list[Stay]:
    merged: dict[str, Stay] = {}
    for each in notes:
        merged[each.key] = merged[each.key].merged(each) if each.key in merged else each
    return list(merged.values())


@pytest.mark.parametrize("seed", range(4))
def test_attendance_is_right_to_five_seconds(seed: int) -> None:
    chance, worst = random.Random(seed), timedelta()
    for _ in range(CALLS // 4):
        truth, notes = a_true_call(chance), list[Stay]()
        connections = (each for presence in truth for each in presence)
        for number, connection in enumerate(connections):
            notes += notes_of(connection, f"page-{number}", chance)
            notes += news_of(connection, f"PA_{number}", chance)
        notes += chance.sample(notes, int(len(notes) * REPEATED))
        chance.shuffle(notes)

        found = presences_of(stored(notes), WINDOW)

        expected = [(each[0].since, min(each[-1].until, WINDOW.closes_at)) for each in truth]
        expected = [each for each in expected if each[0] < WINDOW.closes_at]
        assert len(found) == len(expected), (seed, truth, found)
        for seen, (since, until) in zip(found, expected, strict=True):
            worst = max(worst, abs(seen.since - since), abs(seen.until - until))
    assert worst <= ERROR
