"""The time zones of the sign-up: few, and all for who asks for them."""

from __future__ import annotations

import pytest

from tests.app import PASSWORD
from tests.web.observatory import tags
from tests.web.site import Browser, SiteWithBooking, build_site_with_booking

ZONES = 300
"""There are more than these in the whole list."""


@pytest.fixture
async def site() -> SiteWithBooking:
    return await build_site_with_booking()


def options(html: str) -> list[str]:
    return [tag["value"] for tag in tags(html, "option")]


def selected(html: str) -> list[str]:
    return [tag["value"] for tag in tags(html, "option") if "selected" in tag]


async def sign_up(browser: Browser, timezone: str, **changes: str) -> tuple[int, str]:
    form = {
        "name": "Nora Near", "email": "nora@example.com", "password": PASSWORD,
        "timezone": timezone, "csrf_token": browser.token, **changes,
    }  # fmt: skip
    answer = await browser.ask("POST", "/sign-up/client", form=form)
    return answer.status_code, await answer.get_data(as_text=True)


async def test_few_zones_are_listed_and_the_present_one_is_chosen(site: SiteWithBooking) -> None:
    _, html = await Browser(site.quart_app).look("/sign-up/client")

    assert selected(html) == ["Asia/Kolkata"]
    assert {"Asia/Kolkata", "Asia/Colombo", "other"} <= set(options(html))
    assert "Europe/Berlin" not in options(html)
    assert len(options(html)) < 20


@pytest.mark.parametrize("role", ["client", "developer"])
async def test_another_zone_leads_to_all_of_them_and_nothing_typed_is_lost(
    site: SiteWithBooking, role: str
) -> None:
    browser = Browser(site.quart_app)
    await browser.look(f"/sign-up/{role}")

    status, html = await sign_up(browser, "other")

    assert status == 422
    assert "Choose your time zone." in html
    assert len(options(html)) > ZONES
    assert selected(html) == ["Asia/Kolkata"]
    assert "other" not in options(html)
    typed = {tag.get("name"): tag.get("value") for tag in tags(html, "input")}
    assert (typed["name"], typed["email"]) == ("Nora Near", "nora@example.com")
    assert typed["password"] == PASSWORD
    assert await site.app.store.repositories.accounts.find_by_email("nora@example.com") is None

    status, html = await sign_up(browser, "Europe/Berlin")

    assert status == 200
    account = await site.app.store.repositories.accounts.find_by_email("nora@example.com")
    assert account is not None
    assert account.timezone == "Europe/Berlin"


async def test_a_refused_form_lists_the_zones_of_its_choice(site: SiteWithBooking) -> None:
    browser = Browser(site.quart_app)
    await browser.look("/sign-up/client")

    status, html = await sign_up(browser, "Europe/Berlin", name="")

    assert status == 422
    assert selected(html) == ["Europe/Berlin"]
    assert {"Europe/Paris", "other"} <= set(options(html))
    assert len(options(html)) < 100


async def test_what_is_no_zone_is_still_refused(site: SiteWithBooking) -> None:
    browser = Browser(site.quart_app)
    await browser.look("/sign-up/client")
    for timezone in ("Mars/Base", "../../etc/passwd", "Europe"):
        status, html = await sign_up(browser, timezone)
        assert status == 422
        assert "other" in options(html)
