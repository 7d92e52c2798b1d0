"""Each entry of the list says who acted, the amount and what follows, for its reader. The client is
in India, the developer in Spain."""

from __future__ import annotations

import pytest

from core.accounts import Account
from core.chargebacks import Status as ChargebackStatus
from core.policy import HOUR
from services.bootstrap import CAPABILITIES
from services.disputes import CAPABILITY as DISPUTES
from services.withdrawals import CAPABILITY as WITHDRAWALS
from tests.app import MemoryApp
from tests.builders.chargebacks import decide, question
from tests.services.booking_emails import (
    Scene,
    Story,
    approved,
    approved_automatically,
    approved_before_the_meeting,
    changes_not_delivered,
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
    paid_twice,
    refund_decided,
    refund_paid_otherwise,
    reminded_to_answer,
    scene,
)
from tests.services.reminder_emails import reminded
from tests.services.reschedule_emails import expired, moved, refused, taken, withdrawn
from tests.web.notifications.lists import browser_of, listed
from web.accounts.notices import WORDS as ACCOUNT_WORDS

HELD = "₹4,800.00 is held until"
INDIA, SPAIN = "Thu 26 Nov 2026, 11:30 to 13:30 IST.", "Thu 26 Nov 2026, 07:00 to 09:00 CET."
NEW_IN_INDIA, NEW_IN_SPAIN = "Fri 27 Nov 2026, 11:30 IST", "Fri 27 Nov 2026, 07:00 CET"
ALL_BACK = "All ₹4,800.00 comes back to you."
NOTHING = "Meera gets all ₹4,800.00 back, and you earn nothing."
RELEASED = "₹4,800.00 is released: ₹4,320.00 to Lucía, ₹480.00 fee."
AFTER = "After that ₹4,800.00 is released."
ENDED = "Cancelled: the booking of Thu 26 Nov 2026."

OF_CHATS = {"unread_messages"}
"""Told by `tests/web/chats`."""
OF_FILES = {"file_refused"}
"""Told by `tests/web/files`."""
OF_DISPUTES = {each.name for each in DISPUTES.notices} | {"send_again"}
"""Told by `tests/web/disputes`."""
OF_WITHDRAWALS = {each.name for each in WITHDRAWALS.notices}
"""Told by `tests/web/withdrawals`."""
OF_PLUGINS = {"plugin_switched_off"}
"""Told by `tests/plugins/test_switching.py`."""


async def questioned(here: Scene) -> None:
    await question(here.app, await here.confirmed())


async def stands(here: Scene) -> None:
    booking = await here.confirmed()
    reference = await question(here.app, booking)
    here.app.clock.advance(HOUR)
    await decide(here.app, booking, reference, ChargebackStatus.WON)


async def taken_back(here: Scene) -> None:
    booking = await here.confirmed()
    reference = await question(here.app, booking)
    here.app.clock.advance(HOUR)
    await decide(here.app, booking, reference, ChargebackStatus.LOST)


