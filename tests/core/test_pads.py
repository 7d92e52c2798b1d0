"""Pads: when they can be changed, and how large they become."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from core.bookings import BookingId, Status
from core.calls_policy import CallPolicy
from core.errors import Invalid
from core.pads import (
    HISTORY_MAXIMUM,
    LANGUAGES,
    Pad,
    PadClosed,
    PadFull,
    PadWornOut,
    check_editable,
    check_size,
    file_name,
    is_editable,
)
from core.policy import HOUR, MINUTE
from onehour.testing.samples.bookings import a_booking
from onehour.testing.samples.sample import NOW

POLICY = CallPolicy()
BOOKING = replace(a_booking(), status=Status.CONFIRMED, start=NOW + HOUR, hours=1)


@pytest.mark.parametrize(
    ("status", "after", "editable"),
    [
        (Status.REQUESTED, -2 * HOUR, False),
        (Status.CONFIRMED, -24 * HOUR, True),
        (Status.CONFIRMED, 29 * MINUTE, True),
        (Status.COMPLETED, 29 * MINUTE, True),
        (Status.CONFIRMED, 30 * MINUTE, False),
        (Status.CANCELLED, -HOUR, False),
    ],
)
def test_it_can_be_changed_from_the_confirmation_until_the_room_closes(
    status: Status, after: timedelta, editable: bool
) -> None:
    booking = replace(BOOKING, status=status)
    now = booking.end + after

    assert is_editable(booking, now=now, policy=POLICY) is editable
    if editable:
        check_editable(booking, now=now, policy=POLICY)
    else:
        with pytest.raises(PadClosed):
            check_editable(booking, now=now, policy=POLICY)


@pytest.mark.parametrize(
    ("text", "before", "refused"),
    [(200, 100, False), (201, 200, True), (300, 301, False), (300, 300, True)],
)
def test_a_full_text_can_only_become_shorter(text: int, before: int, refused: bool) -> None:
    sizes = {"state": 500, "state_before": 400, "most": 200}
    if refused:
        with pytest.raises(PadFull):
            check_size(text=text, text_before=before, **sizes)
    else:
        check_size(text=text, text_before=before, **sizes)


@pytest.mark.parametrize(("state", "before"), [(1, 0), (1, 1)])
def test_a_long_history_can_only_become_shorter(state: int, before: int) -> None:
    most = 200 + HISTORY_MAXIMUM
    check_size(text=1, text_before=1, state=most, state_before=0, most=200)
    check_size(text=1, text_before=1, state=most + 1, state_before=most + 2, most=200)

    with pytest.raises(PadWornOut):
        check_size(text=1, text_before=1, state=most + state, state_before=most + before, most=200)


def test_each_change_has_the_next_number() -> None:
    pad = Pad(BookingId("bkg_1"), NOW)

    after = pad.changed("é", now=NOW + HOUR).changed("é!", now=NOW)

    assert (after.seq, after.text, after.size, after.changed_at) == (2, "é!", 3, NOW + HOUR)


def test_a_language_is_one_of_the_list() -> None:
    pad = Pad(BookingId("bkg_1"), NOW)

    for name in LANGUAGES:
        assert pad.in_language(name, now=NOW).language == name
    with pytest.raises(Invalid):
        pad.in_language("", now=NOW)
    assert file_name(BOOKING, "python") == f"pad-{BOOKING.number}.py"
