"""Panels of capabilities on the pages of others."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
from markupsafe import escape

from core.bookings import Booking
from core.developers import DeveloperId
from core.jobs import JobId
from core.policy import HOUR
from tests.web.site import SiteWithBooking, build_site_with_booking
from web.shared.access import Who
from web.shared.capabilities import Panel, Slot, WebCapability

AHEAD = (Who.CLIENT, "/bookings/{ahead_id}", ["booking", "job"])
"""The page of a booking whose next step is the meeting."""
PAGES: dict[Slot, tuple[Who, str, list[str]]] = {
    Slot.PROFILE: (Who.ANYONE, "/developers/{developer_id}", ["developer"]),
    Slot.PROFILE_FACTS: (Who.ANYONE, "/developers/{developer_id}", ["developer"]),
    Slot.PROFILE_END: (Who.ANYONE, "/developers/{developer_id}", ["developer"]),
    Slot.BOOKING_FORM: (
        Who.ANYONE,
        "/developers/{developer_id}",
        ["developer", "errors", "fields"],
    ),
    Slot.SEARCH_ROW: (Who.ANYONE, "/developers", ["developer"]),
    Slot.SEARCH_FACTS: (Who.ANYONE, "/developers", ["developer"]),
    Slot.LISTED_BOOKING: (Who.DEVELOPER, "/dashboard", ["booking"]),
    Slot.CASE: (Who.CLIENT, "/disputes/{dispute_id}", ["booking"]),
    Slot.CALL: (Who.CLIENT, "/bookings/{booking_id}/call", ["booking"]),
    Slot.CALL_PAD: (Who.CLIENT, "/bookings/{booking_id}/call", ["booking"]),
    Slot.BOOKING: AHEAD,
    Slot.BOOKING_MAIN: AHEAD,
    Slot.BOOKING_TOP: AHEAD,
    Slot.BOOKING_NEXT: AHEAD,
    Slot.DELIVERY: (
        Who.CLIENT,
        "/jobs/{job_id}/deliveries/1",
        ["booking", "delivery", "job"],
    ),
    Slot.CLIENT_DASHBOARD: (Who.CLIENT, "/dashboard", []),
    Slot.DEVELOPER_DASHBOARD: (Who.DEVELOPER, "/dashboard", ["developer"]),
    Slot.WELCOME: (Who.CLIENT, "/welcome", []),
    Slot.PREFERENCES: (Who.CLIENT, "/notifications/preferences", []),
    Slot.ADMIN: (Who.ADMIN, "/admin/people", []),
    Slot.OVERVIEW: (Who.ADMIN, "/admin", []),
    Slot.CHECKOUT: (Who.ANYONE, "/checkout/{provider}/session_123", ["provider"]),
}


def shown(value: object) -> str:
    return str(getattr(value, "id", value))


def showing(slot: Slot) -> Panel:
    """Shows the facts of its slot."""

    async def render(facts: Mapping[str, object]) -> str:
        text = " ".join(f"{name}={shown(value)}" for name, value in sorted(facts.items()))
        return f'<p class="panel-{slot}">{escape(text)}</p>'

    return Panel(slot, render)


async def failing(facts: Mapping[str, object]) -> str | None:
    raise ZeroDivisionError


async def empty(facts: Mapping[str, object]) -> str | None:
    return None


@pytest.fixture(scope="module")
async def site() -> SiteWithBooking:
    panels = tuple(showing(slot) for slot in Slot)
    wrong = tuple(Panel(slot, render) for slot in Slot for render in (failing, empty))
    site = await build_site_with_booking(
        added=[WebCapability(name="panels", panels=(*wrong, *panels))]
    )
    await site.app.services.jobs.deliver(JobId(site.job_id), by=site.developer.id, note="Done.")
    site.app.clock.advance(site.booking.start - site.app.clock.now())  # the room is open
    return site


@pytest.fixture(scope="module")
async def ahead(site: SiteWithBooking) -> Booking:
    developer = await site.app.store.repositories.developers.get(DeveloperId(site.developer_id))
    return await site.app.confirmed(site.client, developer, starts_in=30 * HOUR)


def test_every_slot_has_its_page() -> None:
    assert list(PAGES) == list(Slot)


@pytest.mark.parametrize("slot", Slot)
async def test_a_panel_is_rendered_in_its_slot_with_its_facts(
    slot: Slot, site: SiteWithBooking, ahead: Booking
) -> None:
    who, path, names = PAGES[slot]
    visitor = await site.browser_for(who)

    names_in_path = {
        "developer_id": site.developer_id,
        "booking_id": site.booking.id,
        "ahead_id": ahead.id,
        "job_id": site.job_id,
        "dispute_id": site.dispute_id,
        "provider": site.app.gateway.name,
    }
    answer, html = await visitor.look(path.format(**names_in_path))

    assert answer.status_code == 200
    booking = ahead if PAGES[slot] is AHEAD else site.booking
    facts: dict[str, Any] = {
        "booking": booking.id,
        "job": (await site.app.job(booking)).id,
        "delivery": f"dlv_{site.job_id.removeprefix('job_')}_1",
        "developer": site.developer_id,
        "provider": site.app.gateway.name,
        "fields": {},
        "errors": {},
    }
    given = {name: facts[name] for name in names}
    viewers = {Who.CLIENT: site.client, Who.DEVELOPER: site.developer, Who.ADMIN: site.admin}
    given["viewer"] = viewers[who].id if who in viewers else None
    text = " ".join(f"{name}={value}" for name, value in sorted(given.items()))
    of_page = {other for other, page in PAGES.items() if page[:2] == (who, path)}
    count = html.count(f'<p class="panel-{slot}">{text}</p>')
    assert count >= 1 if slot is Slot.LISTED_BOOKING else count == 1
    others = {other for other in Slot if f"panel-{other}" in html}
    assert others | {Slot.LISTED_BOOKING} == of_page | {Slot.LISTED_BOOKING}  # rows of both sides


async def test_a_panel_that_fails_is_logged(
    site: SiteWithBooking, caplog: pytest.LogCaptureFixture
) -> None:
    visitor = await site.browser_for()

    answer, _ = await visitor.look("/developers")

    assert answer.status_code == 200
    logged = [record.getMessage() for record in caplog.records]
    assert "a panel of the slot search_row failed" in logged
