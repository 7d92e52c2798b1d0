"""Two people talk in two browsers: at once, offline and back, in two tabs, and without sockets."""

from __future__ import annotations

import pytest
from playwright.async_api import Browser, Route, expect

from core.bookings import BookingId
from tests.browser.full_chats import say
from tests.browser.full_site import FullSite
from tests.browser.talk import (
    BODIES,
    CONNECTED,
    TEXT,
    WATCH_CONNECTION,
    Talk,
    go_offline,
    last_lines,
    see,
    see_texts,
    write,
)
from tests.browser.visits import open_browser

pytestmark = pytest.mark.browser

LOSE_EVENTS = """() => {
  for (const name of ["live:chat:message", "live:chat:updated"])
    addEventListener(name, (event) => event.stopImmediatePropagation(), { capture: true });
}"""
TOP_OF_OLDEST = """() => document.querySelector('[data-seq="40"]').getBoundingClientRect().top"""
"""Where the oldest message is that the page comes with."""
RESTORED = "dispatchEvent(new PageTransitionEvent('pageshow', { persisted: true }))"
AWAKE = """() => {
  const now = Date.now, show = () => document.dispatchEvent(new Event("visibilitychange"));
  Object.defineProperty(document, "hidden", { value: true, configurable: true });
  show();
  Date.now = () => now() + 3600000;
  Object.defineProperty(document, "hidden", { value: false });
  show();
}"""
"""A page after an hour of sleep."""


async def test_what_one_writes_the_other_sees_and_reads(talk: Talk) -> None:
    meera, lucia = talk.meera.page, talk.lucia.page

    await write(meera, "I have **opened** it.")
    await see(lucia, "I have opened it.")
    await write(lucia, "So have I.")
    await see(meera, "So have I.")

    await meera.wait_for_selector('[data-seq="8"].mine [data-seen]:not([hidden])')
    for page in (meera, lucia):
        await see_texts(page, "I have opened it.", "So have I.")
    await expect(meera.locator('[data-seq="8"] strong')).to_have_text("opened")
    assert await meera.evaluate("document.activeElement.name") == "body"
    assert (talk.meera.messages, talk.lucia.messages) == ([], [])


async def test_an_answer_an_edit_and_a_deletion_arrive_at_once(talk: Talk) -> None:
    meera, lucia = talk.meera.page, talk.lucia.page
    await lucia.locator('[data-seq="6"]').hover()
    await lucia.click('[data-seq="6"] [data-reply]')
    await write(lucia, "It is.")
    for page in (meera, lucia):
        await see(page, "It is.")
    messages = talk.site.app.services.messages

    chat = talk.site.chats["long"]
    by = talk.site.people["Lucía"].id
    await messages.edit(chat, 8, by=by, body="It *is* enough.")
    await meera.wait_for_selector('[data-seq="8"] em')
    await messages.delete(chat, 7, by=by)
    await meera.wait_for_selector('[data-seq="7"] .gone')

    quote = meera.locator('[data-seq="8"] .quote')
    await expect(quote).to_contain_text("A staging copy")
    await quote.click()
    await meera.wait_for_selector('[data-seq="6"].shown')
    await expect(meera.locator('[data-seq="8"] .meta')).to_contain_text(", edited")
    await expect(lucia.locator('[data-seq="7"] .gone')).to_have_count(1)


async def test_what_is_written_offline_is_sent_once_and_in_order(talk: Talk) -> None:
    meera, lucia = talk.meera.page, talk.lucia.page
    await go_offline(talk.meera)
    written = [f"Offline {number}." for number in range(1, 4)]

    for text in written:
        await write(meera, text)
    await write(lucia, "Meanwhile.")
    await meera.wait_for_function("() => document.querySelectorAll('[data-waiting]').length === 3")
    await see(lucia, "Meanwhile.")
    await talk.meera.context.set_offline(False)
    await see(lucia, "Offline 3.")
    await see(meera, "Offline 3.")

    assert await talk.stored() == ["Meanwhile.", *written]
    for page in (meera, lucia):
        await see_texts(page, "Meanwhile.", *written)
    await expect(meera.locator("[data-waiting]")).to_have_count(0)


async def test_two_tabs_send_each_message_once_and_read_together(talk: Talk) -> None:
    first, second = talk.meera.page, await talk.meera.context.new_page()
    await second.goto(talk.site.url + talk.path)
    await talk.has_joined(second)
    await go_offline(talk.meera)
    await write(first, "From the first.")
    await expect(second.locator("[data-waiting]")).to_have_count(1)
    await write(second, "From the second.")
    for page in (first, second):
        await expect(page.locator("[data-waiting]")).to_have_count(2)

    await talk.meera.context.set_offline(False)
    await see(talk.lucia.page, "From the second.")
    for page in (first, second):
        await see(page, "From the second.")

    assert await talk.stored() == ["From the first.", "From the second."]
    for page in (first, second):
        await see_texts(page, "From the first.", "From the second.")
        await expect(page.locator("[data-waiting]")).to_have_count(0)


