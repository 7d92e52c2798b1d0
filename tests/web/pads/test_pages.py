"""The pages of a pad, without scripts, and its API."""

from __future__ import annotations

from base64 import b64decode, b64encode
from typing import Any

import pytest

from core.pads_policy import PadPolicy
from core.policy import HOUR, Policies
from tests.app import memory_app
from tests.services.yjs import Writer
from tests.web.site import Browser, SiteWithBooking, build_site_with_booking
from web.shared.access import Who
from web.shared.cookies import HEADER

CODE = 'def f():\n    return "<script>alert(1)</script>"  # \x00\u202e\n'


@pytest.fixture
async def site() -> SiteWithBooking:
    return await build_site_with_booking()


async def write(site: SiteWithBooking, text: str) -> None:
    pads = site.app.services.pads
    await pads.change(site.booking.id, Writer().write(text), by=site.client.id)
    await pads.choose(site.booking.id, "python", by=site.client.id)


def path_of(site: SiteWithBooking, rest: str = "") -> str:
    return f"/bookings/{site.booking.id}/pad{rest}"


async def test_while_it_is_open_the_page_has_an_editor_and_the_text(site: SiteWithBooking) -> None:
    await write(site, CODE)
    developer = await site.browser_for(Who.DEVELOPER)

    answer, html = await developer.look(path_of(site))

    policy = answer.headers["Content-Security-Policy"]
    nonce = html.split('type="importmap" nonce="')[1].split('"')[0]
    assert f"style-src 'self' 'nonce-{nonce}'" in policy
    assert "data-pad=" in html and "pads/js/pad.js" in html
    assert html.index('type="importmap"') < html.index('type="module"')
    assert '<span class="hl-k">def</span>' in html
    assert "<script>alert" not in html and "␀[U+202E]" in html


async def test_afterwards_the_page_has_the_text_to_read_and_to_download(
    site: SiteWithBooking,
) -> None:
    await write(site, CODE)
    site.app.clock.advance(site.booking.end + HOUR - site.app.clock.now())
    client = await site.browser_for(Who.CLIENT)

    _, booking = await client.look(f"/bookings/{site.booking.id}")
    answer, html = await client.look(path_of(site))
    file = await client.ask("GET", path_of(site, "/text"))

    assert "Read the pad" in booking and "Python, 2\N{NO-BREAK SPACE}lines" in booking
    assert "data-pad=" not in html and "importmap" not in html
    assert '<span class="hl-k">return</span>' in html
    assert "style-src 'self';" in answer.headers["Content-Security-Policy"]
    assert await file.get_data(as_text=True) == CODE
    assert file.headers["Content-Type"] == "text/plain; charset=utf-8"
    assert file.headers["Content-Disposition"] == (
        f'attachment; filename="pad-{site.booking.number}.py"'
    )


async def test_the_pages_of_others_show_nothing(site: SiteWithBooking) -> None:
    await write(site, CODE)
    other, _ = await site.app.client("Nils")
    browser = Browser(site.quart_app)
    await browser.look("/login")
    await browser.log_in(other)

    for path in (path_of(site), path_of(site, "/text"), f"/api/v1{path_of(site)}"):
        answer = await browser.ask("GET", path)
        assert answer.status_code == 404, path


async def test_programs_read_the_text_and_exchange_changes(site: SiteWithBooking) -> None:
    await write(site, "x = 1\n")
    client = await site.browser_for(Who.CLIENT)
    page = Writer()
    page.write("# ")

    answer = await client.ask(
        "POST",
        f"/api/v1{path_of(site, '/sync')}",
        json={
            "vector": b64encode(page.vector()).decode(),
            "change": b64encode(page.all()).decode(),
        },
        headers={HEADER: client.token},
    )
    found = await answer.get_json()
    page.hear(b64decode(found["change"]))
    read = await (await client.ask("GET", f"/api/v1{path_of(site)}")).get_json()

    assert (found["seq"], found["language"], found["editable"]) == (2, "python", True)
    assert page.text == read["text"] and sorted(page.text) == sorted("# x = 1\n")
    assert (read["language"], read["size"], read["editable"]) == ("python", 8, True)


async def test_a_pad_that_was_changed_too_often_takes_only_what_makes_it_smaller() -> None:
    policy = PadPolicy(pad_bytes_maximum=20_000, pad_changes_per_minute=10_000)
    site = await build_site_with_booking(app=memory_app(policies=Policies(policy)))
    client, page = await site.browser_for(Who.CLIENT), Writer.of_long_name()

    async def send(change: bytes) -> dict[str, Any]:
        answer = await client.ask(
            "POST",
            f"/api/v1{path_of(site, '/sync')}",
            json={
                "change": b64encode(change).decode(),
                "vector": b64encode(page.vector()).decode(),
            },
            headers={HEADER: client.token},
        )
        return {"status": answer.status_code, **await answer.get_json()}

    answer, stored = await send(page.write("ab")), 0
    while answer["status"] == 200:
        stored = len(page.text)
        answer = await send(page.wear_out())

    assert (answer["status"], answer["code"]) == (409, "pad_worn_out")
    assert "Copy the text, and go on in the chat" in answer["detail"]
    read = await (await client.ask("GET", f"/api/v1{path_of(site)}")).get_json()
    assert read["size"] == stored < 20_000

    refused = page.unsent[-1]
    for change in (page.delete(1_000, stored), refused):
        assert (await send(change))["status"] == 200
    read = await (await client.ask("GET", f"/api/v1{path_of(site)}")).get_json()
    assert read["text"] == page.text


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({"change": "no base64"}, 422, "invalid"),
        ({"change": "AAAA"}, 422, "malformed_change"),
        ({"vector": "/////w=="}, 422, "malformed_change"),
        ({"change": "x" * 800_100}, 422, "invalid"),
        ({"unknown": ""}, 422, "invalid"),
    ],
)
async def test_what_is_no_exchange_is_refused(
    site: SiteWithBooking, body: dict[str, str], status: int, code: str
) -> None:
    client = await site.browser_for(Who.CLIENT)

    answer = await client.ask(
        "POST", f"/api/v1{path_of(site, '/sync')}", json=body, headers={HEADER: client.token}
    )

    assert (answer.status_code, (await answer.get_json())["code"]) == (status, code)
