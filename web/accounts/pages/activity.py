"""Recent activity: audit entries of the own account."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from quart import Blueprint, render_template
from quart.typing import ResponseReturnValue

from core.accounts import AccountActivity
from core.audit import ADMIN, PROVIDER, SYSTEM, Entry
from web.shared.access import Who, allow
from web.shared.activity import activity_words
from web.shared.audit import amount_of
from web.shared.context import me, services
from web.shared.paging import next_cursor, page_cursor

blueprint = Blueprint("activity", __name__, template_folder="../templates")

ACTOR_NAMES = {
    "you": "You",
    SYSTEM: "The system",
    PROVIDER: "The payment provider",
    ADMIN: "An administrator",
}
OTHER_PARTY = "The other party of the booking"


@dataclass(frozen=True, slots=True)
class Line:
    """One entry, worded for the account's owner. `booking` is the id of its booking, or empty,
    `number` its number, which entries of 0.1.0 lack."""

    at: datetime
    words: str
    amount_of: str
    by: str
    device: str
    address: str
    booking: str
    number: str


@blueprint.get("/account/activity")
@allow(Who.SIGNED_IN)
async def show() -> ResponseReturnValue:
    cursor = page_cursor()
    entries, following = await services().audit.recent(by=me().id, cursor=cursor)
    lines = [line(entry) for entry in entries]
    return await render_template(
        "activity/show.html", lines=lines, following=next_cursor(following), cursor=cursor
    )


def line(entry: Entry) -> Line:
    """The entry in words."""
    return Line(
        at=entry.at,
        words=activity_words(entry.what),
        amount_of=amount_of(entry),
        by=ACTOR_NAMES.get(
            actor(entry), OTHER_PARTY if "booking" in entry.detail else "Another person"
        ),
        device=entry.device,
        address=entry.address,
        booking=entry.detail.get("booking", ""),
        number=entry.detail.get("number", ""),
    )


def actor(entry: Entry) -> str:
    """Who did it, without the id of another account, which the owner must not see."""
    if entry.actor == entry.account_id:
        return "you"
    by_party = "booking" in entry.detail and entry.what != AccountActivity.ADMIN_READ
    if entry.actor.startswith("acc_") and not by_party:
        return ADMIN  # only administrators act on other accounts
    return entry.actor if entry.actor in ACTOR_NAMES else "another"
