"""A host of its own for files (ONEHOUR_FILES_URL): pages of the site send and show files there, and
it never gets the cookies of the site. Here 127.0.0.1 is the site, and localhost has the files."""

from __future__ import annotations

import base64
import wave
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
from PIL import Image
from playwright.async_api import Browser, Page, Request, expect

from tests.browser.test_file_uploads import are_ready, confirmed_booking, logged_in, open_form
from tests.process.running import RunningApp

pytestmark = [pytest.mark.browser, pytest.mark.process]

RECORD = """async () => {
  const canvas = document.createElement("canvas");
  const context = canvas.getContext("2d");
  const draw = setInterval(() => context.fillRect(0, 0, Math.random() * 300, 150), 20);
  const recorder = new MediaRecorder(canvas.captureStream(25), { mimeType: "video/webm" });
  const parts = [];
  recorder.ondataavailable = (event) => parts.push(event.data);
  recorder.start();
  await new Promise((done) => setTimeout(done, 1000));
  await new Promise((done) => { recorder.onstop = done; recorder.stop(); });
  clearInterval(draw);
  return btoa(String.fromCharCode(...new Uint8Array(await new Blob(parts).arrayBuffer())));
}"""
"""A video of a second, of the page's own making."""


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

    async def ranges_of_media(self) -> set[int]:
        """The statuses of answers to players, which ask for ranges."""
        asked = [each for each in self.found if each.resource_type == "media"]
        answers = [await each.response() for each in asked]
        return {answer.status for answer in answers if answer}


async def test_files_come_from_their_own_host_and_without_cookies(
    browser: Browser, app: RunningApp, tmp_path: Path
) -> None:
    client = await app.client()
    developer, profile = await app.developer()
    booking = await confirmed_booking(client, developer, profile)
    picture, text = tmp_path / "chart.png", tmp_path / "index.sql"
    sound, film = tmp_path / "beep.wav", tmp_path / "bug.webm"
    Image.new("RGB", (640, 360), "white").save(picture)
    text.write_text("ON orders (shop_id);\n")
    write_sound(sound)

    messages: list[str] = []
    async with (
        logged_in(browser, app, developer, messages) as page,
        logged_in(browser, app, client, messages) as other,
    ):
        sent, shown = FileRequests(page, app), FileRequests(other, app)
        await page.goto(f"{app.base_url}/bookings/{booking}")
        await open_form(page)
        film.write_bytes(base64.b64decode(await page.evaluate(RECORD)))
        await page.set_input_files("#files-delivery", [picture, text, sound, film])
        await are_ready(page, 4)
        await page.get_by_role("button", name="Deliver the work").click()
        await expect(page.locator("main")).to_contain_text("Open delivery 1, 4 files")

        await other.goto(f"{app.base_url}/bookings/{booking}")
        await other.get_by_text("Open delivery 1, 4 files").click()
        await other.locator("summary", has_text="chart.png").click()
        await expect(other.locator("img.thumb")).to_have_js_property("naturalWidth", 640)
        await plays(other, "beep.wav", "audio")
        await plays(other, "bug.webm", "video")
        async with other.expect_download() as download:
            await other.get_by_label("Download index.sql").click()

        assert (await download.value).url.startswith(f"{shown.origin}/storage/")
        assert await sent.methods_without_cookies() >= {"PUT"}
        assert await shown.methods_without_cookies() == {"GET"}
        assert await shown.ranges_of_media() == {206}
        assert messages == []
        link = (await download.value).url
    await assert_hosts_are_apart(app, link)


def write_sound(path: Path) -> None:
    """A second of silence."""
    with wave.open(str(path), "wb") as file:
        file.setparams((1, 2, 8000, 0, "NONE", ""))
        file.writeframes(bytes(2 * 8000))


async def plays(page: Page, name: str, tag: str) -> None:
    """The preview of a file, which is opened here, plays to its end."""
    await page.locator("summary", has_text=name).click()
    player = page.locator(f"details[open] > {tag}")
    await player.evaluate("(media) => media.play()")
    await expect(player).to_have_js_property("ended", True)
    assert await player.evaluate("(media) => media.currentTime") > 0.5


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
