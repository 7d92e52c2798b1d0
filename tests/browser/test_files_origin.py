"""A host of its own for files (ONEHOUR_FILES_URL): pages of the site send and show files there, and
it never gets the cookies of the site. Here 127.0.0.1 is the site, and localhost has the files."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
from PIL import Image
from playwright.async_api import Browser, Page, Request, expect

from tests.browser.test_file_uploads import are_ready, confirmed_booking, logged_in, open_form
from tests.process.running import RunningApp

pytestmark = [pytest.mark.browser, pytest.mark.process]


@pytest.fixture
async def app(tmp_path: Path) -> AsyncIterator[RunningApp]:
    async with RunningApp(tmp_path, ONEHOUR_FILES_URL="http://localhost:{port}") as running:
        yield running


class FileRequests:
    """The requests of a page to the host for files, with the headers that were sent."""

    def __init__(self, page: Page, app: RunningApp) -> None:
        self.origin = f"http://localhost:{app.port}"
        self.found: list[Request] = []
        page.on("request", self._note)

    def _note(self, request: Request) -> None:
        if request.url.startswith(self.origin):
            self.found.append(request)

    async def methods_without_cookies(self) -> set[str]:
        for request in self.found:
            assert "cookie" not in await request.all_headers(), request.url
        return {request.method for request in self.found}


async def test_files_come_from_their_own_host_and_without_cookies(
    browser: Browser, app: RunningApp, tmp_path: Path
) -> None:
    client = await app.client()
    developer, profile = await app.developer()
    booking = await confirmed_booking(client, developer, profile)
    picture, text = tmp_path / "chart.png", tmp_path / "index.sql"
    Image.new("RGB", (640, 360), "white").save(picture)
    text.write_text("ON orders (shop_id);\n")

    messages: list[str] = []
    async with (
        logged_in(browser, app, developer, messages) as page,
        logged_in(browser, app, client, messages) as other,
    ):
        sent, shown = FileRequests(page, app), FileRequests(other, app)
        await page.goto(f"{app.base_url}/bookings/{booking}")
        await open_form(page)
        await page.set_input_files("#files-delivery", [picture, text])
        await are_ready(page, 2)
        await page.get_by_role("button", name="Deliver the work").click()
        await expect(page.locator("main")).to_contain_text("Open delivery 1, 2 files")

        await other.goto(f"{app.base_url}/bookings/{booking}")
        await other.get_by_text("Open delivery 1, 2 files").click()
        await other.locator("summary", has_text="chart.png").click()
        await expect(other.locator("img.thumb")).to_have_js_property("naturalWidth", 640)
        async with other.expect_download() as download:
            await other.get_by_label("Download index.sql").click()

        assert (await download.value).url.startswith(f"{shown.origin}/storage/")
        assert await sent.methods_without_cookies() >= {"PUT"}
        assert await shown.methods_without_cookies() == {"GET"}
        assert messages == []
        link = (await download.value).url
    await assert_hosts_are_apart(app, link)


async def assert_hosts_are_apart(app: RunningApp, link: str) -> None:
    """Nothing but files comes from their host, and no file from that of the site."""
    files = f"http://localhost:{app.port}"
    async with httpx.AsyncClient() as http:
        answers = {
            "file": await http.get(link),
            "file of the site": await http.get(link.replace(files, app.base_url)),
            "page of the files": await http.get(f"{files}/login"),
            "API of the files": await http.get(f"{files}/api/v1/skills"),
            "page": await http.get(f"{app.base_url}/login"),
        }
    assert {name: answer.status_code for name, answer in answers.items()} == {
        "file": 200, "file of the site": 404, "page of the files": 404, "API of the files": 404,
        "page": 200,
    }  # fmt: skip
    assert "Set-Cookie" not in answers["file"].headers
