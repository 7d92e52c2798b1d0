"""Developers over the API: search, profiles, free hours, and the own profile."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Literal

from pydantic import Field, StrictBool, StrictInt
from quart import Blueprint, Response
from quart_schema import document_response, tag, validate_querystring, validate_request
from typing_extensions import TypedDict

from core.availability import Slot
from core.developers import BIO_MAXIMUM, HEADLINE_MAXIMUM, Developer, DeveloperId, NotPublished
from core.errors import Invalid
from core.policy import DAY, HOUR
from core.timezones import checked_timezone
from ports.developers import Sort
from services.developers import SearchCriteria
from web.developers import schemas as schemas
from web.shared.access import Who, allow
from web.shared.api import (
    API,
    Body,
    Instant,
    InstantOrDate,
    Listed,
    MoneyBody,
    Paging,
    Query,
    TextList,
    json_response,
    limits,
    page_response,
)
from web.shared.caching import public
from web.shared.context import dependencies, me, now, services, viewer
from web.shared.openapi import document_errors

blueprint = Blueprint("api_developers", __name__, url_prefix=API)
about = tag(["Developers"])

FRESH_SLOTS_S = 5
"""A slot that has just been taken is refused when it is booked, so a cache costs one attempt."""
PREVIEW = 7 * DAY
"""The default range of slots."""
SORTS = {
    "relevance": Sort.RATING,
    "rating": Sort.RATING,
    "rate": Sort.RATE,
    "next_free": Sort.NEXT_FREE,
}


class SearchQuery(Paging):
    q: str = Field(default="", max_length=200)
    skill: TextList = Field(default=[], max_length=10)
    min_rate: int | None = Field(default=None, ge=0, le=10**12)
    max_rate: int | None = Field(default=None, ge=0, le=10**12)
    min_rating: float | None = Field(default=None, ge=0, le=5)
    language: str | None = Field(default=None, max_length=40)
    free_from: Instant | None = None
    free_to: Instant | None = None
    hours: int = Field(default=1, ge=1, le=8)
    timezone: str | None = Field(default=None, max_length=100)
    sort: Literal["relevance", "rating", "rate", "next_free"] = "relevance"


class SlotsQuery(Query):
    from_: InstantOrDate | None = Field(default=None, alias="from")
    to: InstantOrDate | None = None
    hours: int = Field(default=1, ge=1, le=8)
    timezone: str | None = Field(default=None, max_length=100)
    step: Literal["15", "30", "60"] = "15"


class ProfileChange(Body):
    headline: str = limits(maxLength=HEADLINE_MAXIMUM)
    bio: str = limits("", maxLength=BIO_MAXIMUM)
    skills: list[str] = Field(max_length=50)
    rate: MoneyBody
    languages: list[str] = Field(default=[], max_length=50)
    revisions: StrictInt = limits(2, minimum=0, maximum=10)
    published: StrictBool = True


class Cards(TypedDict):
    """A page of profiles."""

    items: list[schemas.DeveloperCard]
    next: str | None
    relaxed: schemas.RelaxedSchema | None


@blueprint.get("/developers")
@allow(Who.ANYONE)
@about
@validate_querystring(SearchQuery)
@document_response(Cards)
async def search(query_args: SearchQuery) -> Response:
    """A page of published developers. `free_from`/`free_to` filter by free hours.

    Those that match more words of `q` come first. If nothing fulfils all criteria, `relaxed` says
    what was left out to find the items; else it is null.
    """
    found = await services().developers.search(_criteria(query_args))
    moment = now()
    items = [schemas.developer_card(developer, now=moment) for developer in found.items]
    page = page_response(items, found.next, relaxed=schemas.relaxed(found.relaxed))
    return await public(page, seconds=10)


@blueprint.get("/developers/<developer_id>")
@allow(Who.ANYONE)
@about
@document_response(schemas.DeveloperProfile)
async def show(developer_id: str) -> Response:
    """A profile with its stored next free hours: one database read."""
    account = viewer()
    developer = await services().developers.get(
        DeveloperId(developer_id), by=account.id if account else None
    )
    free = [Slot(start, start + HOUR) for start in developer.upcoming(now=now())]
    profile = {
        **schemas.developer_card(developer, now=now()),
        "bio": developer.bio,
        "policy": _policy(developer),
        "free": free,
    }
    return await public(json_response(profile), seconds=10)


@blueprint.get("/developers/<developer_id>/slots")
@allow(Who.ANYONE)
@about
@validate_querystring(SlotsQuery)
@document_response(schemas.SlotsSchema)
async def slots(developer_id: str, query_args: SlotsQuery) -> Response:
    """The bookable slots of `hours` hours that start at `from` or later and before `to`.

    Both are times with an offset, or dates: a date is the beginning of that day in `timezone`, by
    default the developer's, so `from=2026-12-01&to=2026-12-08` is seven days.
    """
    since = query_args.from_ or now()
    zone = checked_timezone(query_args.timezone) if query_args.timezone else None
    developer, starts = await services().developers.free_starts(
        DeveloperId(developer_id),
        since=since,
        until=query_args.to or since + PREVIEW,
        hours=query_args.hours,
        step=int(query_args.step) // 15,
        zone=zone,
    )
    free = schemas.slots(starts, hours=query_args.hours)
    found: schemas.SlotsSchema = {"timezone": zone or developer.timezone, "items": free}
    return await public(json_response(found), seconds=FRESH_SLOTS_S)


@blueprint.get("/skills")
@allow(Who.ANYONE)
@about
@document_response(Listed[schemas.SkillSchema])
async def skills() -> Response:
    """The offered skills, with the number of developers of each."""
    found = await services().developers.skills(limit=100)
    items = [{"name": skill.name, "count": skill.count} for skill in found]
    return await public(json_response({"items": items, "next": None}), seconds=60)


@blueprint.get("/developers/me")
@allow(Who.DEVELOPER)
@about
@document_response(schemas.MyProfile)
async def mine() -> Response:
    """The developer's own profile, published or not."""
    developer = await services().developers.own_profile(by=me().id)
    return json_response(schemas.my_profile(developer, now=now()))


