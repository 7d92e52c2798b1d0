"""Requests about pads. Those of confirmed bookings can be changed."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Callable

from tests.web.every_role import Person
from tests.web.route_samples import RouteSamples

NO_BOOKING = f"bkg_{'9' * 26}"
HELLO = b64encode(bytes([1, 1, 7, 0, 4, 1, 3]) + b"pad" + bytes([2]) + b"Hi" + bytes([0])).decode()
"""An update of Yjs: the client 7 has written "Hi"."""


def of_own_booking(**data: object) -> Callable[[Person], dict[str, object]]:
    """The data of an event about a confirmed booking of the person, if it has one."""

    def build(person: Person) -> dict[str, object]:
        booking = person.bookings.get("confirmed")
        return {"booking": booking.id if booking else NO_BOOKING, **data}

    return build


SAMPLES = RouteSamples(
    bodies={"api_pads.sync": {"json": {"vector": "", "change": HELLO}}},
    events={
        "pad:open": of_own_booking(),
        "pad:close": of_own_booking(),
        "pad:change": of_own_booking(change=HELLO),
        "pad:cursor": of_own_booking(page="page-1"),
        "pad:language": of_own_booking(language="python"),
    },
)
