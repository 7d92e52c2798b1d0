"""The page of a booking and the API say where the money is, who acts next, and what happens by
itself at which time."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable
from html import unescape
from typing import Any

import pytest

from core.accounts import Account
from tests.services.booking_emails import Scene, approved, declined, scene
from tests.services.dispute_emails import cancelled_after_a_delivery, opened
from tests.web.site import Browser, app_of

Story = Callable[[Scene], Awaitable[object]]


async def requested(here: Scene) -> None:
    await here.paid()


async def confirmed(here: Scene) -> None:
    await here.confirmed()


async def delivered(here: Scene) -> None:
    await here.delivered()


async def refunding(here: Scene) -> None:
    here.app.gateway.refunds_succeed_at_once = False
    await declined(here)


SAYS: dict[Story, tuple[str, str, tuple[str, str, str | None]]] = {
    requested: (
        "Lucía answers The payment provider holds ₹4,800.00 until the booking is accepted. "
        "Otherwise, on Tue 24 Nov 2026, 11:30 IST, all ₹4,800.00 is refunded to you.",
        "You answer",
        ("held", "answer", "refund"),
    ),
    confirmed: (
        "Lucía delivers The payment provider holds ₹4,800.00 until you approve the work. "
        "Otherwise, on",
        "You deliver",
        ("held", "deliver", "refund"),
    ),
    delivered: (
        "You review the work The payment provider holds ₹4,800.00 until you approve the work. "
        "Without a response: on",
        "Meera reviews the work",
        ("held", "review", "release"),
    ),
    opened: (
        "Lucía answers in the case The payment provider holds ₹4,800.00 until the case is settled. "
        "Without an answer, the time for evidence begins on",
        "You answer in the case",
        ("held", "answer_case", "collect_evidence"),
    ),
    cancelled_after_a_delivery: (
        "Lucía agrees or contests The payment provider holds ₹4,800.00 until the cancellation is "
        "agreed or contested. Otherwise, on",
        "You agree or contest",
        ("held", "contest", "refund"),
    ),
    refunding: (
        "The payment provider confirms the refund ₹4,800.00 is being refunded to you. We ask it "
        "again on",
        "The payment provider confirms the refund",
        ("refunding", "confirm_refund", "ask_provider"),
    ),
}


async def the_browser(here: Scene, account: Account) -> Browser:
    browser = Browser(app_of(here.app))
    await browser.look("/login")
    await browser.log_in(account)
    if account.factor:
        await here.app.run()
        form = {"code": here.app.code_for(account.email), "csrf_token": browser.token}
        await browser.ask("POST", "/login/code", form=form)
    return browser


async def latest(here: Scene) -> str:
    found, _ = await here.app.services.bookings.of_account(by=here.client.id)
    return max(found, key=lambda each: each.created_at).id


def plain(html: str) -> str:
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", html)).split())


@pytest.mark.parametrize("story", SAYS, ids=lambda each: each.__name__)
async def test_both_sides_read_who_acts_next_and_what_happens_by_itself(story: Story) -> None:
    here = await scene()
    await story(here)
    booking = await latest(here)
    client_reads, developer_reads, (place, expected, automatic) = SAYS[story]

    for account, said in ((here.client, client_reads), (here.developer, developer_reads)):
        browser = await the_browser(here, account)
        _, html = await browser.look(f"/bookings/{booking}")
        assert said in plain(html), plain(html)
        answer = await browser.ask("GET", f"/api/v1/bookings/{booking}/timeline")
        money: Any = (await answer.get_json())["money"]
        assert money["place"] == place
        assert (money["next"]["expected"], money["next"]["automatic"]) == (expected, automatic)
        assert money["next"]["at"] is not None


async def test_an_open_case_is_the_step_that_the_history_shows() -> None:
    here = await scene()
    await opened(here)
    _, html = await (await the_browser(here, here.client)).look(f"/bookings/{await latest(here)}")
    (step,) = re.findall(r'<li class="now".*?</li>', html, re.DOTALL)
    assert "Lucía answers in the case" in plain(step)


async def test_the_developer_reads_when_the_released_money_is_ready() -> None:
    here = await scene()
    await approved(here)
    booking = await latest(here)

    _, developer = await (await the_browser(here, here.developer)).look(f"/bookings/{booking}")
    _, client = await (await the_browser(here, here.client)).look(f"/bookings/{booking}")

    assert re.search(
        r"Your earning clears ₹4,320.00 is released to you, and ₹480.00 is our fee. "
        r"On \w{3} \d+ \w{3} 2026, \d\d:\d\d CET it is ready to withdraw.",
        plain(developer),
    ), plain(developer)
    assert "clears" not in plain(client)
