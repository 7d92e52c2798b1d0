"""Uploads, files and their links over HTTP."""

from __future__ import annotations

import random
from dataclasses import dataclass
from typing import Any

import pytest
from quart import Response

from core.files import FileId, State
from ports.storage import PART_SIZE
from tests.builders.files import TEXT, final, hash_of
from tests.web.site import Browser, SiteWithBooking, build_site_with_booking
from web.shared.access import Who
from web.shared.cookies import HEADER

API = "/api/v1"
LARGE = random.Random(1).randbytes(PART_SIZE + 1000)
PLAIN = {"purpose": "delivery", "name": "notes.txt", "type": "text/plain"}


@dataclass
class Page:
    """A page with scripts."""

    browser: Browser

    async def ask(self, method: str, path: str, json: object = None) -> tuple[int, Any]:
        more = {} if json is None else {"json": json}
        answer = await self.browser.ask(
            method, f"{API}{path}", headers={HEADER: self.browser.token}, **more
        )
        return answer.status_code, await answer.get_json()

    async def begin(self, content: bytes) -> Any:
        body = {**PLAIN, "size": len(content), "sha256": hash_of(content)}
        status, upload = await self.ask("POST", "/uploads", body)
        assert status == 201, upload
        return upload

    async def send(self, url: str, content: bytes, headers: dict[str, str]) -> int:
        """As a script sends it: with nothing that this site would recognise."""
        return (await self.link("PUT", url, data=content, headers=headers)).status_code

    async def link(self, method: str, url: str, **more: Any) -> Response:
        path = url.removeprefix("https://onehour.test")
        return await Browser(self.browser.quart_app).ask(method, path, **more)

    async def download(self, file_id: str) -> str:
        answer = await self.browser.ask("GET", f"{API}/files/{file_id}")
        assert answer.status_code == 303
        return answer.headers["Location"]


@pytest.fixture
async def site() -> SiteWithBooking:
    return await build_site_with_booking()


@pytest.fixture
async def page(site: SiteWithBooking) -> Page:
    browser = await site.browser_for(Who.CLIENT)
    await browser.look("/account")
    return Page(browser)


async def test_a_small_file_goes_up_by_one_request(site: SiteWithBooking, page: Page) -> None:
    upload = await page.begin(TEXT)
    assert (upload["state"], upload["parts"], upload["stored"]) == ("pending", None, [])

    sent = await page.send(upload["put"]["url"], TEXT, upload["put"]["headers"])
    status, completed = await page.ask("POST", f"/uploads/{upload['id']}/complete")
    await site.app.run()
    _, shown = await page.ask("GET", f"/uploads/{upload['id']}")

    assert (sent, status) == (204, 200)
    assert completed == {"id": upload["id"], "state": "quarantined"}
    assert (shown["state"], shown["put"], shown["parts"]) == ("final", None, None)
    assert shown["file"] == {
        "id": upload["id"],
        "name": "notes.txt",
        "size": len(TEXT),
        "media_type": "text/plain",
        "kind": "text",
        "url": f"/api/v1/files/{upload['id']}",
        "previews": {"text": f"/api/v1/files/{upload['id']}/preview?size=text"},
        "width": None,
        "height": None,
    }


async def test_a_large_file_goes_up_in_parts_and_goes_on(site: SiteWithBooking, page: Page) -> None:
    upload = await page.begin(LARGE)
    assert (upload["put"], upload["parts"]["size"]) == (None, PART_SIZE)
    await page.send(upload["parts"]["urls"]["2"], LARGE[PART_SIZE:], {})

    status, problem = await page.ask("POST", f"/uploads/{upload['id']}/complete")
    assert (status, problem["code"], problem["parts"]) == (409, "parts_missing", [1])

    _, again = await page.ask("GET", f"/uploads/{upload['id']}")
    assert (again["stored"], list(again["parts"]["urls"])) == ([2], ["1"])
    await page.send(again["parts"]["urls"]["1"], LARGE[:PART_SIZE], {})
    status, _ = await page.ask("POST", f"/uploads/{upload['id']}/complete")
    await site.app.run()

    assert status == 200
    file = await site.app.services.files.get(FileId(upload["id"]), by=site.client.id)
    assert file.state is State.FINAL


async def test_a_link_takes_what_was_announced_and_nothing_else(page: Page) -> None:
    upload = await page.begin(TEXT)
    url, headers = upload["put"]["url"], upload["put"]["headers"]

    assert await page.send(url, TEXT + b"x", headers) == 409
    assert await page.send(url, TEXT[1:], headers) == 409
    assert await page.send(url, TEXT, {"Content-Type": "text/html"}) == 403
    assert await page.send(f"{url[:-1]}!", TEXT, headers) == 403
    assert await page.send(url, bytes(17 * 1024 * 1024), headers) == 413
    assert (await page.link("GET", url)).status_code == 403


