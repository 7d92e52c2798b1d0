"""A developer's profile as a document, with the fields a search finds and sorts it by."""

from __future__ import annotations

from adapters.mongo.rows import Document
from adapters.mongo.values import money_in, money_out, span_in, span_out
from core.availability import Availability, Window
from core.developers import Developer, DeveloperId, Rating
from ports.developers import Sort, order_key

ORDER_FIELDS = {sort: f"by_{sort}" for sort in Sort}


def to_document(developer: Developer) -> Document:
    """`terms` and the orders are derived, for the indexes; who is not published has no terms."""
    return {
        "_id": developer.id,
        "version": developer.version,
        "account_id": developer.account_id,
        "name": developer.name,
        "availability": _availability_out(developer.availability),
        "headline": developer.headline,
        "bio": developer.bio,
        "skills": list(developer.skills),
        "languages": list(developer.languages),
        "rate": money_out(developer.rate),
        "revisions": developer.revisions,
        "published": developer.published,
        "avatar": developer.avatar,
        "rating": {
            "hundredths": developer.rating.hundredths,
            "count": developer.rating.count,
        },
        "next_times": list(developer.next_times),
        "terms": list(developer.terms) if developer.published else [],
        **{field: order_key(developer, sort) for sort, field in ORDER_FIELDS.items()},
    }


def from_document(document: Document) -> Developer:
    """`bio` is empty where a list did not ask for it."""
    return Developer(
        id=DeveloperId(document["_id"]),
        version=document["version"],
        account_id=document["account_id"],
        name=document["name"],
        availability=_availability_in(document["availability"]),
        headline=document["headline"],
        bio=document.get("bio", ""),
        skills=tuple(document["skills"]),
        languages=tuple(document["languages"]),
        rate=money_in(document["rate"]),
        revisions=document["revisions"],
        published=document["published"],
        avatar=document["avatar"],
        rating=Rating(document["rating"]["hundredths"], document["rating"]["count"]),
        next_times=tuple(document["next_times"]),
    )


def _availability_out(availability: Availability) -> Document:
    return {
        "timezone": availability.timezone,
        "weekly": [
            {"day": window.day, "start": window.start, "end": window.end}
            for window in availability.weekly
        ],
        "minimum_notice": span_out(availability.minimum_notice),
        "horizon": span_out(availability.horizon),
    }


def _availability_in(document: Document) -> Availability:
    return Availability(
        timezone=document["timezone"],
        weekly=tuple(Window(w["day"], w["start"], w["end"]) for w in document["weekly"]),
        minimum_notice=span_in(document["minimum_notice"]),
        horizon=span_in(document["horizon"]),
    )
