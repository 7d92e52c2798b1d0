"""Files of messages in two browsers: chosen, dropped and pasted, sent with the message, kept when
that fails, and sent again."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from playwright.async_api import Browser, FilePayload, Page, expect

from ports.storage import Key
from tests.browser.full_site import FullSite
from tests.browser.talk import CONNECTED, TEXT, Talk, go_offline, see, write
from tests.browser.visits import open_browser

pytestmark = pytest.mark.browser

GIVE = """([kind, target, name, text]) => {
  const data = new DataTransfer();
  data.items.add(new File([text], name, { type: "text/plain" }));
  const more = kind === "paste" ? { clipboardData: data } : { dataTransfer: data };
  const event = kind === "paste"
    ? new ClipboardEvent(kind, { ...more, bubbles: true, cancelable: true })
    : new DragEvent(kind, { ...more, bubbles: true, cancelable: true });
  document.querySelector(target).dispatchEvent(event);
}"""
ATTACHED = ".message:last-child .attached"


def a_text(name: str, text: str = "SELECT 1;\n") -> FilePayload:
    return {"name": name, "mimeType": "text/plain", "buffer": text.encode()}


async def choose(page: Page, *files: FilePayload) -> None:
    await page.set_input_files("[data-attached]", list(files))


async def are_listed(page: Page, *names: str) -> None:
    await expect(page.locator(".attaching .file b")).to_have_text(list(names))


async def are_sent(page: Page, ready: str = "1 of 1") -> None:
    await expect(page.locator(".attaching [role=status]")).to_contain_text(f"{ready} files ready")


async def stored(talk: Talk) -> list[tuple[str, int]]:
    """Texts and numbers of files of the new messages."""
    found: Any = await talk.site.app.store.repositories.messages.after(
        talk.site.chats["long"], 7, limit=9
    )
    return [(message.body, len(message.files)) for message in found]


async def test_files_are_chosen_dropped_and_pasted_and_arrive_with_the_message(talk: Talk) -> None:
    meera, lucia = talk.meera.page, talk.lucia.page
    await choose(meera, a_text("plan.sql"), a_text("empty.txt", ""))
    await meera.evaluate(GIVE, ["drop", "[data-thread]", "dropped.txt", "One."])
    await meera.evaluate(GIVE, ["paste", TEXT, "pasted.txt", "Two."])
    await are_listed(meera, "plan.sql", "empty.txt", "dropped.txt", "pasted.txt")
    await are_sent(meera, "3 of 4")

    await write(meera, "Here they are.")
    await expect(meera.locator(".attaching [role=status]")).to_contain_text("Remove the files")
    await meera.get_by_label("Remove empty.txt").click()
    await meera.press(TEXT, "Enter")
    await see(lucia, "Here they are.")

    names = lucia.locator(f"{ATTACHED} .file b")
    await expect(names).to_have_text(["plan.sql", "dropped.txt", "pasted.txt"])
    async with lucia.expect_download() as download:
        await lucia.get_by_label("Download plan.sql").click()
    downloaded = await (await download.value).path()
    assert await asyncio.to_thread(downloaded.read_text) == "SELECT 1;\n"
    await expect(meera.locator(".attaching .file")).to_have_count(0)
    assert await stored(talk) == [("Here they are.", 3)]
    assert (talk.meera.messages, talk.lucia.messages) == ([], [])


async def test_files_stay_with_a_message_that_fails_or_is_offline_and_are_sent_once(
    talk: Talk,
) -> None:
    meera, lucia = talk.meera.page, talk.lucia.page
    chats, chat = talk.site.app.services.chats, talk.site.chats["long"]
    await choose(meera, a_text("draft.txt"))
    await are_sent(meera)
    await meera.reload()  # the files of an unfinished message are still there
    await meera.wait_for_function(CONNECTED)
    await are_listed(meera, "draft.txt")
    await are_sent(meera)
    await chats.block(chat, by=talk.site.people["Lucía"].id)
    await meera.press(TEXT, "Enter")
    await expect(meera.locator(".failed .attached")).to_have_text("draft.txt")

    await chats.unblock(chat, by=talk.site.people["Lucía"].id)
    await meera.reload()
    await meera.wait_for_function(CONNECTED)
    await meera.click("text=Try again")
    await expect(lucia.locator(f"{ATTACHED} .file b")).to_have_text("draft.txt")

    await choose(meera, a_text("offline.txt"))
    await are_sent(meera)
    await go_offline(talk.meera)
    await write(meera, "Written offline.")
    await expect(meera.locator("[data-waiting] .attached")).to_have_text("offline.txt")
    await talk.meera.context.set_offline(False)
    await see(lucia, "Written offline.")
    assert await stored(talk) == [("", 1), ("Written offline.", 1)]

    await lucia.locator('[data-seq="8"]').hover()
    await lucia.click('[data-seq="8"] [data-reply]')
    await expect(lucia.locator("[data-answering] p")).to_have_text("You answer Meera: 1 file")


async def test_a_message_waits_until_its_files_are_checked_and_says_what_is_wrong(
    talk: Talk,
) -> None:
    meera, lucia = talk.meera.page, talk.lucia.page
    checks, storage = asyncio.Event(), talk.site.app.storage
    copy = storage.copy

    async def copy_later(*keys: Key) -> None:
        await checks.wait()
        await copy(*keys)

    storage.copy = copy_later  # type: ignore[assignment]
    await choose(meera, a_text("plan.txt"))
    await expect(meera.locator(".attaching .file small")).to_contain_text("being checked")
    await write(meera, "The plan.")
    await choose(meera, a_text("setup.exe", "MZ\x00\x02"))
    await expect(meera.locator(".attaching .file small")).to_contain_text("being checked")
    await write(meera, "And the program.")
    await expect(meera.locator("[data-waiting] .meta")).to_have_text(["Being checked and sent"] * 2)
    assert await stored(talk) == []

    checks.set()

    await see(lucia, "The plan.")
    await expect(lucia.locator(f"{ATTACHED} .file b")).to_have_text("plan.txt")
    await expect(meera.locator(".failed .meta")).to_contain_text("setup.exe was refused")
    assert await stored(talk) == [("The plan.", 1)]


async def test_without_scripts_files_are_attached_and_messages_marked_as_read_by_forms(
    browser: Browser, site: FullSite
) -> None:
    async with open_browser(browser, site.url, java_script_enabled=False) as meera:
        await meera.log_in(site.people["Meera"])
        await meera.go(f"/messages/{site.chats['asked']}")

        await expect(meera.page.get_by_role("button", name="Mark as read")).to_be_visible()
        await expect(meera.page.get_by_role("button", name="Attach files")).to_have_count(0)
        await meera.page.get_by_role("link", name="Attach files").click()

        await expect(meera.page.locator("h1")).to_have_text("Your files for a message")
        await expect(meera.page.get_by_role("button", name="Send files")).to_be_visible()
