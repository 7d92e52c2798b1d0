"""The zone of the times for visitors: of the browser, chosen, and unknown."""

from __future__ import annotations

import re

import pytest

from tests.web.site import Browser, SiteWithBooking, build_site_with_booking


@pytest.fixture
async def site() -> SiteWithBooking:
    return await build_site_with_booking()


async def footer(browser: Browser, path: str = "/rules") -> str:
    _, html = await browser.look(path)
    found = re.search(r"Times are shown in ([^.]+)\.", html)
    assert found
    return found[1]


def verified_zone(html: str) -> str | None:
    """The zone that `zone.js` compares with that of the browser."""
    found = re.search(r'<html[^>]* data-zone="([^"]+)"', html)
    return found[1] if found else None


@pytest.mark.parametrize(
    ("cookie", "shown"),
    [
        ("America/Los_Angeles", "America/Los Angeles (PST, UTC−8)"),
        ("US/Pacific", "America/Los Angeles (PST, UTC−8)"),
        ("Asia/Calcutta", "Asia/Kolkata (IST, UTC+5:30)"),
        ("GMT+0", "UTC"),
        ("Mars/Olympus", "Asia/Kolkata (IST, UTC+5:30)"),
    ],
)
async def test_the_zone_of_the_browser_is_shown_by_its_canonical_name(
    site: SiteWithBooking, cookie: str, shown: str
) -> None:
    browser = Browser(site.quart_app, jar={"zone": cookie})
    assert await footer(browser) == shown


async def test_a_page_of_a_visitor_says_for_which_zone_it_was_made(site: SiteWithBooking) -> None:
    visitor = Browser(site.quart_app)
    _, first = await visitor.look("/login")
    answer = await visitor.ask("POST", "/login", form={"email": "", "csrf_token": visitor.token})
    member = await site.browser_for()
    await member.log_in(site.client)
    _, own = await member.look("/dashboard")

    assert verified_zone(first) == "Asia/Kolkata"
    assert verified_zone(await answer.get_data(as_text=True)) is None
    assert verified_zone(own) is None


async def test_a_visitor_without_scripts_chooses_the_zone_and_returns(
    site: SiteWithBooking,
) -> None:
    browser = await site.browser_for()
    came_from = {"Referer": "https://onehour.test/developers?q=python"}
    chooser = await (await browser.ask("GET", "/time-zone", headers=came_from)).get_data(
        as_text=False
    )
    form = {"timezone": "US/Pacific", "csrf_token": browser.token, "next": "/developers?q=python"}

    answer = await browser.ask("POST", "/time-zone", form=form)
    _, after = await browser.look(answer.headers["Location"])

    assert b'value="/developers?q=python"' in chooser
    assert answer.headers["Location"] == "/developers?q=python"
    assert browser.jar["chosen_zone"] == "America/Los_Angeles"
    assert verified_zone(after) is None
    assert await footer(browser) == "America/Los Angeles (PST, UTC−8)"


async def test_a_visitor_returns_to_the_zone_of_the_device(site: SiteWithBooking) -> None:
    browser = await site.browser_for()
    browser.jar |= {"zone": "Europe/Kiev", "chosen_zone": "UTC"}
    form = {"timezone": "UTC", "automatic": "yes", "csrf_token": browser.token}

    await browser.ask("POST", "/time-zone", form=form)

    assert await footer(browser) == "Europe/Kyiv (EET, UTC+2)"


async def test_an_unknown_zone_is_refused_with_a_sentence_and_the_way_back_is_kept(
    site: SiteWithBooking,
) -> None:
    browser = await site.browser_for()
    form = {"timezone": "Mars/Olympus", "csrf_token": browser.token, "next": "/rules"}

    answer = await browser.ask("POST", "/time-zone", form=form)

    html = await answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert "We do not know this time zone. Choose one of the list" in html
    assert 'name="next" value="/rules"' in html


@pytest.mark.parametrize("target", ["https://evil.example", "//evil.example", "/\\evil.example"])
async def test_the_way_back_stays_on_this_site(site: SiteWithBooking, target: str) -> None:
    browser = await site.browser_for()
    form = {"timezone": "UTC", "csrf_token": browser.token, "next": target}

    answer = await browser.ask("POST", "/time-zone", form=form)

    assert answer.headers["Location"] == "/"


async def test_a_link_on_another_site_leads_to_the_home_page(site: SiteWithBooking) -> None:
    browser = Browser(site.quart_app)
    came_from = {"Referer": "https://evil.example/rules"}

    answer = await browser.ask("GET", "/time-zone", headers=came_from)

    assert b'name="next" value=""' in await answer.get_data(as_text=False)


async def test_an_account_changes_its_zone_on_its_own_page(site: SiteWithBooking) -> None:
    browser = await site.browser_for()
    await browser.log_in(site.client)

    answer = await browser.ask("GET", "/time-zone")

    assert answer.headers["Location"] == "/account"


async def test_lists_of_zones_have_each_place_once_with_its_country_and_offset(
    site: SiteWithBooking,
) -> None:
    _, html = await Browser(site.quart_app).look("/time-zone")
    options = re.findall(r'<option value="([^"]+)"(?: selected)?>([^<]+)</option>', html)
    names, labels = [name for name, _ in options], [label for _, label in options]

    assert ("Asia/Kolkata", "(UTC+05:30) India – Kolkata") in options
    assert ("America/Los_Angeles", "(UTC−08:00) United States – Los Angeles") in options
    assert not {"Asia/Calcutta", "US/Pacific", "Europe/Kiev", "GMT+0", "Etc/UTC"} & set(names)
    assert len(set(names)) == len(names) == len(set(labels))
    assert labels[0].startswith("(UTC−11:00)") and labels[-1].startswith("(UTC+14:00)")
    india, nepal = "(UTC+05:30) India – Kolkata", "(UTC+05:45) Nepal – Kathmandu"
    assert labels.index(india) < labels.index(nepal)