SET_ASIDE = "The money is set aside, and nothing moves until the bank has decided."
AS_BEFORE = "The bank has decided. The money is where it was before."
SAYS: dict[tuple[Story, str], tuple[str, str]] = {
    (questioned, "client.chargeback_opened"): (
        "Your bank has questioned your payment of ₹4,800.00", SET_ASIDE,
    ),
    (questioned, "developer.chargeback_opened"): (
        "The bank of Meera has questioned a payment of ₹4,800.00", SET_ASIDE,
    ),
    (stands, "client.chargeback_won"): ("The payment of ₹4,800.00 stands", AS_BEFORE),
    (stands, "developer.chargeback_won"): ("The payment of ₹4,800.00 stands", AS_BEFORE),
    (taken_back, "client.chargeback_lost"): (
        "The bank has given money back to you",
        "It decided about the payment of ₹4,800.00 with Lucía.",
    ),
    (taken_back, "developer.chargeback_lost"): (
        "The bank has given money back to Meera",
        "It decided about the payment of ₹4,800.00 with Meera.",
    ),
    (reminded_to_answer, "client.paid"): (
        "Your ₹4,800.00 is held for the booking with Lucía",
        "Lucía answers until Tue 24 Nov 2026, 11:30 IST, otherwise all of it comes back.",
    ),
    (reminded_to_answer, "developer.requested"): (
        "Meera asks for 2 hours of your time",
        f"{SPAIN} ₹4,320.00 is for you. Answer until Tue 24 Nov 2026, 07:00 CET.",
    ),
    (reminded_to_answer, "developer.remind_answer"): (
        "Meera still waits for your answer",
        "Accept or decline until Tue 24 Nov 2026, 07:00 CET, otherwise it is cancelled. "
        "₹4,320.00 is for you.",
    ),
    (approved, "client.accepted"): (
        "Lucía accepted your booking", f"{INDIA} {HELD} you approve the work.",
    ),
    (approved, "developer.accepted"): (
        "You accepted the booking of Meera", f"{SPAIN} {HELD} Meera approves the work.",
    ),
    (moved, "developer.move_proposed"): (
        f"Meera asks to move to {NEW_IN_SPAIN}", f"Booked is {SPAIN[:-1]}",
    ),
    (moved, "client.moved"): (
        f"Lucía accepted: moved to {NEW_IN_INDIA}", f"{INDIA[:-1]} is free again",
    ),
    (moved, "developer.moved"): (
        f"You accepted: moved to {NEW_IN_SPAIN} (Meera)", f"{SPAIN[:-1]} is free again",
    ),
    (refused, "developer.move_refused"): (
        f"Meera did not accept {NEW_IN_SPAIN}", f"{SPAIN[:-1]} stays",
    ),
    (withdrawn, "developer.move_withdrawn"): (
        f"Meera withdrew {NEW_IN_SPAIN}", f"{SPAIN[:-1]} stays",
    ),
    (expired, "client.move_expired"): (
        f"No answer to {NEW_IN_INDIA} (Lucía)", f"{INDIA[:-1]} stays",
    ),
    (taken, "client.move_taken"): (
        f"{NEW_IN_INDIA} is no longer free (Lucía)", f"{INDIA[:-1]} stays",
    ),
    (reminded, "client.remind_meeting"): (
        "You meet Lucía on Thu 26 Nov 2026, 11:30 IST",
        "1 hour before the start. OH-Y7TD-V3FR",
    ),
    (reminded, "developer.remind_meeting"): (
        "You meet Meera on Thu 26 Nov 2026, 07:00 CET",
        "1 hour before the start. OH-Y7TD-V3FR",
    ),
    (declined, "client.declined"): ("Lucía declined your booking", f"{INDIA} {ALL_BACK}"),
    (declined, "developer.declined"): (
        "You declined the booking of Meera", f"{SPAIN} {NOTHING}",
    ),
    (declined, "client.refunded"): (
        "Refund confirmed: ₹4,800.00",
        "For the booking with Lucía on Thu 26 Nov 2026. "
        "Banks show it within a few working days.",
    ),
    (not_answered, "client.auto_cancelled"): (
        "Lucía did not answer in time", f"{INDIA} {ALL_BACK}",
    ),
    (not_answered, "developer.auto_cancelled"): (
        "You did not answer the request of Meera in time", f"{SPAIN} {NOTHING}",
    ),
    (client_cancels_before_the_answer, "client.cancelled"): (
        "You cancelled the booking with Lucía on Thu 26 Nov 2026", ALL_BACK,
    ),
    (client_cancels_late, "client.cancelled"): (
        "You cancelled the booking with Lucía on Thu 26 Nov 2026",
        "₹2,400.00 of ₹4,800.00 comes back to you, by its terms.",
    ),
    (client_cancels_late, "client.refunded"): (
        "Refund confirmed: ₹2,400.00",
        "For the booking with Lucía on Thu 26 Nov 2026. "
        "Banks show it within a few working days.",
    ),
    (client_cancels_late, "developer.cancelled"): (
        "Meera cancelled the booking on Thu 26 Nov 2026", "₹2,160.00 is for you, by its terms.",
    ),
    (client_cancels_too_late, "client.cancelled"): (
        "You cancelled the booking with Lucía on Thu 26 Nov 2026",
        "Nothing of ₹4,800.00 comes back to you, by its terms.",
    ),
    (developer_cancels, "client.cancelled"): (
        "Lucía cancelled the booking on Thu 26 Nov 2026", ALL_BACK,
    ),
    (developer_cancels, "developer.cancelled"): (
        "You cancelled the booking with Meera on Thu 26 Nov 2026", NOTHING,
    ),
    (not_delivered, "developer.remind_delivery"): (
        "Meera waits for your delivery",
        "Deliver until Thu 10 Dec 2026, 09:00 CET, otherwise the booking of Thu 26 Nov 2026 is "
        "cancelled and you earn nothing.",
    ),
    (not_delivered, "client.not_delivered"): (
        "Lucía did not deliver in time", f"{ENDED} {ALL_BACK}",
    ),
    (not_delivered, "developer.not_delivered"): (
        "You did not deliver to Meera in time", f"{ENDED} {NOTHING}",
    ),
    (changes_not_delivered, "client.changes_requested"): (
        "You requested changes from Lucía",
        "Lucía delivers again until Fri 11 Dec 2026, 11:30 IST, for the booking of "
        "Thu 26 Nov 2026.",
    ),
    (changes_not_delivered, "developer.changes_requested"): (
        "Meera requested changes",
        "Deliver again until Fri 11 Dec 2026, 07:00 CET, for the booking of Thu 26 Nov 2026.",
    ),
    (approved, "client.delivered"): (
        "Lucía has delivered",
        f"Approve it or request changes until Mon 30 Nov 2026, 11:30 IST. {AFTER}",
    ),
    (approved, "developer.delivered"): (
        "You delivered to Meera",
        f"Meera approves it or requests changes until Mon 30 Nov 2026, 07:00 CET. {AFTER}",
    ),
    (approved_before_the_meeting, "client.delivered"): (
        "Lucía has delivered",
        f"Approve it or request changes until Sun 29 Nov 2026, 13:30 IST. {AFTER}",
    ),
    (approved, "client.approved"): ("You approved the work of Lucía", RELEASED),
    (approved, "developer.released"): (
        "₹4,320.00 is released to you", "Meera approved your work for the booking of "
        "Thu 26 Nov 2026.",
    ),
    (approved_automatically, "client.remind_review"): (
        "Review the delivery of Lucía",
        "₹4,800.00 is released on Mon 30 Nov 2026, 11:30 IST, if you do nothing.",
    ),
    (approved_automatically, "client.approved"): (
        "The work of Lucía was approved automatically", RELEASED,
    ),
    (approved_automatically, "developer.released"): (
        "₹4,320.00 is released to you",
        "The time to review the booking of Thu 26 Nov 2026 had ended.",
    ),
    (paid_too_late, "client.paid_too_late"): (
        "Your payment came too late",
        f"The time on Thu 26 Nov 2026 was no longer free. {ALL_BACK}",
    ),
    (paid_twice, "client.paid_twice"): (
        "You paid twice for the booking with Lucía",
        "The second ₹4,800.00 comes back to you. Your booking does not change.",
    ),
    (refund_decided, "client.refund_decided"): (
        "We refund ₹1,000.00 to you",
        "For the booking with Lucía on Thu 26 Nov 2026. Its page says why.",
    ),
    (refund_paid_otherwise, "client.refund_paid_otherwise"): (
        "We have transferred your refund of ₹4,800.00",
        "For the booking with Lucía on Thu 26 Nov 2026. The reference of our transfer is UTR 4711.",
    ),
    (refund_decided, "developer.refund_decided"): (
        "We refund ₹1,000.00 to Meera",
        "For the booking with Meera on Thu 26 Nov 2026. Its page says why.",
    ),
    (failed_to_pay, "client.expired"): (
        "Your time with Lucía was not paid in time",
        f"The reservation of {INDIA.removesuffix('.')} has ended. If a payment still succeeds and "
        "the time is no longer free, all of it comes back.",
    ),
    (paid_another_amount, "client.under_review"): (
        "Your payment for the booking with Lucía is under review",
        "The payment provider reported another amount than ₹4,800.00. Please do not pay again. "
        "We write to you when the review is done.",
    ),
}  # fmt: skip
SECURITY_CHANGES = {
    "email_changed": "Your e-mail address was changed",
    "identity_linked": "Logging in with GitHub was added",
    "identity_unlinked": "Logging in with GitHub was removed",
    "password_changed": "Your password was changed",
    "recovery_code_used": "A recovery code was used",
    "recovery_codes_made": "You have new recovery codes",
    "token_reused": "A program was signed out",
    "totp_off": "Your authenticator app was removed",
    "totp_on": "Your authenticator app is set up",
    "two_factor_off": "Log-ins no longer ask for a code",
    "two_factor_on": "Log-ins now ask for a code",
}


