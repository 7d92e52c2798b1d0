"""What campaigns know of a person: the last finished booking, and the words of a mail."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from plugins.api import (
    Account,
    Booking,
    BookingId,
    BookingStatus,
    Formats,
    Missing,
    Repositories,
    Store,
    first_name,
)
from plugins.campaigns.model import PEOPLE, Person

TOPIC_MAXIMUM = 60
"""Characters of a brief that are put into a mail."""


@dataclass(frozen=True, slots=True)
class KnownPerson:
    """A person as stored, or one of whom nothing is stored yet."""

    person: Person
    is_stored: bool

    async def save(self, repositories: Repositories, changed: Person) -> None:
        people = repositories.documents(PEOPLE)
        await (people.save(changed) if self.is_stored else people.add(changed))


async def person_of(repositories: Repositories, account: str) -> KnownPerson:
    found = await repositories.documents(PEOPLE).find(account)
    return KnownPerson(found or Person(account), is_stored=found is not None)


async def remember_last_booking(repositories: Repositories, account: str) -> None:
    """The last finished booking of a client whom campaigns do not know yet."""
    if await repositories.documents(PEOPLE).find(account):
        return
    found, _ = await repositories.bookings.of_account(
        account, statuses=(BookingStatus.COMPLETED,), limit=20
    )
    for booking in found:
        await remember(repositories, booking, account)


async def remember(repositories: Repositories, booking: Booking, account: str) -> None:
    """A finished booking, for its client."""
    if booking.client.account_id != account:
        return
    try:
        skills = (await repositories.developers.get(booking.developer.id)).skills  # type: ignore[arg-type]
    except Missing:
        skills = ()
    known = await person_of(repositories, account)
    after = known.person.with_booking(booking.id, booking.start, skills)
    await known.save(repositories, after)


async def values_of(
    repositories: Repositories, account: Account, person: Person, formats: Formats, now: datetime
) -> tuple[Mapping[str, str], str]:
    """The words of a mail to this person (`words.WORDS`), empty where there is nothing to say, and
    the id of the developer they speak of."""
    values = {"name": first_name(account.name)}
    if not person.last_booking:
        return values, ""
    booking = await repositories.bookings.find(BookingId(person.last_booking))
    if booking is None:
        return values, ""
    zone = account.timezone
    values |= {
        "developer": first_name(booking.developer.name),
        "hours": formats.hours(booking.hours),
        "topic": _beginning(booking.brief),
        "last_month": formats.month(booking.start.date()),
    }
    try:
        developer = await repositories.developers.get(booking.developer.id)  # type: ignore[arg-type]
    except Missing:
        return values, ""
    times = [each for each in developer.next_times if each > now]
    if developer.published and times:
        values["next_free"] = formats.at(times[0], zone)
    return values, developer.id if developer.published else ""


def _beginning(brief: str) -> str:
    """The first line, cut at a word."""
    line = brief.strip().splitlines()[0] if brief.strip() else ""
    if len(line) <= TOPIC_MAXIMUM:
        return line
    return f"{line[:TOPIC_MAXIMUM].rsplit(' ', 1)[0]}…"


@dataclass(frozen=True, slots=True, kw_only=True)
class Bookings:
    """Keeps what campaigns know of bookings up to date."""

    store: Store

    async def finished(self, booking_id: BookingId) -> None:
        """The work of a booking was approved; may come again."""

        async def step(repositories: Repositories) -> None:
            booking = await repositories.bookings.get(booking_id)
            await remember(repositories, booking, booking.client.account_id)

        await self.store.transact(step)
