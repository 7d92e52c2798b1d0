"""Requests about calls. Nobody's room is open: nothing but the own booking tells so."""

from __future__ import annotations

from collections.abc import Callable

from tests.web.every_role import Person
from tests.web.route_samples import NO_BODY, PathVariable, RouteSamples

NO_BOOKING = f"bkg_{'9' * 26}"


def of_own_booking(**data: object) -> Callable[[Person], dict[str, object]]:
    """The data of an event about a confirmed booking of the person, if it has one."""

    def build(person: Person) -> dict[str, object]:
        booking = person.bookings.get("confirmed")
        return {"booking": booking.id if booking else NO_BOOKING, **data}

    return build


SAMPLES = RouteSamples(
    variables={
        "video": PathVariable(
            example=lambda site: site.app.video.name,
            known=lambda site: site.app.video.name,
            absent="postcards",
        )
    },
    bodies={"api_calls.admit": NO_BODY, "api_calls.news": NO_BODY},
    events={
        "call:join": of_own_booking(),
        "call:heartbeat": of_own_booking(),
        "call:leave": of_own_booking(),
        "call:trouble": of_own_booking(),
        "call:signal": of_own_booking(data={"candidates": []}),
    },
)
