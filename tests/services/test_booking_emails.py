"""Every e-mail about money names the amount, the reason, who acted and what follows, for its
reader."""

from __future__ import annotations

from html import unescape

import pytest

from core.booking_numbers import parse_number
from core.payments_facts import RefundStatus
from tests.services.booking_emails import (
    BRIEF,
    CHANGES,
    NOTE,
    REASON,
    STORIES,
    Story,
    accepted_close_to_the_start,
    approved,
    approved_automatically,
    approved_before_the_meeting,
    changes_not_delivered,
    client_cancels_before_the_answer,
    client_cancels_early,
    client_cancels_late,
    client_cancels_too_late,
    declined,
    declined_without_reason,
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
    still_paying_at_the_end,
    told,
)

ALL_BACK = "You get all ₹4,800.00 back, to the payment method you used (UPI through Memory)."
CONFIRMED_LATER = "We e-mail you when the payment provider confirms the refund."
NOTHING = "Meera gets all ₹4,800.00 back. You earn nothing from this booking."
ALL_EARNED = "₹4,320.00 to you and ₹480.00 as our fee."
ALL_RELEASED = "₹4,320.00 to Lucía and ₹480.00 as our fee."
HELD = "The payment provider holds ₹4,800.00 until you approve the work."
EARN = "You earn ₹4,320.00 of the ₹4,800.00 that Meera paid, after our fee of ₹480.00"
QUOTED = "> I am ill; it’s <b>bad</b>.\n>\n> Sorry,\n> until next week.\n"
CONFIRMED = "The payment provider, Memory, confirmed the refund of"
WAYS_BACK = "to the payment method you used (UPI). Banks show it within a few working days."