def plain(text: str) -> str:
    return text.replace("\N{NO-BREAK SPACE}", " ")


@pytest.mark.parametrize("story", dict.fromkeys(story for story, _ in SAYS))
async def test_an_entry_says_what_happened_and_what_follows(story: Story) -> None:
    here = await scene()
    await story(here)
    await here.app.run()

    expected = {what: says for (of, what), says in SAYS.items() if of is story}
    found = dict[str, tuple[str, str]]()
    for side, person in (("client", here.client), ("developer", here.developer)):
        entries = (await listed(await browser_of(here.app, person)))["items"]
        for each in entries:
            found[f"{side}.{each['kind']}"] = plain(each["heading"]), plain(each["detail"])
    assert {what: found[what] for what in expected} == expected


def test_every_notice_has_an_expected_text() -> None:
    declared = {each.name for record in CAPABILITIES for each in record.notices}

    told = {what.partition(".")[2] for _, what in SAYS}
    elsewhere = OF_CHATS | OF_FILES | OF_DISPUTES | OF_WITHDRAWALS
    elsewhere |= OF_PLUGINS
    assert told | set(SECURITY_CHANGES) | elsewhere == declared


@pytest.mark.parametrize("kind", SECURITY_CHANGES)
async def test_a_change_of_the_log_in_leads_to_the_security_page(app: MemoryApp, kind: str) -> None:
    meera, _ = await app.client()
    await changed(app, meera, kind)

    (entry,) = (await listed(await browser_of(app, meera)))["items"]

    assert entry["heading"] == SECURITY_CHANGES[kind]
    assert entry["detail"].endswith(
        "Was it not you? Set a new password now; this ends all sessions."
    )
    assert entry["url"] == "https://onehour.test/account/security"
    assert entry["read_at"] is None
    assert kind in ACCOUNT_WORDS


async def changed(app: MemoryApp, account: Account, kind: str) -> None:
    """The message that such a change writes."""
    notice = app.services.factors.session_writer.security_notice(account, kind, provider="GitHub")
    await app.store.repositories.outbox.add(notice)
    await app.run()
