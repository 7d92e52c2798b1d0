"""The page of the hours: rows without scripts, errors by row, days off and extra hours."""

from __future__ import annotations

import re
from datetime import date
from html import unescape

import pytest
from quart import Response

from core.availability import Availability
from core.calendar_exceptions import CalendarException, ExceptionKind
from core.developers import DeveloperId
from core.weekly_hours import SPANS_MAXIMUM, Window
from tests.web.observatory import tags
from tests.web.site import Browser, SiteWithBooking, build_site_with_booking
from web.shared.access import Who

PATH = "/profile/hours"
SETTINGS = {"timezone": "Asia/Kolkata", "notice": "4", "horizon": "60"}
PAGE_BYTES = 30_000
SATURDAY = date(2026, 12, 5)


@pytest.fixture
async def site() -> SiteWithBooking:
    return await build_site_with_booking()


@pytest.fixture
async def developer(site: SiteWithBooking) -> Browser:
    return await site.browser_for(Who.DEVELOPER)


async def post(browser: Browser, **fields: str) -> tuple[Response, str]:
    """Posts the form; `from_0_1` stands for `from-0-1`."""
    named = {name.replace("_", "-"): text for name, text in fields.items()}
    form = {**SETTINGS, "csrf_token": browser.token, **named}
    answer = await browser.ask("POST", PATH, form=form)
    return answer, unescape(await answer.get_data(as_text=True))


def rows(html: str) -> dict[str, str]:
    """The typed times by the name of their field."""
    found = {tag["name"]: tag["value"] for tag in tags(html, "input") if "value" in tag}
    return {name: text for name, text in found.items() if re.match(r"(from|to)-\d", name)}


async def stored(site: SiteWithBooking) -> Availability:
    found = await site.app.store.repositories.developers.get(DeveloperId(site.developer_id))
    return found.availability


async def test_the_week_is_saved_as_it_was_typed(site: SiteWithBooking, developer: Browser) -> None:
    answer, _ = await post(
        developer, from_0_0="9", to_0_0="12.30", from_0_1="1330", to_0_1="24:00", from_6_0="22:00",
        to_6_0="0:00", from_3_0="", to_3_0="",
    )  # fmt: skip

    assert (answer.status_code, answer.headers["Location"]) == (303, f"{PATH}?saved=week")
    assert (await stored(site)).weekly == (
        Window(0, 540, 750), Window(0, 810, 1440), Window(6, 1320, 1440)
    )  # fmt: skip


async def test_errors_name_the_row_link_to_it_and_keep_what_was_typed(
    site: SiteWithBooking, developer: Browser
) -> None:
    before = await stored(site)

    answer, html = await post(
        developer, from_1_0="09:00", to_1_0="12:00", from_1_1="14:00", to_1_1="13:00",
        from_2_0="morning", to_2_0="", from_3_0="8.20", to_3_0="noon", notice="soon",
    )  # fmt: skip

    assert answer.status_code == 422
    for link in (
        '<a href="#to-1-1">Tuesday, second span</a>: Ends before it starts.',
        '<a href="#to-2-0">Wednesday, first span</a>: Enter when the span ends.',
        '<a href="#to-3-0">Thursday, first span</a>: Write times as HH:MM, for example 09:30.',
        '<a href="#minimum_notice_h">Notice</a>: Enter a whole number.',
    ):
        assert link in html
    assert re.search(r'id="to-1-1"[^>]*aria-invalid="true"[^>]*"to-1-1-error"', html)
    assert rows(html) == {
        "from-1-0": "09:00", "to-1-0": "12:00", "from-1-1": "14:00", "to-1-1": "13:00",
        "from-2-0": "morning", "to-2-0": "", "from-3-0": "8.20", "to-3-0": "noon",
    }  # fmt: skip
    assert await stored(site) == before


async def test_an_overlap_names_the_other_span(developer: Browser) -> None:
    _, html = await post(
        developer, from_1_0="09:00", to_1_0="12:00", from_1_1="11:00", to_1_1="13:00"
    )
    assert "Tuesday, second span</a>: Overlaps 09:00 to 12:00." in html


