"""Files in a browser, on the application as `make run` starts it, with a real S3 server: uploaded
in parts and through a reload, delivered, compared and approved."""

from __future__ import annotations

import asyncio
import filecmp
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from PIL import Image
from playwright.async_api import Browser, Page, Request, Route, expect

from tests.api_client import ApiClient, until
from tests.browser.launch import new_context
from tests.patience import PATIENCE_S
from tests.process.running import RunningApp
from tests.s3_servers import ACCESS_KEY, BUCKET, SECRET_KEY, start_seaweedfs

pytestmark = [pytest.mark.browser, pytest.mark.process]

SIZE = 30_000_000
OLD, NEW = "ON orders (shop_id);\n", "ON orders (shop_id, placed_at);\n"


@pytest.fixture
async def app(
    tmp_path: Path, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[RunningApp]:
    server = await asyncio.to_thread(start_seaweedfs, tmp_path_factory.mktemp("seaweedfs"))
    settings = {
        "ONEHOUR_STORAGE": "s3",
        "ONEHOUR_S3_URL": server.url,
        "ONEHOUR_S3_BUCKET": BUCKET,
        "ONEHOUR_S3_ACCESS_KEY": ACCESS_KEY,
        "ONEHOUR_S3_SECRET_KEY": SECRET_KEY,
    }
    try:
        async with RunningApp(tmp_path, ONEHOUR_SEED_DEMO="0", **settings) as running:
            yield running
    finally:
        server.stop()


class Parts:
    """The parts of files that a page sends to the storage."""

    def __init__(self, page: Page) -> None:
        self._page = page
        self.numbers: list[int] = []
        self.stopped = asyncio.Event()
        page.on("requestfinished", self._note)

    def _note(self, request: Request) -> None:
        number = re.search(r"partNumber=(\d+)", request.url)
        if number and request.method == "PUT":
            self.numbers.append(int(number[1]))

    async def stop_at(self, number: int) -> None:
        """The connection is lost in this part and the later ones."""

        async def lose(route: Route) -> None:
            self.stopped.set()
            await route.abort()

        await self._page.route(re.compile(f"partNumber={number}"), lose)

    async def are(self, number: int) -> bool:
        """Whether so many have been sent."""
        return len(self.numbers) >= number

    async def go_on(self) -> None:
        await self._page.unroute_all()


@asynccontextmanager
async def logged_in(
    browser: Browser, app: RunningApp, person: ApiClient, messages: list[str]
) -> AsyncIterator[Page]:
    """A browser with the session of an API client. The errors of its console go to `messages`."""
    context = await new_context(browser, viewport={"width": 1280, "height": 900})
    await context.add_cookies(
        [
            {"name": name, "value": value, "url": app.base_url}
            for name, value in person.http.cookies.items()
            if value
        ]
    )
    page = await context.new_page()
    page.on("console", lambda m: messages.append(m.text) if m.type == "error" else None)
    page.on("pageerror", lambda error: messages.append(str(error)))
    yield page
    await context.close()


async def confirmed_booking(client: ApiClient, developer: ApiClient, profile: str) -> str:
    booking = await client.book(profile, await client.free_start(profile))
    await client.pay(booking["checkout"]["order_id"])
    await client.booking_in("requested", booking["id"])
    await developer.post(f"/bookings/{booking['id']}/accept")
    return str(booking["id"])


async def open_form(page: Page) -> None:
    await page.locator("summary", has_text="Deliver early").click()
    await page.fill("[name=note]", "The index.")


async def are_ready(page: Page, files: int) -> None:
    await expect(page.locator("#upload-delivery [role=status]")).to_have_text(
        f"{files} of {files} files ready."
    )


async def test_files_are_uploaded_delivered_compared_and_approved(
    browser: Browser, app: RunningApp, tmp_path: Path
) -> None:
    client = await app.client()
    developer, profile = await app.developer()
    booking = await confirmed_booking(client, developer, profile)
    picture, text, large = (tmp_path / name for name in ("chart.png", "index.sql", "dump.bin"))
    Image.new("RGB", (640, 360), "white").save(picture)
    text.write_text(OLD)
    large.write_bytes(bytes(range(256)) * (SIZE // 256))

    messages: list[str] = []
    async with (
        logged_in(browser, app, developer, messages) as page,
        logged_in(browser, app, client, messages) as other,
    ):
        await page.goto(f"{app.base_url}/bookings/{booking}")
        await open_form(page)
        sent = Parts(page)
        await sent.stop_at(3)
        await page.set_input_files("#files-delivery", [picture, text, large])
        await asyncio.wait_for(sent.stopped.wait(), PATIENCE_S)
        await page.reload()  # the browser still has the files
        await sent.go_on()
        await open_form(page)
        await are_ready(page, 3)
        messages.clear()  # that the connection was lost
        await until(lambda: sent.are(4), what="the parts", state=lambda: f"but {sent.numbers}")
        assert sorted(sent.numbers) == [1, 2, 3, 4]  # none was sent twice
        await page.get_by_role("button", name="Deliver the work").click()
        await expect(page.locator("main")).to_contain_text("Open delivery 1, 3 files")

        await other.goto(f"{app.base_url}/bookings/{booking}")
        await other.get_by_text("Open delivery 1, 3 files").click()
        await other.locator("summary", has_text="chart.png").click()
        await expect(other.locator("img.thumb")).to_have_js_property("naturalWidth", 640)
        async with other.expect_download() as download:
            await other.get_by_label("Download dump.bin").click()
        downloaded = await (await download.value).path()
        assert await asyncio.to_thread(filecmp.cmp, downloaded, large, shallow=False)
        await other.locator("summary", has_text="Request changes").click()
        await other.fill("[name=notes]", "Please include the month.")
        await other.get_by_role("button", name="Send, use 1").click()
        await expect(other.locator("main")).to_contain_text("is working on your changes")

        text.write_text(NEW)
        await page.goto(f"{app.base_url}/bookings/{booking}")
        await page.fill("[name=note]", "With the month.")
        await page.set_input_files("#files-delivery", [text])
        await are_ready(page, 1)
        await page.get_by_role("button", name="Deliver again").click()
        await page.get_by_text("Open delivery 2, 1 file").click()
        await page.get_by_text("Compare 1 and 2").click()
        await expect(page.locator(".lines del")).to_have_text(OLD.strip())
        await expect(page.locator(".lines ins")).to_have_text(NEW.strip())

        await other.goto(f"{page.url}")
        await other.get_by_role("button", name="Approve and release").first.click()
        dialog = other.locator("dialog[open]")
        await dialog.get_by_role("button", name="Approve and release").click()
        await expect(other.locator("main")).to_contain_text("Released")
        assert messages == []
    await app.audit()
