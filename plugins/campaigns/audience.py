"""Who gets a campaign: of those who agreed to its topic, those of its segment."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from plugins.api import Account, Repositories
from plugins.campaigns.consents import CONSENTS, Consent, ConsentState, Topic
from plugins.campaigns.model import PEOPLE, WEEK, Person, Segment, Since

PAGE = 200
"""People that are looked at together."""


class Answer(StrEnum):
    """Whether somebody who agreed gets a campaign, and why not."""

    YES = "yes"
    OTHER = "other"
    """Not of the segment, or an account that gets no mail."""
    RETURNS = "returns"
    ENOUGH = "enough"


@dataclass(frozen=True, slots=True)
class Candidate:
    account: Account
    consent: Consent
    person: Person
    returns: bool
    """Mail to the address comes back."""


@dataclass(frozen=True, slots=True)
class Counts:
    """How many agreed, and what becomes of them. The parts add up: `gets` is what is left of
    `agreed`. Of those who get it, `without_booking` lack a last booking, and `elsewhere` live in
    another zone than the one who asks. `more`: not all were counted."""

    agreed: int = 0
    other: int = 0
    returns: int = 0
    enough: int = 0
    gets: int = 0
    without_booking: int = 0
    elsewhere: int = 0
    more: bool = False


async def candidates(
    repositories: Repositories, topic: Topic, *, cursor: str | None, limit: int = PAGE
) -> tuple[list[Candidate], str | None]:
    """One page of those who agreed, and the cursor of the next."""
    consents, following = await repositories.documents(CONSENTS).page(
        "given", equals={"state": ConsentState.GIVEN}, limit=limit, cursor=cursor
    )
    agreed = [each for each in consents if each.allows(topic)]
    accounts = await repositories.accounts.many([each.id for each in agreed])
    people = await repositories.documents(PEOPLE).many([each.id for each in agreed])
    listed = await repositories.suppressions.listed([each.email for each in accounts.values()])
    found = [
        Candidate(
            accounts[each.id],
            each,
            people.get(each.id) or Person(each.id),
            accounts[each.id].email in listed,
        )
        for each in agreed
        if each.id in accounts
    ]
    return found, following


async def everybody(repositories: Repositories, topic: Topic) -> AsyncIterator[Candidate]:
    cursor: str | None = None
    while True:
        found, cursor = await candidates(repositories, topic, cursor=cursor)
        for each in found:
            yield each
        if cursor is None:
            return


def answer(
    candidate: Candidate, segment: Segment, *, campaign: str, per_week: int, now: datetime
) -> Answer:
    if not reachable(candidate.account) or not matches(segment, candidate, now=now):
        return Answer.OTHER
    if candidate.returns:
        return Answer.RETURNS
    if candidate.person.mails_since(now - WEEK, beside=campaign) >= per_week:
        return Answer.ENOUGH
    return Answer.YES


def reachable(account: Account) -> bool:
    """Whether the account gets campaign mail at all."""
    return account.email_verified and not account.suspended and not account.erased


def matches(segment: Segment, candidate: Candidate, *, now: datetime) -> bool:
    account, person = candidate.account, candidate.person
    return (
        segment.role in account.roles
        and _since(segment, person, now)
        and (not segment.skill or segment.skill.lower() in person.skills)
        and (not segment.zone or _in_zone(account.timezone, segment.zone))
        and (not segment.language or candidate.consent.language == segment.language)
    )


def _since(segment: Segment, person: Person, now: datetime) -> bool:
    last, days = person.last_booking_at, timedelta(days=segment.days)
    match segment.since:
        case Since.NEVER:
            return last is None
        case Since.LONG_AGO:
            return last is not None and last < now - days
        case Since.RECENT:
            return last is not None and last >= now - days
    return True


def _in_zone(zone: str, wanted: str) -> bool:
    return zone == wanted or zone.startswith(f"{wanted}/")


def counted(answers: Sequence[tuple[Candidate, Answer]], *, zone: str, more: bool) -> Counts:
    """`zone` is that of the one who asks."""
    by = {each: sum(given is each for _, given in answers) for each in Answer}
    gets = [candidate for candidate, given in answers if given is Answer.YES]
    return Counts(
        agreed=len(answers),
        other=by[Answer.OTHER],
        returns=by[Answer.RETURNS],
        enough=by[Answer.ENOUGH],
        gets=len(gets),
        without_booking=sum(not each.person.last_booking for each in gets),
        elsewhere=sum(each.account.timezone != zone for each in gets),
        more=more,
    )
