"""Each entry of the list about a dispute says who acted, the amount and what follows."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import pytest

from tests.services.booking_emails import Scene, scene
from tests.services.dispute_emails import (
    STORIES,
    agreed,
    contested,
    decided,
    delivered_once_more,
    kept,
    sent_again,
    taken_back,
)
from tests.web.notifications.lists import browser_of, listed
from tests.web.notifications.test_words import plain

Story = Callable[[Scene], Awaitable[object]]

HELD = "₹4,800.00 stays held until the case is settled."
SAYS: dict[tuple[Story, str], tuple[str, str]] = {
    (agreed, "client.dispute_answered"): (
        "Lucía answered in the case",
        HELD,
    ),
    (agreed, "client.dispute_evidence"): (
        "You added evidence",
        HELD,
    ),
    (agreed, "client.dispute_offered"): (
        "Lucía offers ₹1,776.00 back to you",
        "Of ₹4,800.00 that is held. Who accepts settles the case at once.",
    ),
    (agreed, "client.dispute_opened"): (
        "You opened a case",
        HELD,
    ),
    (agreed, "client.dispute_settled"): (
        "The case is settled: ₹1,776.00 back to you",
        "Of ₹4,800.00 that was held. The rest is released, less the fee.",
    ),
    (agreed, "developer.dispute_answered"): (
        "You answered in the case",
        HELD,
    ),
    (agreed, "developer.dispute_evidence"): (
        "Meera added evidence",
        HELD,
    ),
    (agreed, "developer.dispute_offered"): (
        "You offered ₹1,776.00 back to Meera",
        "Of ₹4,800.00 that is held. Who accepts settles the case at once.",
    ),
    (agreed, "developer.dispute_opened"): (
        "Meera opened a case",
        HELD,
    ),
    (agreed, "developer.dispute_settled"): (
        "The case is settled: ₹1,776.00 back to Meera",
        "Of ₹4,800.00 that was held. The rest is released, less the fee.",
    ),
    (decided, "client.dispute_unanswered"): (
        "The time to answer in the case is over",
        "Both can add evidence now, and an answer is still possible. " + HELD,
    ),
    (decided, "client.dispute_asked"): (
        "An administrator asks both of you",
        HELD,
    ),
    (decided, "client.dispute_deciding"): (
        "An administrator decides the case",
        HELD,
    ),
    (decided, "client.dispute_read"): (
        "An administrator has opened your case",
        HELD,
    ),
    (decided, "developer.remind_dispute"): (
        "Meera waits for your answer in the case",
        HELD,
    ),
    (decided, "developer.dispute_unanswered"): (
        "The time to answer in the case is over",
        "Both can add evidence now, and an answer is still possible. " + HELD,
    ),
    (decided, "developer.dispute_asked"): (
        "An administrator asks both of you",
        HELD,
    ),
    (decided, "developer.dispute_deciding"): (
        "An administrator decides the case",
        HELD,
    ),
    (decided, "developer.dispute_read"): (
        "An administrator has opened your case",
        HELD,
    ),
    (taken_back, "client.dispute_withdrawn"): (
        "You took the case back",
        "The booking goes on, and ₹4,800.00 stays held.",
    ),
    (taken_back, "developer.dispute_withdrawn"): (
        "Meera took the case back",
        "The booking goes on, and ₹4,800.00 stays held.",
    ),
    (delivered_once_more, "client.dispute_resumed"): (
        "Lucía delivers once more",
        "No round of changes is used, and ₹4,800.00 stays held.",
    ),
    (delivered_once_more, "developer.dispute_resumed"): (
        "You deliver once more",
        "No round of changes is used, and ₹4,800.00 stays held.",
    ),
    (sent_again, "client.send_again"): (
        "You asked Lucía to send the delivery again",
        "Lucía sends it until Fri 11 Dec 2026, 11:30 IST, for the booking of "
        "Thu 26 Nov 2026. No round of changes is used.",
    ),
    (sent_again, "developer.send_again"): (
        "Meera asks you to send the delivery again",
        "Send it until Fri 11 Dec 2026, 07:00 CET, for the booking of Thu 26 Nov 2026. "
        "No round of changes is used.",
    ),
    (contested, "client.cancellation_contested"): (
        "Lucía contested the cancellation",
        HELD,
    ),
    (contested, "client.cancellation_proposed"): (
        "You cancelled after a delivery",
        "The cancellation stands unless the developer contests it in time. ₹4,800.00 is held.",
    ),
    (contested, "developer.cancellation_contested"): (
        "You contested the cancellation",
        HELD,
    ),
    (contested, "developer.cancellation_proposed"): (
        "Meera cancels after your delivery",
        "The cancellation stands unless the developer contests it in time. ₹4,800.00 is held.",
    ),
    (kept, "client.cancellation_withdrawn"): (
        "You kept the booking",
        "Nothing is cancelled, and ₹4,800.00 stays held.",
    ),
    (kept, "developer.cancellation_withdrawn"): (
        "Meera kept the booking",
        "Nothing is cancelled, and ₹4,800.00 stays held.",
    ),
}


@pytest.mark.parametrize("story", dict.fromkeys(story for story, _ in SAYS))
async def test_an_entry_says_what_happened_and_what_follows(story: Story) -> None:
    here = await scene()
    await story(here)
    await here.app.run()

    expected = {what: says for (of, what), says in SAYS.items() if of is story}
    found = dict[str, tuple[str, str]]()
    for side, person in (("client", here.client), ("developer", here.developer)):
        for each in (await listed(await browser_of(here.app, person), "?limit=50"))["items"]:
            detail = plain(each["detail"]).partition(" (OH-")[0]
            found[f"{side}.{each['kind']}"] = plain(each["heading"]), detail
    assert {what: found[what] for what in expected} == expected


def test_every_notice_of_a_story_has_an_expected_text() -> None:
    told = {what.partition(".")[2] for _, what in SAYS}
    names = {name for names in STORIES.values() for name in names.split()} | {"remind_dispute"}
    assert told == names - {"cancelled"}