SAYS: dict[tuple[Story, str], tuple[str, ...]] = {
    (reminded_to_answer, "requested.developer"): (
        "Request from Meera: 2 hours on Thu 26 Nov, ₹4,320.00 for you",
        "Meera paid ₹4,800.00 for 2 hours of your time", f"> {BRIEF}",
        "Accept or decline by Tue 24 Nov 2026, 07:00 CET.",
        "Meera gets all ₹4,800.00 back, and you earn nothing.", EARN,
    ),
    (reminded_to_answer, "paid.client"): (
        "You paid ₹4,800.00: Lucía answers next, Thu 26 Nov",
        "You paid ₹4,800.00 by UPI through Memory for 2 hours with Lucía.", HELD,
        "Lucía has until Tue 24 Nov 2026, 11:30 IST to answer.",
        "Until Lucía answers, you can cancel and get all ₹4,800.00 back.", "/receipt\n",
    ),
    (reminded_to_answer, "remind_answer.developer"): (
        "Accept or decline by Tue 24 Nov 2026, 07:00 CET.",
        "Meera gets all ₹4,800.00 back, and you earn nothing.", f"{EARN}, when Meera approves",
    ),
    (client_cancels_early, "accepted.client"): (
        "Lucía accepted your booking.", HELD,
        "If you cancel, you get ₹4,800.00 back until Wed 25 Nov 2026, 11:30 IST, ₹2,400.00 until "
        "Wed 25 Nov 2026, 23:30 IST, and after that nothing.",
        "Lucía delivers by Thu 10 Dec 2026, 13:30 IST; without a delivery you get all ₹4,800.00",
    ),
    (accepted_close_to_the_start, "accepted.client"): (
        "The start is so near that nothing is refunded if you cancel.",
    ),
    (accepted_close_to_the_start, "accepted.developer"): (
        f"{EARN}, when Meera approves the work.", "The same applies if you cancel.",
    ),
    (client_cancels_early, "accepted.developer"): (
        "You accepted the booking of Meera.", f"{EARN}, when Meera approves the work.",
        "Deliver by Thu 10 Dec 2026, 09:00 CET. Without a delivery the booking is cancelled",
    ),
    (declined, "declined.client"): (
        "Lucía declined: ₹4,800.00 is refunded, Thu 26 Nov",
        "Lucía declined your booking and gave this reason:", QUOTED, ALL_BACK, CONFIRMED_LATER,
    ),
    (declined, "declined.developer"): (
        "You declined the booking of Meera. Meera sees this reason:", QUOTED, NOTHING,
    ),
    (declined_without_reason, "declined.client"): (
        "Lucía declined your booking without giving a reason.", ALL_BACK,
    ),
    (declined_without_reason, "declined.developer"): (
        "You declined the booking of Meera without giving a reason.", NOTHING,
    ),
    (not_answered, "auto_cancelled.client"): (
        "Lucía did not answer: ₹4,800.00 is refunded, Thu 26 Nov",
        "Lucía did not answer by Tue 24 Nov 2026, 11:30 IST, so the booking was cancelled",
        ALL_BACK, CONFIRMED_LATER,
    ),
    (not_answered, "auto_cancelled.developer"): (
        "You did not answer the request of Meera by Tue 24 Nov 2026, 07:00 CET", NOTHING,
    ),
    (client_cancels_before_the_answer, "cancelled.client"): (
        "You cancelled: ₹4,800.00 is refunded, Lucía, Thu 26 Nov",
        "You cancelled the booking 3 days before the start and gave this reason:", QUOTED,
        ALL_BACK, CONFIRMED_LATER,
    ),
    (client_cancels_before_the_answer, "cancelled.developer"): (
        "Meera cancelled: you earn nothing, Thu 26 Nov",
        "Meera cancelled the booking 3 days before the start and gave this reason:", QUOTED,
        NOTHING,
    ),
    (client_cancels_early, "cancelled.client"): (
        "You cancelled the booking 3 days before the start without giving a reason.", ALL_BACK,
    ),
    (client_cancels_early, "cancelled.developer"): (
        "Meera cancelled the booking 3 days before the start without giving a reason.", NOTHING,
    ),
    (client_cancels_late, "cancelled.client"): (
        "You cancelled: ₹2,400.00 is refunded, Lucía, Thu 26 Nov",
        "You cancelled the booking 13 h 00 min before the start and gave this reason:", QUOTED,
        "you get ₹2,400.00 of the ₹4,800.00 back, to the payment method you used (UPI through",
        CONFIRMED_LATER,
        "The rest, ₹2,400.00, is released: ₹2,160.00 to Lucía and ₹240.00 as our fee.",
    ),
    (client_cancels_late, "cancelled.developer"): (
        "Meera cancelled: ₹2,160.00 for you, Thu 26 Nov", QUOTED,
        "Meera gets ₹2,400.00 of the ₹4,800.00 back.",
        "₹2,400.00 is released: ₹2,160.00 to you and ₹240.00 as our fee.",
        "You do not have to deliver anything.",
    ),
    (client_cancels_too_late, "cancelled.client"): (
        "You cancelled: no refund, Lucía, Thu 26 Nov",
        "You cancelled the booking 11 h 00 min before the start without giving a reason.",
        "By the terms of this booking nothing is refunded so near the start.", ALL_RELEASED,
    ),
    (client_cancels_too_late, "cancelled.developer"): (
        "Meera cancelled: ₹4,320.00 for you, Thu 26 Nov", "Meera gets nothing back.",
        f"₹4,800.00 is released: {ALL_EARNED}",
    ),
    (developer_cancels, "cancelled.client"): (
        "Lucía cancelled: ₹4,800.00 is refunded, Thu 26 Nov",
        "Lucía cancelled the booking 11 h 00 min before the start and gave this reason:", QUOTED,
        ALL_BACK, CONFIRMED_LATER,
    ),
    (developer_cancels, "cancelled.developer"): (
        "You cancelled: you earn nothing, Meera, Thu 26 Nov", QUOTED, NOTHING,
    ),
    (not_delivered, "remind_delivery.developer"): (
        "Deliver by Thu 10 Dec 2026, 09:00 CET.", "Meera gets all ₹4,800.00 back", EARN,
    ),
    (not_delivered, "not_delivered.client"): (
        "Lucía did not deliver: ₹4,800.00 is refunded, Thu 26 Nov",
        "Lucía did not deliver any work by Thu 10 Dec 2026, 13:30 IST", ALL_BACK, CONFIRMED_LATER,
    ),
    (not_delivered, "not_delivered.developer"): (
        "You did not deliver any work by Thu 10 Dec 2026, 09:00 CET", NOTHING,
    ),
    (changes_not_delivered, "changes_requested.client"): (
        "You requested changes (round 1 of 2):", f"> {CHANGES}", HELD,
        "Lucía has until Fri 11 Dec 2026, 11:30 IST to deliver again.",
        "and you get all ₹4,800.00 back.",
    ),
    (changes_not_delivered, "changes_requested.developer"): (
        "Meera requested changes (round 1 of 2):", f"> {CHANGES}", EARN,
        "Deliver again by Fri 11 Dec 2026, 07:00 CET.", "Meera gets all ₹4,800.00 back",
    ),
    (changes_not_delivered, "not_delivered.client"): (
        "Lucía did not deliver the requested changes by Fri 11 Dec 2026, 11:30 IST", ALL_BACK,
    ),
    (changes_not_delivered, "not_delivered.developer"): (
        "You did not deliver the requested changes by Fri 11 Dec 2026, 07:00 CET", NOTHING,
    ),
    (approved, "delivered.client"): (
        "Lucía delivered the work (delivery 1):", "> The index is in <main>.\n>\n> Two queries",
        "2 rounds of 2 left.",
        "Without an answer by Mon 30 Nov 2026, 11:30 IST, 72 hours after the delivery, the work",
        f"₹4,800.00 is released automatically: {ALL_RELEASED}", HELD,
    ),
    (approved, "delivered.developer"): (
        "You delivered the work to Meera (delivery 1):", "> Two queries are left.",
        "Without an answer by Mon 30 Nov 2026, 07:00 CET, 72 hours after the delivery, the work",
        f"₹4,800.00 is released automatically: {ALL_EARNED}",
    ),
    (approved_before_the_meeting, "delivered.client"): (
        "Without an answer by Sun 29 Nov 2026, 13:30 IST, 72 hours after the booked time, the work",
        "You have not met yet: you meet on Thu 26 Nov 2026, 11:30 to 13:30 IST",
        "Until the start, you can still cancel. If you cancel, you get ₹4,800.00 back until Wed 25 "
        "Nov 2026, 11:30 IST, ₹2,400.00 until Wed 25 Nov 2026, 23:30 IST, and after that nothing.",
        f"₹4,800.00 is released automatically: {ALL_RELEASED}",
    ),
    (approved_before_the_meeting, "delivered.developer"): (
        "Without an answer by Sun 29 Nov 2026, 09:00 CET, 72 hours after the booked time, the work",
        "You have not met yet: you meet on Thu 26 Nov 2026, 07:00 to 09:00 CET",
        "Until the start, both of you can still cancel.", ALL_EARNED,
    ),
    (approved_before_the_meeting, "approved.client"): (
        "You approved the work of Lucía.", ALL_RELEASED, "You still meet at the booked time.",
    ),
    (approved_before_the_meeting, "released.developer"): (
        "Meera approved your work.", "₹4,320.00 is released to you and ₹480.00 is our fee.",
        "You still meet at the booked time.",
    ),
    (approved, "approved.client"): (
        "You released ₹4,800.00 for Lucía, Thu 26 Nov", "You approved the work of Lucía.",
        f"The ₹4,800.00 you paid is released: {ALL_RELEASED}", "The booking is complete.",
    ),
    (approved, "released.developer"): (
        "₹4,320.00 released to you: Meera, Thu 26 Nov", "Meera approved your work.",
        "Of the ₹4,800.00 that Meera paid, ₹4,320.00 is released to you and ₹480.00 is our fee.",
    ),
    (approved_automatically, "remind_review.client"): (
        "Lucía delivered the work (delivery 1) and waits for your answer.",
        "Without an answer by Mon 30 Nov 2026, 11:30 IST", ALL_RELEASED,
    ),
    (approved_automatically, "approved.client"): (
        "Released automatically: ₹4,800.00 for Lucía, Thu 26 Nov",
        "You did not answer the delivery of Lucía in time, so the work was approved automatically "
        "on Mon 30 Nov 2026, 11:30 IST.", ALL_RELEASED,
    ),
    (approved_automatically, "released.developer"): (
        "Meera did not answer your delivery in time, so the work was approved automatically",
        "₹4,320.00 is released to you and ₹480.00 is our fee.",
    ),
    (paid_too_late, "paid_too_late.client"): (
        "Paid too late: ₹4,800.00 is refunded, Lucía, Thu 26 Nov",
        "Your payment of ₹4,800.00 arrived after the reservation had ended", ALL_BACK,
        CONFIRMED_LATER, "You wanted to book: 2 hours with Lucía Fernández",
    ),
    (paid_twice, "paid_twice.client"): (
        "You paid twice: ₹4,800.00 is refunded, Lucía, Thu 26 Nov",
        "The payment provider, Memory, refunds the second ₹4,800.00 automatically",
        "Your booking does not change.",
    ),
    (failed_to_pay, "expired.client"): (
        "Not paid in time: Lucía, Thu 26 Nov, nothing was charged",
        "was reserved for you until Mon 23 Nov 2026, 11:45 IST. The payment provider has not "
        "confirmed a payment of ₹4,800.00, so the reservation has ended. Nothing was charged.",
        "Otherwise you get all ₹4,800.00 back automatically.",
    ),
    (still_paying_at_the_end, "expired.client"): (
        "Not paid in time: Lucía, Thu 26 Nov (",
        "so the reservation has ended. An attempt to pay has not ended yet there.",
        "Otherwise you get all ₹4,800.00 back automatically.",
    ),
    (paid_another_amount, "under_review.client"): (
        "Payment under review: Lucía, Thu 26 Nov",
        "The payment provider, Memory, reported another amount than the ₹4,800.00 of your booking: "
        "₹1,000.00. The payment is on hold", "Please do not pay again. We write to you when",
    ),
    (refund_decided, "refund_decided.client"): (
        "₹1,000.00 is refunded, Lucía, Thu 26 Nov",
        "We refund ₹1,000.00 of the ₹4,800.00 you paid, to the payment method you used (UPI "
        "through Memory).", CONFIRMED_LATER, QUOTED, "The booking is cancelled.",
    ),
    (refund_paid_otherwise, "refund_paid_otherwise.client"): (
        "Refund transferred: ₹4,800.00, Lucía, Thu 26 Nov",
        "We have transferred your refund of ₹4,800.00 ourselves, because the payment provider, "
        "Memory, could not make it. The reference of our transfer is UTR 4711.", QUOTED,
    ),
    (refund_decided, "refund_decided.developer"): (
        "₹1,000.00 goes back to Meera, Thu 26 Nov",
        "We refund ₹1,000.00 of the ₹4,800.00 that Meera paid.",
        "Of the rest, ₹3,420.00 is for you and ₹380.00 is our fee.", QUOTED,
    ),
    **{
        (story, "refunded.client"): (
            "Refund confirmed: ₹4,800.00, Lucía, Thu 26 Nov",
            f"{CONFIRMED} all ₹4,800.00 {WAYS_BACK}", f"The reason: {reason}",
        )
        for story, reason in (
            (declined, "Lucía declined your booking."),
            (not_answered, "Lucía did not answer in time, so the booking was cancelled"),
            (client_cancels_before_the_answer, "You cancelled the booking."),
            (client_cancels_early, "You cancelled the booking."),
            (developer_cancels, "Lucía cancelled the booking."),
            (not_delivered, "Lucía did not deliver in time, so the booking was cancelled"),
            (changes_not_delivered, "Lucía did not deliver in time, so the booking was cancelled"),
            (paid_too_late, "your payment arrived after the reservation had ended"),
        )
    },
    (client_cancels_late, "refunded.client"): (
        "Refund confirmed: ₹2,400.00, Lucía, Thu 26 Nov",
        f"{CONFIRMED} ₹2,400.00 of the ₹4,800.00 you paid {WAYS_BACK}",
        "The reason: You cancelled the booking. By its terms the rest, ₹2,400.00, is released: "
        "₹2,160.00 to Lucía and ₹240.00 as our fee.",
    ),
}  # fmt: skip
"""What the e-mails of a story say: subject first, then the amount, the reason, who acted, and what
follows."""


