"""Files sent by a form, without scripts."""

from __future__ import annotations

import pytest
from quart import Response

from core.files import Purpose, State
from ports.storage import MIB
from tests.builders.files import TEXT
from tests.web.site import Browser, SiteWithBooking, build_site_with_booking
from web.shared.access import Who

PATH = "/uploads/delivery"


@pytest.fixture
async def site() -> SiteWithBooking:
    return await build_site_with_booking()


@pytest.fixture
async def browser(site: SiteWithBooking) -> Browser:
    return await site.browser_for(Who.CLIENT)


async def hand_in(browser: Browser, *files: tuple[str, bytes], path: str = PATH) -> Response:
    await browser.look(PATH)
    body, kind = multipart({"csrf_token": browser.token, "back": "/dashboard"}, files)
    return await browser.ask("POST", path, data=body, headers={"Content-Type": kind})


def multipart(form: dict[str, str], files: tuple[tuple[str, bytes], ...]) -> tuple[bytes, str]:
    lines: list[bytes] = []
    for name, value in form.items():
        lines += [
            b"--b",
            f'Content-Disposition: form-data; name="{name}"'.encode(),
            b"",
            value.encode(),
        ]
    for name, content in files:
        head = f'Content-Disposition: form-data; name="files"; filename="{name}"'
        lines += [b"--b", head.encode(), b"Content-Type: text/plain", b"", content]
    return b"\r\n".join([*lines, b"--b--", b""]), "multipart/form-data; boundary=b"


async def test_files_are_sent_checked_and_shown(site: SiteWithBooking, browser: Browser) -> None:
    large = bytes(range(256)) * (9 * MIB // 256)
    answer = await hand_in(browser, ("notes.txt", TEXT), ("data.bin", large))
    assert (answer.status_code, answer.headers["Location"]) == (303, f"{PATH}?back=/dashboard")

    _, html = await browser.look(f"{PATH}?back=/dashboard")
    assert "being checked" in html
    assert "Look again" in html
    await site.app.run()

    _, html = await browser.look(f"{PATH}?back=/dashboard")
    assert "Text, 33\N{NO-BREAK SPACE}bytes, checked" in html
    assert "Look again" not in html
    assert 'href="/dashboard"' in html
    files = await site.app.services.uploads.unused(by=site.client.id, purpose=Purpose.DELIVERY)
    sent = {file.name: file for file in files if file.id != site.file_id}
    assert {name: file.state for name, file in sent.items()} == {
        "notes.txt": State.FINAL, "data.bin": State.FINAL,
    }  # fmt: skip


async def test_what_cannot_be_taken_is_named_and_the_rest_is_kept(
    site: SiteWithBooking, browser: Browser
) -> None:
    answer = await hand_in(browser, ("empty.txt", b""), ("notes.txt", TEXT))

    html = await answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert "empty.txt: This file is empty." in html
    files = await site.app.services.uploads.unused(by=site.client.id, purpose=Purpose.DELIVERY)
    assert sum(file.id != site.file_id for file in files) == 1


async def test_a_form_without_files(browser: Browser) -> None:
    answer = await hand_in(browser)

    assert answer.status_code == 422
    assert "Choose at least one file." in await answer.get_data(as_text=True)


async def test_a_form_that_is_too_large_is_refused_before_it_is_read(browser: Browser) -> None:
    answer = await browser.ask(
        "POST", PATH, data=b"", headers={"Content-Type": "multipart/form-data; boundary=b",
                                         "Content-Length": str(101 * MIB)},
    )  # fmt: skip

    assert answer.status_code == 413


async def test_a_visitor_sends_nothing(site: SiteWithBooking) -> None:
    visitor = Browser(site.quart_app)
    await visitor.look("/login")
    body, kind = multipart({"csrf_token": visitor.token}, (("notes.txt", TEXT),))

    answer = await visitor.ask("POST", PATH, data=body, headers={"Content-Type": kind})

    assert answer.status_code in (302, 303)
    assert answer.headers["Location"].startswith("/login")


async def test_a_file_is_removed_again(site: SiteWithBooking, browser: Browser) -> None:
    await browser.look(PATH)

    answer = await browser.ask(
        "POST", f"{PATH}/{site.file_id}/remove", form={"csrf_token": browser.token}
    )

    assert answer.status_code == 303
    files = await site.app.services.uploads.unused(by=site.client.id, purpose=Purpose.DELIVERY)
    assert files == ()