async def test_without_sockets_the_same_goes_over_http(
    browser: Browser, live_site: FullSite
) -> None:
    async with open_browser(browser, live_site.url) as meera:
        await meera.context.add_init_script(WATCH_CONNECTION)

        async def block(route: Route) -> None:
            await route.abort()

        await meera.context.route_web_socket("**/socket.io/**", lambda socket: socket.close())
        await meera.context.route("**/socket.io/**", block)
        await meera.log_in(live_site.people["Meera"], live_site)
        await meera.go(f"/messages/{live_site.chats['long']}")

        await write(meera.page, "Over HTTP.")
        await see(meera.page, "Over HTTP.")
        chat = await live_site.app.store.repositories.chats.get(live_site.chats["long"])
        await say(live_site.app, chat, live_site.people["Lucía"].id, "And back.")
        await see(meera.page, "And back.")

        connected = await meera.page.evaluate("() => document.body.dataset.connected")
        assert connected != "yes"


async def test_a_refused_message_stays_with_its_reason_and_is_sent_again(talk: Talk) -> None:
    meera = talk.meera.page
    chats, chat = talk.site.app.services.chats, talk.site.chats["long"]
    await chats.block(chat, by=talk.site.people["Lucía"].id)

    await write(meera, "Still there?")
    await expect(meera.locator(".failed .meta")).to_contain_text(
        "Not sent. Messages between you two are blocked."
    )
    await chats.unblock(chat, by=talk.site.people["Lucía"].id)
    await meera.click("text=Try again")

    await see(meera, "Still there?")
    assert await talk.stored() == ["Still there?"]


@pytest.mark.parametrize("again", [RESTORED, AWAKE], ids=["restored", "awake"])
async def test_a_page_that_is_shown_again_catches_up(talk: Talk, again: str) -> None:
    """No event has told it of the message."""
    meera, lucia = talk.meera.page, talk.lucia.page
    await lucia.evaluate(LOSE_EVENTS)
    await write(meera, "Missed.")
    await see(meera, "Missed.")
    await talk.site.app.services.chat_summaries.settle()
    assert await last_lines(lucia, 1) == ["Yes, the staging copy is enough."]

    await lucia.evaluate(again)

    await see(lucia, "Missed.")


async def test_the_booking_beside_the_conversation_follows_its_changes(talk: Talk) -> None:
    app, meera = talk.site.app, talk.meera.page
    booking = await app.booking(talk.site.bookings["confirmed"])
    aside = meera.locator("[data-aside]")
    await expect(aside.locator("[data-booking-state]")).to_have_text("Confirmed")
    await expect(aside).to_contain_text(booking.number)

    by = talk.site.people["Lucía"].id
    price = booking.price
    await app.services.answers.cancel(booking.id, by=by, reason="I am ill.", expecting=price)

    await expect(aside).not_to_contain_text(booking.number)
    await expect(meera.locator("[data-lines]")).to_contain_text("Lucía cancelled")
    assert talk.meera.messages == []


async def test_typing_is_shown_to_the_other_party(talk: Talk) -> None:
    await talk.meera.page.press(TEXT, "a")

    await talk.lucia.page.wait_for_selector("text=Meera is typing")
    await write(talk.meera.page, "Done.")
    await see(talk.lucia.page, "Done.")
    await talk.lucia.page.wait_for_selector("[data-typing]", state="hidden")


TAKE_TURNS = """async () => {
  const chat = [...document.scripts].find(each => /chats.*chat/.test(each.src));
  const { openQueue } = await import(new URL("storage.js", chat.src));
  const [one, other] = [openQueue("a", "c"), openQueue("a", "c")];
  one.add({ client_id: "z", body: "First" });
  one.add({ client_id: "b", body: "Second" });

  const { removeItem } = Storage.prototype;
  Storage.prototype.removeItem = function (key) {
    Storage.prototype.removeItem = removeItem;
    other.add({ client_id: "a", body: "Third" });
    removeItem.call(this, key);
  };
  one.remove("z");
  one.change("z", { failed: "It was refused." });
  one.change("b", { failed: "It was refused." });

  const { setItem } = Storage.prototype;
  Storage.prototype.setItem = () => { throw new Error("full"); };
  one.add({ client_id: "0", body: "Fourth" });
  one.change("b", { failed: "" });
  Storage.prototype.setItem = setItem;
  const shown = ({ body, failed }) => body + (failed || "");
  return [one.items().map(shown), other.items().map(shown)];
}"""


