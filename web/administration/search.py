"""The search of administrators: one box for numbers, people, ids and ids of the provider."""

from __future__ import annotations

import asyncio
import re
from dataclasses import dataclass, replace

from quart import url_for

from core.accounts import Account
from core.booking_numbers import near_numbers, parse_number
from core.bookings import Booking, BookingId
from core.errors import Invalid
from core.payments import Payment
from web.administration.reading import Numbered, numbered, repositories
from web.shared.people import LONGEST, PEOPLE_SHOWN, people_like

NUMBER = re.compile(r"\s*[o0]h\W*\w", re.IGNORECASE)
"""How texts begin that are meant to be a booking number."""


@dataclass(frozen=True, slots=True)
class Found:
    """What a text was found as. `problem` says why a booking number is wrong; `near` are the
    bookings whose numbers differ from it by one slip. With `more` not all people are shown."""

    bookings: tuple[Booking, ...] = ()
    payments: tuple[Numbered, ...] = ()
    people: tuple[Account, ...] = ()
    more: bool = False
    problem: str = ""
    near: tuple[Booking, ...] = ()

    @property
    def only_url(self) -> str | None:
        """The page of the one thing that was found."""
        pages = [
            *(url_for("admin.booking", booking_id=each.id) for each in self.bookings),
            *(url_for("admin.payment", payment_id=each.payment.id) for each in self.payments),
            *(url_for("administration.person", account_id=each.id) for each in self.people),
        ]
        return pages[0] if len(pages) == 1 else None


async def find(text: str) -> Found:
    """Everything that has this number, name, address or id. Each read uses an index."""
    text = text.strip()[:LONGEST]
    if not text:
        return Found()
    bookings, payments, people = await asyncio.gather(
        _bookings(text), _payments(text), people_like(text, limit=PEOPLE_SHOWN + 1)
    )
    found = Found(bookings, payments, people[:PEOPLE_SHOWN], more=len(people) > PEOPLE_SHOWN)
    if not bookings and NUMBER.match(text):
        found = replace(found, problem=_problem(text), near=await _near(text))
    return found


def _problem(text: str) -> str:
    try:
        number = parse_number(text)
    except Invalid as error:
        return error.message
    return f"No booking has the number {number}."


async def _near(text: str) -> tuple[Booking, ...]:
    near = near_numbers(text)
    return await repositories().bookings.with_numbers(near) if near else ()


async def _bookings(text: str) -> tuple[Booking, ...]:
    """By number, by id, or by the id of the job."""
    if text.startswith("job_"):
        jobs = await repositories().jobs.many([text])
        text = next((job.booking_id for job in jobs.values()), text)
    if text.startswith("bkg_"):
        booking = await repositories().bookings.find(BookingId(text))
    else:
        try:
            booking = await repositories().bookings.find_by_number(parse_number(text))
        except Invalid:
            return ()
    return (booking,) if booking else ()


async def payments_of(text: str) -> tuple[Payment, ...]:
    """The payments with this id, number of the booking, or id at the provider."""
    bookings, payments = await asyncio.gather(_bookings(text), _payments(text))
    others = await repositories().payments.many([each.payment_id for each in bookings])
    found = {each.id: each for each in (*(one.payment for one in payments), *others.values())}
    return tuple(found.values())


async def _payments(text: str) -> tuple[Numbered, ...]:
    """By id, or by an id of the provider: of the order, of an attempt or of a refund."""
    if text.startswith("pay_"):
        found = tuple((await repositories().payments.many([text])).values())
    else:
        found = await repositories().payments.find_by_provider_id(text)
    return tuple(await numbered(found))
