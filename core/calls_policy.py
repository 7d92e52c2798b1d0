"""The limits of calls and meetings, which are frozen into each booking."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import ClassVar

from core.policy import HOUR, MINUTE


@dataclass(frozen=True, slots=True)
class CallPolicy:
    """What operators may tune; defaults and their sources: docs/rules.md. A booking keeps those of
    the time when it was made.

    The room of a booking is open from `room_opens_before` its start until `room_closes_after` its
    end. Somebody who is not there `no_show_after` the start is late, or did not come, and has
    `no_show_answer_within` to answer that claim; then it stands.
    """

    AT_MOST: ClassVar[tuple[tuple[str, str], ...]] = (
        ("no_show_answer_within", "dispute_ends_after"),
    )
    MAY_BE_ZERO: ClassVar[frozenset[str]] = frozenset({"room_opens_before", "room_closes_after"})

    room_opens_before: timedelta = 15 * MINUTE
    room_closes_after: timedelta = 30 * MINUTE
    no_show_after: timedelta = 10 * MINUTE
    no_show_answer_within: timedelta = 72 * HOUR
