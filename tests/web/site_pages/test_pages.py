"""Privacy notice, terms and help, and where they and the support are linked."""

from __future__ import annotations

from dataclasses import replace

import pytest
from quart import Quart

from tests.app import SUPPORT, MemoryApp
from tests.web.site import Browser, app_of
from web.shared.site_pages import SitePage
from web.site_pages import NAMES

MAILTO = f'href="mailto:{SUPPORT}"'
HELP = '<a href="/help">Help</a>'


def site_of(app: MemoryApp, *, support: str = SUPPORT, pages: bool = False) -> Quart:
    quart_app = app_of(app)
    dependencies = quart_app.extensions["dependencies"]
    texts = {name: SitePage(f"Our {name}", f"<p>What {name} says.</p>") for name in NAMES}
    site = replace(dependencies.site, support_email=support, pages=texts if pages else {})
    quart_app.extensions["dependencies"] = replace(dependencies, site=site)
    return quart_app


@pytest.mark.parametrize("name", NAMES)
async def test_the_text_of_the_operator_is_shown(app: MemoryApp, name: str) -> None:
    page, html = await Browser(site_of(app, pages=True)).look(f"/{name}")

    assert page.status_code == 200
    assert f"<h1>Our {name}</h1>" in html
    assert f"<p>What {name} says.</p>" in html
    assert MAILTO in html


@pytest.mark.parametrize("name", NAMES)
async def test_the_text_of_the_software_says_that_it_is_not_the_operators(
    app: MemoryApp, name: str
) -> None:
    page, html = await Browser(site_of(app)).look(f"/{name}")

    assert page.status_code == 200
    assert html.count("<h1>") == 1
    assert "This is the text that comes with the software." in html


async def test_every_page_links_help_terms_and_privacy(app: MemoryApp) -> None:
    browser = Browser(site_of(app))

    for path in ("/", "/developers", "/login", "/nowhere", "/help"):
        _, html = await browser.look(path)
        foot = html.partition('<footer class="foot">')[2]
        assert all(f'href="/{name}"' in foot for name in NAMES), path


@pytest.mark.parametrize("role", ["client", "developer"])
async def test_who_signs_up_sees_what_they_accept(app: MemoryApp, role: str) -> None:
    _, html = await Browser(site_of(app)).look(f"/sign-up/{role}")
    form = html.partition("<main")[2].partition("Already have an account?")[0]

    assert 'you accept the <a href="/terms">terms</a>' in form
    assert '<a href="/privacy">privacy notice</a>' in form


async def test_an_error_page_says_where_to_get_help(app: MemoryApp) -> None:
    _, named = await Browser(site_of(app)).look("/nowhere")
    _, unnamed = await Browser(site_of(app, support="")).look("/nowhere")

    assert MAILTO in named
    assert "mailto:" not in unnamed
    assert HELP in unnamed


async def test_a_paid_booking_says_where_to_ask_about_it(app: MemoryApp) -> None:
    (client, _), developer = await app.client(), await app.developer()
    held = await app.hold(client, developer)
    paid = await app.paid(client, developer, starts_in=held.end - app.clock.now())

    browser = Browser(site_of(app))
    await browser.look("/login")
    await browser.log_in(client)
    _, unpaid_page = await browser.look(f"/bookings/{held.id}")
    _, paid_page = await browser.look(f"/bookings/{paid.id}")

    assert "Questions about this booking?" not in unpaid_page
    assert f'href="mailto:{SUPPORT}?subject=Booking%20{paid.number}"' in paid_page


async def test_without_a_support_address_a_paid_booking_links_the_help_page(
    app: MemoryApp,
) -> None:
    (client, _), developer = await app.client(), await app.developer()
    booking = await app.paid(client, developer)

    browser = Browser(site_of(app, support=""))
    await browser.look("/login")
    await browser.log_in(client)
    _, html = await browser.look(f"/bookings/{booking.id}")

    assert f"Questions about this booking? {HELP}" in html
    assert "mailto:" not in html