@blueprint.put("/developers/me")
@allow(Who.DEVELOPER)
@about
@validate_request(ProfileChange)
@document_response(schemas.MyProfile)
@document_errors(NotPublished)
async def change(data: ProfileChange) -> Response:
    """Save the profile; `published` makes it public. `rate` is per hour."""
    developer = await services().developers.update_profile(
        by=me().id,
        headline=data.headline,
        bio=data.bio,
        skills=tuple(data.skills),
        languages=tuple(data.languages),
        rate=data.rate.money,
        revisions=data.revisions,
        published=data.published,
    )
    return json_response(schemas.my_profile(developer, now=now()))


def _criteria(query: SearchQuery) -> SearchCriteria:
    if query.min_rate and query.max_rate and query.min_rate > query.max_rate:
        raise Invalid(max_rate="The highest price is below the lowest.")
    return SearchCriteria(
        q=query.q,
        skills=tuple(query.skill),
        language=query.language,
        timezone=checked_timezone(query.timezone) if query.timezone else None,
        min_rate=query.min_rate,
        max_rate=query.max_rate,
        min_rating=round(query.min_rating * 100) if query.min_rating else None,
        free_from=query.free_from,
        free_to=query.free_to,
        hours=query.hours,
        sort=SORTS[query.sort],
        limit=query.limit,
        cursor=query.cursor,
    )


def _policy(developer: Developer) -> schemas.PolicySchema:
    terms = replace(dependencies().services.developers.policy.terms, revisions=developer.revisions)
    return {
        "revisions": terms.revisions,
        "fee_percent": terms.fee_percent,
        "refund": [
            {"notice_h": int(step.notice / timedelta(hours=1)), "percent": step.percent}
            for step in terms.refund_steps
        ],
    }
