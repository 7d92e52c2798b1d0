"""The parts of a booking's page that are about a move."""

from __future__ import annotations

from collections.abc import Mapping
from typing import cast

from quart import render_template

from core.bookings import MOVABLE, Booking
from core.errors import Conflict
from core.jobs import FROZEN, Job
from core.reschedules import NoMovesLeft, TooLateToMove, check_movable, moves_left
from web.shared.context import me, now, services
from web.shared.sides import Side


async def proposal(facts: Mapping[str, object]) -> str | None:
    """A proposed time that waits, for the side that answers and for the one that asked."""
    booking = cast(Booking, facts["booking"])
    proposed = booking.open_proposal(now())
    if proposed is None:
        return None
    side = Side(booking, me())
    return await render_template(
        "reschedules/_proposal.html",
        booking=booking,
        side=side,
        proposal=proposed,
        end=proposed.start + (booking.end - booking.start),
        own=proposed.by is side.actor,
        frozen=_is_frozen(cast(Job | None, facts["job"])),
    )


async def way(facts: Mapping[str, object]) -> str | None:
    """The link to propose a time, or why it is too late, until the booked start."""
    booking, job = cast(Booking, facts["booking"]), cast(Job | None, facts["job"])
    if booking.status not in MOVABLE or now() >= booking.start or _is_frozen(job):
        return None
    policy = services().reschedules.policy
    reason = ""
    try:
        check_movable(booking, now=now(), policy=policy)
    except (TooLateToMove, NoMovesLeft) as error:
        reason = error.code
    except Conflict:
        return None
    return await render_template(
        "reschedules/_way.html",
        booking=booking,
        side=Side(booking, me()),
        reason=reason,
        policy=policy,
        ends=booking.start - policy.move_before_start,
        left=moves_left(booking, policy),
    )


def _is_frozen(job: Job | None) -> bool:
    return job is not None and job.status in FROZEN