async def test_a_discarded_upload_is_gone(page: Page) -> None:
    upload = await page.begin(TEXT)

    status, _ = await page.ask("DELETE", f"/uploads/{upload['id']}")

    assert status == 200
    assert (await page.ask("GET", f"/uploads/{upload['id']}"))[0] == 404


async def test_uploads_and_files_of_others_do_not_exist(site: SiteWithBooking) -> None:
    browser = await site.browser_for(Who.DEVELOPER)
    await browser.look("/account/security")
    stranger = Page(browser)

    for method, path in [
        ("GET", f"/uploads/{site.file_id}"),
        ("POST", f"/uploads/{site.file_id}/complete"),
        ("DELETE", f"/uploads/{site.file_id}"),
        ("GET", f"/files/{site.file_id}"),
        ("GET", f"/files/{site.file_id}/preview?size=text"),
    ]:
        assert (await stranger.ask(method, path))[0] == 404, path


async def test_a_download_is_an_attachment_in_a_sandbox(page: Page, site: SiteWithBooking) -> None:
    answer = await page.link("GET", await page.download(site.file_id))

    assert (answer.status_code, await answer.get_data(as_text=False)) == (200, TEXT)
    headers = answer.headers
    assert headers["Content-Type"] == "text/plain"
    assert headers["Content-Disposition"] == 'attachment; filename="notes.txt"'
    assert headers["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Content-Length"] == str(len(TEXT))
    assert "Set-Cookie" not in headers


async def test_a_page_is_given_out_as_plain_text(site: SiteWithBooking, page: Page) -> None:
    html = b"<!doctype html><script>alert(1)</script>"
    file = await final(site.app, site.client.id, html, name="page.html")

    answer = await page.link("GET", await page.download(file.id))

    assert answer.headers["Content-Type"].startswith("text/plain")


@pytest.mark.parametrize(
    ("asked", "status", "expected", "described"),
    [
        ("bytes=0-3", 206, TEXT[:4], f"bytes 0-3/{len(TEXT)}"),
        ("bytes=4-", 206, TEXT[4:], f"bytes 4-{len(TEXT) - 1}/{len(TEXT)}"),
        ("bytes=-5", 206, TEXT[-5:], f"bytes {len(TEXT) - 5}-{len(TEXT) - 1}/{len(TEXT)}"),
        ("bytes=0-9999", 206, TEXT, f"bytes 0-{len(TEXT) - 1}/{len(TEXT)}"),
        ("bytes=9999-", 416, b"", f"bytes */{len(TEXT)}"),
        ("bytes=0-1,3-4", 200, TEXT, None),
        ("lines=0-1", 200, TEXT, None),
        ("bytes=5-1", 200, TEXT, None),
        ("nonsense", 200, TEXT, None),
    ],
)
async def test_ranges(
    site: SiteWithBooking, page: Page, asked: str, status: int, expected: bytes, described: Any
) -> None:
    url = await page.download(site.file_id)

    answer = await page.link("GET", url, headers={"Range": asked})

    assert answer.status_code == status
    assert answer.headers.get("Content-Range") == described
    assert await answer.get_data(as_text=False) == expected


async def test_a_range_of_another_version_is_the_whole_file(
    site: SiteWithBooking, page: Page
) -> None:
    url = await page.download(site.file_id)
    etag = (await page.link("GET", url)).headers["ETag"]

    part = await page.link("GET", url, headers={"Range": "bytes=0-3", "If-Range": etag})
    whole = await page.link("GET", url, headers={"Range": "bytes=0-3", "If-Range": '"other"'})
    known = await page.link("GET", url, headers={"If-None-Match": etag})
    head = await page.link("HEAD", url)

    assert [each.status_code for each in (part, whole, known, head)] == [206, 200, 304, 200]
    assert await head.get_data(as_text=False) == b""


async def test_a_link_ends(site: SiteWithBooking, page: Page) -> None:
    url = await page.download(site.file_id)
    site.app.clock.advance(site.app.services.sessions.policy.step_up_life)

    assert (await page.link("GET", url)).status_code == 403


async def test_scripts_of_our_pages_may_use_links_on_another_host(page: Page) -> None:
    upload = await page.begin(TEXT)
    url = upload["put"]["url"]

    ours = await page.link("OPTIONS", url, headers={"Origin": "https://onehour.test"})
    foreign = await page.link("OPTIONS", url, headers={"Origin": "https://evil.example"})

    assert ours.headers["Access-Control-Allow-Origin"] == "https://onehour.test"
    assert ours.headers["Access-Control-Allow-Headers"] == "Content-Type"
    assert "PUT" in ours.headers["Access-Control-Allow-Methods"]
    assert "Access-Control-Allow-Origin" not in foreign.headers
    assert "Access-Control-Allow-Credentials" not in ours.headers