async def test_rows_are_added_removed_copied_and_filled_without_saving(
    site: SiteWithBooking, developer: Browser
) -> None:
    before = await stored(site)
    monday = {"from_0_0": "09:00", "to_0_0": "12:00", "from_0_1": "13:00", "to_0_1": "17:00"}

    _, added = await post(developer, action="add-0", **monday)
    _, removed = await post(developer, action="remove-0-0", **monday)
    _, copied = await post(
        developer, action="copy-0", from_3_0="1", to_3_0="2", copy_0_3="on", copy_0_6="on", **monday
    )
    _, filled = await post(developer, action="preset-office", from_6_0="1", to_6_0="2")

    assert list(rows(added).values()) == ["09:00", "12:00", "13:00", "17:00", "", ""]
    assert re.search(r'id="from-0-2"[^>]* autofocus', added)
    assert rows(removed) == {"from-0-0": "13:00", "to-0-0": "17:00"}
    assert {name: text for name, text in rows(copied).items() if "-0-" not in name} == {
        "from-3-0": "09:00", "to-3-0": "12:00", "from-3-1": "13:00", "to-3-1": "17:00",
        "from-6-0": "09:00", "to-6-0": "12:00", "from-6-1": "13:00", "to-6-1": "17:00",
    }  # fmt: skip
    assert "Monday was copied to Thursday and Sunday. Nothing is saved yet." in copied
    assert rows(filled) == {
        name: text
        for day in range(5)
        for name, text in ((f"from-{day}-0", "09:00"), (f"to-{day}-0", "17:00"))
    }
    assert await stored(site) == before


@pytest.mark.parametrize(
    "action", ["add-7", "add-", "remove-0-99", "copy-x", "preset-none", "add-0-0-0", "zones-0"]
)
async def test_a_malformed_action_changes_nothing(
    site: SiteWithBooking, developer: Browser, action: str
) -> None:
    before = await stored(site)
    answer, html = await post(developer, action=action, from_0_0="09:00", to_0_0="12:00")
    assert answer.status_code == 200
    assert rows(html)["from-0-0"] == "09:00"
    assert await stored(site) == before


async def test_a_full_day_has_no_button_to_add(developer: Browser) -> None:
    full = {f"{side}_0_{n}": "" for n in range(SPANS_MAXIMUM) for side in ("from", "to")}
    _, html = await post(developer, action="add-0", **full)
    assert len(rows(html)) == 2 * SPANS_MAXIMUM
    assert 'value="add-0"' not in html


async def test_all_zones_are_shown_when_asked_for_and_stay(developer: Browser) -> None:
    _, short = await developer.look(PATH)
    _, long = await post(developer, action="zones", from_0_0="9", to_0_0="12")
    _, after = await post(developer, action="add-0", zones="all")

    assert short.count("<option value=") < 13
    assert "(UTC+02:00) Ukraine – Kyiv" not in short
    assert "(UTC+02:00) Ukraine – Kyiv" in long
    assert rows(long) == {"from-0-0": "9", "to-0-0": "12"}
    assert "(UTC+02:00) Ukraine – Kyiv" in after


async def test_days_off_are_added_and_the_bookings_that_stand_are_named(
    site: SiteWithBooking, developer: Browser
) -> None:
    day = site.booking.start.date().isoformat()

    answer, _ = await post(developer, **as_stored(await stored(site)), action="except",
                           kind="days_off", x_from=day)  # fmt: skip
    _, html = await developer.look(answer.headers["Location"])

    assert answer.headers["Location"] == f"{PATH}?saved=added"
    assert [each.kind for each in (await stored(site)).exceptions] == [ExceptionKind.DAYS_OFF]
    assert f"{site.booking.client.name} has booked" in html
    assert "The booking stands." in " ".join(html.split())
    assert f'href="/bookings/{site.booking.id}"' in html


