"""What a conversation shows and does beside its messages: presence, alerts, code to copy."""

from __future__ import annotations

import pytest
from playwright.async_api import Page

from tests.browser.talk import BODIES, CONNECTED, Talk, see, write

pytestmark = pytest.mark.browser

RECORD_ALERTS = """
window.shown = [];
window.tones = 0;
window.Notification = class extends EventTarget {
  static permission = "granted";
  static requestPermission = async () => "granted";
  constructor(title, { body }) { super(); window.shown.push([title, body]); }
  close() {}
};
const { start } = OscillatorNode.prototype;
OscillatorNode.prototype.start = function () { window.tones += 1; return start.call(this); };
"""
HIDE = "Object.defineProperty(document, 'hidden', { value: true })"
PRESENCE = "[data-presence]"


async def test_who_has_the_conversation_open_is_online(talk: Talk) -> None:
    meera, lucia = talk.meera.page, talk.lucia.page
    await meera.wait_for_selector(f"{PRESENCE}:text-is('Online,')")

    await lucia.goto("about:blank")
    await meera.wait_for_selector(f"{PRESENCE}:has-text('Last seen ')")

    await lucia.go_back()
    await lucia.wait_for_function(CONNECTED)
    await meera.wait_for_selector(f"{PRESENCE}:text-is('Online,')")


async def test_alerts_come_only_after_they_were_switched_on(talk: Talk) -> None:
    lucia = talk.lucia.page
    await lucia.add_init_script(RECORD_ALERTS)
    await talk.lucia.go(talk.path)
    await talk.has_joined(lucia)
    await lucia.evaluate(HIDE)

    await write(talk.meera.page, "Nobody is told.")
    await see(lucia, "Nobody is told.")
    await alerts_are(lucia, [], tones=0)

    await lucia.eval_on_selector_all(
        "[data-notify], [data-sound]", "all => all.forEach(one => one.click())"
    )
    await lucia.wait_for_selector("[data-notify][aria-pressed=true]", state="attached")
    await alerts_are(lucia, [], tones=1)  # how the sound is
    await write(talk.meera.page, "Are you there?")
    await see(lucia, "Are you there?")
    await alerts_are(lucia, [["Meera wrote to you", "Are you there?"]], tones=2)


async def test_code_of_a_message_can_be_copied(talk: Talk) -> None:
    lucia = talk.lucia.page
    await talk.lucia.context.grant_permissions(["clipboard-read", "clipboard-write"])
    await write(talk.meera.page, "Try `this`:\n```sql\nSELECT 1;\n```")
    await lucia.wait_for_selector(f"{BODIES} >> text=Try this:")

    await lucia.click("button:text-is('Copy') >> nth=-1")

    await lucia.wait_for_selector("button:text-is('Copied')")
    assert await lucia.evaluate("navigator.clipboard.readText()") == "SELECT 1;"


async def alerts_are(page: Page, shown: list[list[str]], *, tones: int) -> None:
    """Wait until these notifications were shown, and so many tones were played."""
    await page.wait_for_function(
        "wanted => JSON.stringify([shown, tones]) === JSON.stringify(wanted)", arg=[shown, tones]
    )
