"""Logging in from a network with many wrong passwords: on the page and over the API."""

from __future__ import annotations

import re
from typing import Any

import pytest
from quart import Response

from tests.app import PASSWORD
from tests.web.site import Browser, SiteWithBooking, build_site_with_booking
from web.shared.cookies import HEADER

API = "/api/v1"


@pytest.fixture
async def site() -> SiteWithBooking:
    """Its only network has sent ten wrong passwords."""
    site = await build_site_with_booking()
    browser = Browser(site.quart_app)
    await browser.look("/login")
    for n in range(10):
        answer = await api(browser, "/auth/login", email=f"g{n}@example.com", password="x")
        assert answer.status_code == 401
    return site


async def api(browser: Browser, path: str, **body: str) -> Response:
    return await browser.ask("POST", API + path, json=body, headers={HEADER: browser.token})


async def submit(browser: Browser, **form: str) -> tuple[Response, str]:
    answer = await browser.ask("POST", "/login", form={**form, "csrf_token": browser.token})
    return answer, str(await answer.get_data(as_text=True))


async def problem(answer: Response) -> tuple[int, str]:
    body: dict[str, Any] = await answer.get_json()
    return answer.status_code, body["code"]


async def test_the_page_asks_for_a_code_and_keeps_what_was_typed(site: SiteWithBooking) -> None:
    browser, email = Browser(site.quart_app), site.client.email
    _, html = await browser.look("/login")
    assert 'name="code"' not in html

    answer, html = await submit(browser, email=email, password=PASSWORD)
    await site.app.run()

    assert answer.status_code == 401
    assert "Enter a code from your e-mail, too." in html
    assert 'name="code"' in html
    assert f'value="{PASSWORD}"' in html
    answer, html = await submit(browser, email=email, password=PASSWORD, code="12345")
    assert answer.status_code == 422
    assert "The code has 6 digits. You entered 5." in html
    code = site.app.code_for(email)
    answer, _ = await submit(browser, email=email, password=PASSWORD, code=f"{code[:3]} {code[3:]}")
    assert answer.status_code == 303
    assert (await browser.look("/account"))[0].status_code == 200


async def test_the_page_is_the_same_for_all_passwords_and_addresses(site: SiteWithBooking) -> None:
    mine, wrong, nobody = site.client.email, "blue-elephants", "no@example.com"
    pages = set()
    for email, password in ((mine, PASSWORD), (mine, wrong), (nobody, PASSWORD)):
        browser = Browser(site.quart_app)
        await browser.look("/login")
        answer, html = await submit(browser, email=email, password=password)
        for secret in (browser.token, email, password):
            html = html.replace(secret, "")
        pages.add((answer.status_code, re.sub(r'nonce="[^"]+"', "", html)))

    assert len(pages) == 1, "the answer depends on the password or on the account"


async def test_a_browser_of_the_api_sends_the_code_along(site: SiteWithBooking) -> None:
    browser, asked = Browser(site.quart_app), {"email": site.client.email, "password": PASSWORD}
    await browser.look("/login")
    refused = await api(browser, "/auth/login", **asked)
    await site.app.run()

    assert await problem(refused) == (401, "mailbox_code_required")
    wrong = await api(browser, "/auth/login", **asked, code="000000")
    assert await problem(wrong) == (422, "wrong_code")
    code = site.app.code_for(site.client.email)
    assert (await api(browser, "/auth/login", **asked, code=code)).status_code == 200


async def test_a_program_sends_the_code_along(site: SiteWithBooking) -> None:
    program, asked = Browser(site.quart_app), {"email": site.client.email, "password": PASSWORD}
    refused = await api(program, "/auth/token", **asked)
    await site.app.run()

    assert await problem(refused) == (401, "mailbox_code_required")
    code = site.app.code_for(site.client.email)
    assert (await api(program, "/auth/token", **asked, code=code)).status_code == 200
