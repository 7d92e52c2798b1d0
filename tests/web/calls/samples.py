"""Requests about calls. A booking whose page is asked for has begun; others are days ahead, so that
events of their sockets are refused."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

from adapters.memory.video import SIGNATURE, signature
from core.bookings import BookingId
from tests.web.every_role import Person, SiteWithEveryRole
from tests.web.route_samples import NO_BODY, BuildRequest, PathVariable, RouteSamples, Sent

NO_BOOKING = f"bkg_{'9' * 26}"


def of_own_booking(**data: object) -> Callable[[Person], dict[str, object]]:
    """The data of an event about a confirmed booking of the person, if it has one."""

    def build(person: Person) -> dict[str, object]:
        booking = person.bookings.get("confirmed")
        return {"booking": booking.id if booking else NO_BOOKING, **data}

    return build


def begun(ago: timedelta, sent: Sent) -> BuildRequest:
    """The request `sent` about a booking whose time began a while ago."""

    async def build(site: SiteWithEveryRole, person: Person, thing: str) -> Sent:
        bookings = site.app.store.repositories.bookings
        booking = await bookings.find(BookingId(thing))
        if booking:
            await bookings.save(replace(booking, start=site.app.clock.now() - ago))
        return sent

    return build


async def news(site: SiteWithEveryRole, person: Person, thing: str) -> Sent:
    told = {"kind": "joined", "room": "room_1", "guest": "acc_1", "connection": "PA_1"}
    body = json.dumps({**told, "at": site.app.clock.now().isoformat()}).encode()
    signed = {SIGNATURE: signature(body)} if thing != "unsigned" else {}
    return {"data": body, "headers": signed}


SAMPLES = RouteSamples(
    variables={
        "video": PathVariable(
            example=lambda site: site.app.video.name,
            known=lambda site: site.app.video.name,
            absent="postcards",
        )
    },
    bodies={
        "api_calls.admit": begun(timedelta(), NO_BODY),
        "api_calls.news": news,
        "no_shows.claim": begun(timedelta(minutes=20), NO_BODY),
        "api_disputes.claim_no_show": begun(timedelta(minutes=20), {"json": {}}),
    },
    events={
        "call:join": of_own_booking(),
        "call:heartbeat": of_own_booking(),
        "call:leave": of_own_booking(),
        "call:trouble": of_own_booking(),
        "call:signal": of_own_booking(data={"candidates": []}),
    },
)
