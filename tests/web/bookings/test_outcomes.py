"""The page of a booking that has ended names who acted, the reason, and who gets which part of the
money, for each side."""

from __future__ import annotations

import re
from html import unescape

import pytest

from core.accounts import Account
from core.policy import HOUR
from tests.services.booking_emails import (
    REASON,
    Scene,
    Story,
    approved,
    approved_automatically,
    client_cancels_before_the_answer,
    client_cancels_late,
    client_cancels_too_late,
    declined,
    developer_cancels,
    failed_to_pay,
    not_answered,
    not_delivered,
    paid_another_amount,
    paid_too_late,
    scene,
    still_paying_at_the_end,
)
from tests.web.site import Browser, app_of

QUOTE = " ".join(REASON.split())
CONFIRMED = "The payment provider has confirmed it."
ALL_BACK = f"₹4,800.00 was refunded to you. {CONFIRMED}"
NO_EARNING = f"₹4,800.00 was refunded to Meera. {CONFIRMED} You earn nothing from this booking."


async def other_amount_at_the_end(here: Scene) -> None:
    await paid_another_amount(here)
    await here.app.pass_time(HOUR)
    assert "expired.client" not in here.mails()


SAYS: dict[Story, tuple[tuple[str, ...], tuple[str, ...]]] = {
    declined: (
        (f"Lucía declined {ALL_BACK} {QUOTE}", "The full ₹4,800.00 is refunded to you"),
        (f"You declined {NO_EARNING} {QUOTE}", "is refunded to Meera. You earn nothing"),
    ),
    not_answered: (
        (f"Lucía did not answer in time {ALL_BACK} Select",),
        (f"You did not answer in time {NO_EARNING}",),
    ),
    not_delivered: (
        (f"Lucía did not deliver in time {ALL_BACK} Select",),
        (f"You did not deliver in time {NO_EARNING}",),
    ),
    client_cancels_before_the_answer: (
        (f"You cancelled this booking {ALL_BACK} {QUOTE}",),
        (f"Meera cancelled this booking {NO_EARNING} {QUOTE}",),
    ),
    developer_cancels: (
        (f"Lucía cancelled this booking {ALL_BACK} {QUOTE}",),
        (f"You cancelled this booking {NO_EARNING} {QUOTE}",),
    ),
    client_cancels_late: (
        (
            f"You cancelled this booking ₹2,400.00 was refunded to you. {CONFIRMED} "
            f"₹2,160.00 is released to Lucía and ₹240.00 is our fee. {QUOTE}",
            "₹2,400.00 is refunded to you. ₹2,160.00 to Lucía, ₹240.00 fee",
        ),
        (
            f"Meera cancelled this booking ₹2,400.00 was refunded to Meera. {CONFIRMED} "
            f"₹2,160.00 is released to you and ₹240.00 is our fee. {QUOTE}",
            "₹2,400.00 is refunded to Meera. ₹2,160.00 to you, ₹240.00 fee",
        ),
    ),
    client_cancels_too_late: (
        (
            "By the terms of the booking nothing is refunded to you. "
            "₹4,320.00 is released to Lucía and ₹480.00 is our fee.",
            "By the terms nothing is refunded to you. ₹4,320.00 to Lucía, ₹480.00 fee",
        ),
        (
            "By the terms of the booking nothing is refunded to Meera. "
            "₹4,320.00 is released to you and ₹480.00 is our fee.",
        ),
    ),
    approved: (
        (
            "You released ₹4,800.00 You approved the work. "
            "₹4,320.00 is for Lucía and ₹480.00 is our fee.",
            "The payment provider holds ₹4,800.00 until you approve",
        ),
        (
            "₹4,320.00 released to you Meera approved the work. Of ₹4,800.00, ₹480.00 is our fee.",
            "The payment provider holds ₹4,800.00 until Meera approves",
        ),
    ),
    approved_automatically: (
        ("Released automatically You did not answer the delivery in time. ₹4,320.00 is for",),
        ("₹4,320.00 released to you Meera did not answer the delivery in time.",),
    ),
    failed_to_pay: (
        ("Not paid in time Nothing was charged.", "₹4,800.00 Nothing was charged"),
        ("Not paid in time Nothing was charged.",),
    ),
    still_paying_at_the_end: (
        (
            "Not paid in time An attempt to pay has not ended yet at the payment provider.",
            "₹4,800.00 An attempt to pay has not ended yet at the payment provider",
            "Charged not known yet",
        ),
        ("Not paid in time An attempt to pay has not ended yet at the payment provider.",),
    ),
    other_amount_at_the_end: (
        (
            "Payment under review The payment provider reported another amount than the price.",
            "₹4,800.00 On hold until we have reviewed it",
        ),
        ("Payment under review The payment provider reported another amount than the price.",),
    ),
}


async def text_of(here: Scene, account: Account, path: str) -> str:
    browser = Browser(app_of(here.app))
    await browser.look("/login")
    await browser.log_in(account)
    if account.factor:
        await here.app.run()
        form = {"code": here.app.code_for(account.email), "csrf_token": browser.token}
        await browser.ask("POST", "/login/code", form=form)
    page, html = await browser.look(path)
    assert page.status_code == 200
    main = html.partition("<main")[2].partition("</main>")[0]
    return " ".join(unescape(re.sub(r"<[^>]*>", " ", main)).split())


async def the_booking(here: Scene, *, paid: bool) -> str:
    found, _ = await here.app.services.bookings.of_account(by=here.client.id)
    return next(b.id for b in found if bool(b.paid_at) is paid or len(found) == 1)


@pytest.mark.parametrize("story", SAYS, ids=lambda story: story.__name__)
async def test_both_sides_read_who_acted_and_who_gets_what(story: Story) -> None:
    here = await scene()
    await story(here)
    await here.app.run()
    path = f"/bookings/{await the_booking(here, paid=True)}"

    for account, said in zip((here.client, here.developer), SAYS[story], strict=True):
        text = await text_of(here, account, path)
        assert [words for words in said if words not in text] == [], text


async def test_a_payment_that_came_too_late_is_told_with_its_amount() -> None:
    here = await scene()
    await paid_too_late(here)
    await here.app.run()
    path = f"/bookings/{await the_booking(here, paid=False)}"

    assert f"Paid too late {ALL_BACK}" in await text_of(here, here.client, path)
    back = await text_of(here, here.client, f"{path}/return")
    assert "The payment arrived after the deadline, and the time was no longer available." in back
    assert ALL_BACK in back


async def test_a_sentence_of_the_software_is_not_shown_as_a_quotation() -> None:
    here = await scene()
    await not_answered(here)
    path = f"/bookings/{await the_booking(here, paid=True)}"

    assert "The developer did not answer in time." not in await text_of(here, here.client, path)


async def test_a_refund_that_is_not_confirmed_is_told_as_in_progress() -> None:
    here = await scene()
    here.app.gateway.refunds_succeed_at_once = False
    await declined(here)
    await here.app.run()
    path = f"/bookings/{await the_booking(here, paid=True)}"

    text = await text_of(here, here.client, path)
    assert (
        "Lucía declined ₹4,800.00 is being refunded to you, to the payment method you used. We "
        "will e-mail you when the payment provider confirms it." in text
    )


async def test_the_word_escrow_is_on_no_page_of_a_booking() -> None:
    here = await scene()
    booking = await here.confirmed()
    for account in (here.client, here.developer):
        text = await text_of(here, account, f"/bookings/{booking.id}")
        assert "held by the payment provider" in text.lower()
        assert "escrow" not in text.lower()