async def test_tabs_that_change_what_waits_at_the_same_time_lose_nothing(talk: Talk) -> None:
    """One adds a message while another removes a sent one; then there is no room for more."""
    assert await talk.meera.page.evaluate(TAKE_TURNS) == [
        ["Second", "Third", "Fourth"],
        ["SecondIt was refused.", "Third"],
    ]


async def test_a_draft_is_kept_until_the_log_out(talk: Talk) -> None:
    meera = talk.meera.page
    await meera.press(TEXT, "x")
    await meera.fill(TEXT, "Not finished")

    await meera.reload()
    await meera.wait_for_function(
        "() => document.querySelector('textarea').value === 'Not finished'"
    )
    await meera.click("summary.account")
    await meera.click("details.menu[open] >> text=Log out")
    await meera.wait_for_url(f"{talk.site.url}/")

    kept = await meera.evaluate(
        "() => Object.keys(localStorage).filter(key => key.startsWith('chat:'))"
    )
    assert kept == []


async def test_the_page_of_a_booking_has_the_same_conversation(talk: Talk) -> None:
    meera, booking = talk.meera.page, talk.site.bookings["confirmed"]
    await talk.meera.go(f"/bookings/{booking}")
    await talk.has_joined(meera)

    await write(meera, "From the *booking*.")
    await see(talk.lucia.page, "From the booking.")
    await see(meera, "From the booking.")
    await meera.fill(TEXT, "Not finished")
    await talk.site.app.services.answers.cancel(
        BookingId(booking), by=talk.site.people["Lucía"].id, reason="I am ill."
    )
    await meera.wait_for_selector("[data-state] >> text=Cancelled")
    await meera.wait_for_selector(".event-mark >> text=Lucía cancelled")

    await expect(meera.locator(TEXT)).to_have_value("Not finished")
    await write(talk.lucia.page, "I am sorry.")
    for page in (meera, talk.lucia.page):
        await see_texts(page, "From the booking.", "I am sorry.")


async def test_the_navigation_counts_while_another_page_is_open(talk: Talk) -> None:
    lucia = talk.lucia.page
    await talk.lucia.go("/account")
    await lucia.wait_for_function(CONNECTED)
    count = lucia.locator(".nav [data-count] b").first
    await expect(count).to_have_text("1")  # of the blocked conversation

    await write(talk.meera.page, "Are you there?")

    await lucia.wait_for_selector(".nav [data-count] b:text-is('2')")
    await lucia.wait_for_function("() => document.title.startsWith('(2) ')")


async def test_the_history_is_loaded_by_scrolling_up(talk: Talk) -> None:
    app, chat = talk.site.app, talk.site.chats["long"]
    stored = await app.store.repositories.chats.get(chat)
    for number in range(8, 90):
        await say(app, stored, talk.site.people["Lucía"].id, f"Text {number}.")
    meera = talk.meera.page
    await app.services.chats.read(chat, 89, by=talk.site.people["Meera"].id)
    await talk.meera.go(talk.path)
    await expect(meera.locator("[data-seq]")).to_have_count(50)

    before = await meera.evaluate(f"""() => {{
      document.querySelector("[data-thread]").scrollTop = -1e6;
      return ({TOP_OF_OLDEST})();
    }}""")
    await meera.wait_for_selector('[data-seq="1"]', state="attached")

    await expect(meera.locator("[data-seq]")).to_have_count(89)
    kept = f"before => Math.abs(({TOP_OF_OLDEST})() - before) <= 1"
    await meera.wait_for_function(kept, arg=before)  # the position
    numbers = await meera.eval_on_selector_all(
        "[data-seq]", "all => all.map(one => +one.dataset.seq)"
    )
    assert numbers == list(range(1, 90))
    days = await meera.eval_on_selector_all("[data-day]", "all => all.map(one => one.dataset.day)")
    assert sorted(set(days)) == days


@pytest.mark.parametrize("width", [390, 1280])
async def test_a_conversation_works_without_scripts(
    browser: Browser, live_site: FullSite, width: int
) -> None:
    size = {"width": width, "height": 800}
    async with open_browser(
        browser, live_site.url, java_script_enabled=False, viewport=size
    ) as meera:
        await meera.log_in(live_site.people["Meera"], live_site)
        await meera.go(f"/messages/{live_site.chats['long']}")

        await meera.page.fill(TEXT, "Plain and simple.")
        await meera.page.click("text=Send")
        await meera.page.wait_for_selector(".bubble >> text=Plain and simple.")

        await expect(meera.page.locator(BODIES).last).to_be_visible()
        await expect(meera.page.locator(".list-pane")).to_be_visible(visible=width > 1000)