@pytest.mark.parametrize("story", STORIES, ids=lambda story: story.__name__)
async def test_an_email_names_amount_reason_actor_and_what_follows(story: Story) -> None:
    mails = await told(story)

    for name in STORIES[story].split():
        said = SAYS[story, name]
        text = f"{mails[name].subject}\n{mails[name].text}".replace("\N{NO-BREAK SPACE}", " ")
        assert [words for words in said if words not in text] == [], text


@pytest.mark.parametrize("story", STORIES, ids=lambda story: story.__name__)
async def test_a_subject_names_the_other_party_the_day_and_the_number(story: Story) -> None:
    for name, mail in (await told(story)).items():
        number = mail.subject.rpartition("(")[2].removesuffix(")")
        assert parse_number(number) == number
        assert f"\nBooking {number}\n" in mail.text
        assert ("Lucía" if name.endswith("client") else "Meera") in mail.subject
        assert "26 Nov" in mail.subject or "23 Nov" in mail.subject
        assert "2\N{NO-BREAK SPACE}hours with" in mail.text
        assert "escrow" not in mail.text.lower()


@pytest.mark.parametrize("story", [client_cancels_too_late, accepted_close_to_the_start])
async def test_no_refund_is_promised_that_the_terms_deny(story: Story) -> None:
    mail = next(mail for name, mail in (await told(story)).items() if name.endswith("led.client")
                or name == "accepted.client")  # fmt: skip

    assert "confirms the refund" not in mail.text
    assert "is refunded," not in mail.subject


