"""Forms about a booking or a review, which are shown again with what was typed."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field

from quart.typing import ResponseReturnValue

from plugins.api import (
    Booking,
    BookingId,
    Conflict,
    FormFields,
    Invalid,
    JobId,
    NotFound,
    me,
    services,
    typed,
)


@dataclass(frozen=True, slots=True)
class Filled:
    """What a form shows: what was typed, what is wrong with it, and whether it was sent."""

    form: FormFields
    errors: FormFields = field(default_factory=dict)
    problem: str = ""
    sent: bool = False

    @property
    def values(self) -> Mapping[str, object]:
        """For its template."""
        return {
            "form": typed(self.form),
            "errors": self.errors,
            "problem": self.problem,
            "sent": self.sent,
        }


Page = Callable[[Filled], Awaitable[str]]


async def shown_again(
    page: Page, form: FormFields, work: Awaitable[object]
) -> ResponseReturnValue | None:
    """Does the work of a form. If it cannot be done: the page of the form, with the reason."""
    try:
        await work
    except Invalid as error:
        return await page(Filled(form, errors=error.fields)), 422
    except Conflict as error:
        return await page(Filled(form, problem=error.message)), 409
    return None


async def booking_with_job(booking_id: str) -> tuple[Booking, JobId]:
    """A booking of mine, and its job. Raises `NotFound`."""
    booking = await services().bookings.get(BookingId(booking_id), by=me().id)
    if booking.job_id is None:
        raise NotFound
    return booking, JobId(booking.job_id)