async def test_extra_hours_are_stored_and_unsaved_rows_are_kept(
    site: SiteWithBooking, developer: Browser
) -> None:
    answer, html = await post(
        developer, action="except", kind="extra_hours", x_from="2026-12-05", x_start="10",
        x_end="0:00", from_2_0="9", to_2_0="11",
    )  # fmt: skip

    assert answer.status_code == 200
    assert (await stored(site)).exceptions == (
        CalendarException(ExceptionKind.EXTRA_HOURS, SATURDAY, SATURDAY, 600, 1440),
    )
    assert rows(html) == {"from-2-0": "9", "to-2-0": "11"}
    assert "10:00 to 24:00" in html


async def test_saving_the_week_also_adds_what_was_filled_in(
    site: SiteWithBooking, developer: Browser
) -> None:
    answer, _ = await post(developer, from_0_0="9", to_0_0="11", x_from="2026-12-05")

    saved = await stored(site)
    assert answer.status_code == 303
    assert saved.weekly == (Window(0, 540, 660),)
    assert [each.id for each in saved.exceptions] == ["off_20261205_20261205"]


async def test_a_wrong_exception_is_named_beside_its_fields(
    site: SiteWithBooking, developer: Browser
) -> None:
    answer, html = await post(
        developer, action="except", kind="extra_hours", x_from="2026-11-01", x_start="noon",
        x_end="9",
    )  # fmt: skip
    _, later = await post(developer, action="except", kind="days_off", x_from="2026-11-01")

    assert answer.status_code == 422
    assert '<a href="#x-start">Extra hours, from</a>: Write times as HH:MM' in html
    assert re.search(r'value="extra_hours"\s+checked', html)
    assert '<a href="#x-from">Date</a>: Choose a day from today on.' in later
    assert (await stored(site)).exceptions == ()


async def test_an_exception_is_removed_also_twice(
    site: SiteWithBooking, developer: Browser
) -> None:
    await post(developer, action="except", x_from="2026-12-05")
    as_is = as_stored(await stored(site))

    first, _ = await post(developer, **as_is, action="delete-off_20261205_20261205")
    second, _ = await post(developer, **as_is, action="delete-off_20261205_20261205")

    assert first.headers["Location"] == second.headers["Location"] == f"{PATH}?saved=removed"
    assert (await stored(site)).exceptions == ()


async def test_a_row_added_after_the_session_has_ended_leads_to_the_log_in_as_a_whole_page(
    site: SiteWithBooking, developer: Browser
) -> None:
    """htmx would put the page of the log-in into the place of the form."""
    await developer.look(PATH)
    sessions = site.app.store.repositories.sessions
    for session in await sessions.of_account(site.developer.id):
        await sessions.remove(session.id)
    form = {**SETTINGS, "csrf_token": developer.token, "action": "add-0", "from-0-0": "09:00"}
    own_page = {"HX-Request": "true", "Sec-Fetch-Site": "same-origin"}

    answer = await developer.ask("POST", PATH, form=form, headers=own_page)

    assert answer.status_code == 204
    assert answer.headers["HX-Redirect"].startswith("/login?next=/profile/hours?resume")


async def test_the_page_is_small(site: SiteWithBooking, developer: Browser) -> None:
    """Five days with two spans each; 97 times to choose from are in the page once."""
    spans = {
        f"{side}_{day}_{n}": time
        for day in range(5)
        for n, span in enumerate((("09:00", "12:00"), ("13:00", "17:00")))
        for side, time in zip(("from", "to"), span, strict=True)
    }
    await post(developer, **spans)

    answer = await developer.ask("GET", PATH)

    assert len(await answer.get_data(as_text=False)) < PAGE_BYTES


def as_stored(offer: Availability) -> dict[str, str]:
    """The fields of the rows as the page shows them."""
    fields = {}
    for day in range(7):
        for number, window in enumerate(w for w in offer.weekly if w.day == day):
            for side, minutes in (("from", window.start), ("to", window.end)):
                fields[f"{side}_{day}_{number}"] = f"{minutes // 60:02d}:{minutes % 60:02d}"
    return fields