async def test_only_the_parties_of_the_story_get_mail_about_it() -> None:
    """The developer is not told of a time that nobody paid in time."""
    for story in (paid_too_late, failed_to_pay):
        mails = await told(story)
        assert not {"paid_too_late.developer", "expired.developer"} & mails.keys()


async def test_nobody_is_told_that_an_unpaid_time_ended_who_did_not_try_to_pay() -> None:
    here = await scene()
    booking = await here.held()
    await here.app.pass_time(booking.hold_ends - here.app.clock.now())

    assert here.mails() == {}


async def test_a_text_of_several_lines_is_quoted_in_full_in_both_forms() -> None:
    mail = (await told(declined))["declined.client"]

    assert QUOTED in mail.text
    assert REASON.replace("\r\n", "\n") in unescape(mail.html)
    assert "<b>bad" not in mail.html


async def test_a_delivery_note_of_full_length_is_quoted_in_full() -> None:
    here = await scene()
    booking = await here.confirmed()
    note = NOTE + "x" * (8000 - len(NOTE))
    job = await here.app.job(booking)
    await here.app.services.jobs.deliver(job.id, by=here.developer.id, note=note)
    await here.app.run()

    for side in ("client", "developer"):
        assert note in unescape(here.mails()[f"delivered.{side}"].html)


async def test_a_refund_is_announced_as_confirmed_only_when_the_provider_has_confirmed_it() -> None:
    here = await scene()
    here.app.gateway.refunds_succeed_at_once = False
    await declined(here)
    await here.app.run()
    assert "refunded.client" not in here.mails()

    here.app.gateway.finish_refunds(RefundStatus.SUCCEEDED)
    await here.app.pass_time(here.app.services.payments.payment_policy.poll_after[-1])

    assert "refunded.client" in here.mails()


async def test_each_reminder_is_a_message_of_its_own() -> None:
    """Mail readers drop a second message with the same id."""
    here = await scene()
    await not_delivered(here)

    reminders = [mail.id for mail in here.app.mailer.sent if "remind_delivery" in mail.id]

    assert len(set(reminders)) == len(reminders) == 2
