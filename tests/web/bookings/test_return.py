"""The return from the checkout, without a webhook: the page asks the provider itself."""

from __future__ import annotations

import re
from dataclasses import dataclass

import pytest

from core.accounts import Account
from core.bookings import Booking, Status
from core.policy import MINUTE, SECOND
from services.payments.service import QUESTIONS_PER_MINUTE
from tests.app import MemoryApp
from tests.web.site import Browser, app_of
from web.bookings.return_page import check_again_s

BOTH = pytest.mark.parametrize("path", ["return", "return/state"])


@dataclass
class Payer:
    """A client with a held time, at the provider's checkout."""

    app: MemoryApp
    client: Account
    booking: Booking
    browser: Browser

    async def look(self, path: str = "return") -> str:
        answer, html = await self.browser.look(f"/bookings/{self.booking.id}/{path}")
        assert answer.status_code == 200
        return html

    async def state(self, path: str = "return") -> str:
        return state_of(await self.look(path))

    async def status(self) -> Status:
        return (await self.app.booking(self.booking.id)).status

    @property
    def questions(self) -> int:
        return len(self.app.gateway.asked_at)


def state_of(html: str) -> str:
    (found,) = re.findall(r'<div id="return" data-state="(\w+)"', html)
    return str(found)


@pytest.fixture
async def payer(app: MemoryApp) -> Payer:
    client, _ = await app.client()
    booking = await app.hold(client, await app.developer())
    browser = Browser(app_of(app))
    await browser.look("/login")
    await browser.log_in(client)
    return Payer(app, client, booking, browser)


@BOTH
async def test_the_first_look_settles_the_payment(payer: Payer, path: str) -> None:
    await payer.app.pay(payer.booking)

    html = await payer.look(path)

    assert state_of(html) == "paid"
    assert "Payment complete. Waiting for Lucía’s answer." in html
    assert await payer.status() is Status.REQUESTED
    assert payer.questions == 1


async def test_a_page_that_is_open_finds_a_payment_that_succeeds_later(payer: Payer) -> None:
    await payer.app.pay(payer.booking, "pending")
    first = await payer.state()
    (attempt,) = (await payer.app.payment(payer.booking)).attempts
    payer.app.gateway.settle(attempt.id)

    second = await payer.state("return/state?turn=1")

    assert (first, second) == ("checking", "paid")
    assert await payer.status() is Status.REQUESTED


async def test_without_scripts_the_page_reloads_itself_until_it_is_paid(payer: Payer) -> None:
    html = await payer.look()
    (content,) = re.findall(r'<noscript>\s*<meta http-equiv="refresh"\s*content="([^"]+)"', html)
    seconds, _, address = content.partition("; url=")
    await payer.app.pay(payer.booking)

    _, following = await payer.browser.look(address)

    assert (state_of(html), int(seconds)) == ("checking", 5)
    assert state_of(following) == "paid"
    assert "http-equiv" not in following


async def test_with_scripts_the_page_asks_for_its_state_after_two_seconds(payer: Payer) -> None:
    html = await payer.look()

    (tag,) = re.findall(r'<div id="return"[^>]*>', html)
    assert f'hx-get="/bookings/{payer.booking.id}/return/state?turn=1"' in tag
    assert 'hx-trigger="load delay:2s, booking-updated"' in tag


async def test_while_the_provider_is_unavailable_the_page_keeps_checking(payer: Payer) -> None:
    await payer.app.pay(payer.booking)
    payer.app.gateway.down = True
    silent = await payer.look("return?turn=9")
    payer.app.gateway.down = False

    assert state_of(silent) == "checking"
    assert "The payment provider has not responded yet." in silent
    assert await payer.state("return/state?turn=10") == "paid"


async def test_a_settled_payment_is_not_asked_about_again(payer: Payer) -> None:
    await payer.app.pay(payer.booking)

    states = {await payer.state(path) for path in ("return", "return/state") * 20}

    assert states == {"paid"}
    assert payer.questions == 1


@BOTH
async def test_reloading_does_not_flood_the_provider(payer: Payer, path: str) -> None:
    states = [await payer.state(path) for _ in range(QUESTIONS_PER_MINUTE + 40)]
    in_a_minute = payer.questions
    payer.app.clock.advance(MINUTE + SECOND)
    await payer.app.pay(payer.booking)

    assert set(states) == {"checking"}
    assert in_a_minute == QUESTIONS_PER_MINUTE
    assert await payer.state(path) == "paid"


@pytest.mark.parametrize("what", ["payments/{}/refresh", "bookings/{}/checkout"])
async def test_programs_do_not_flood_the_provider_either(payer: Payer, what: str) -> None:
    booking = payer.booking
    path = what.format(booking.payment_id if "payments" in what else booking.id)
    await payer.look()
    asked, token = (
        payer.questions,
        await (await payer.browser.ask("GET", "/api/v1/csrf")).get_json(),
    )

    statuses = [
        (
            await payer.browser.ask(
                "POST", f"/api/v1/{path}", json={}, headers={"X-CSRF-Token": token["token"]}
            )
        ).status_code
        for _ in range(QUESTIONS_PER_MINUTE + 10)
    ]

    assert set(statuses) == {200}
    assert payer.questions - asked == QUESTIONS_PER_MINUTE - 1


@pytest.mark.parametrize("state", ["checking", "unpaid", "refund", "held_back"])
def test_a_page_that_is_left_open_asks_less_and_less(state: str) -> None:
    waits = [check_again_s(state, turns) for turns in range(999)]

    assert waits == sorted(waits)
    assert sum(1 for n in range(1, len(waits)) if sum(waits[:n]) < 3600) < 260
