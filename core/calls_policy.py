"""The limits of calls."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import ClassVar

from core.policy import MINUTE


@dataclass(frozen=True, slots=True)
class CallPolicy:
    """What operators may tune; defaults and their sources: docs/rules.md.

    The room of a booking is open from `room_opens_before` its start until `room_closes_after` its
    end. Somebody who is not there `no_show_after` the start is late, or did not come.
    """

    AT_MOST: ClassVar[tuple[tuple[str, str], ...]] = ()
    MAY_BE_ZERO: ClassVar[frozenset[str]] = frozenset({"room_opens_before", "room_closes_after"})

    room_opens_before: timedelta = 15 * MINUTE
    room_closes_after: timedelta = 30 * MINUTE
    no_show_after: timedelta = 10 * MINUTE
