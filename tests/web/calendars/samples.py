"""Calendars: everybody has a feed."""

from __future__ import annotations

from tests.web.every_role import SiteWithEveryRole
from tests.web.route_samples import NO_BODY, PathVariable, RouteSamples


async def prepare(site: SiteWithEveryRole) -> None:
    for person in site.people.values():
        if person.account:
            secret = await site.app.services.feeds.renew(by=person.account.id)
            site.facts.setdefault("feed_secret", secret)


SAMPLES = RouteSamples(
    bodies={
        "calendars.renew": NO_BODY,
        "calendars.remove": NO_BODY,
        "api_calendars.renew": NO_BODY,
        "api_calendars.remove": NO_BODY,
    },
    variables={
        "feed_secret": PathVariable(
            example=lambda site: "x" * 43,
            known=lambda site: site.facts["feed_secret"],
            absent="y" * 43,
        ),
    },
    prepare=prepare,
)
