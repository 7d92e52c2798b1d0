"""Recent activity: what was changed about one's account, by whom and from where."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from quart import Blueprint, render_template, request
from quart.typing import ResponseReturnValue

from core.audit import ADMIN, PROVIDER, SYSTEM, Entry
from core.money import Money
from web.shared.access import Who, allow
from web.shared.activity import activity_words
from web.shared.context import me, services
from web.shared.templating import money

blueprint = Blueprint("activity", __name__, template_folder="../templates")

ACTOR_NAMES = {
    "you": "You",
    SYSTEM: "By itself",
    PROVIDER: "The payment provider",
    ADMIN: "An administrator",
}
ANOTHER = "The other side of the booking"


@dataclass(frozen=True, slots=True)
class Line:
    """One entry as its owner reads it. `booking` is the id of the booking it belongs to."""

    at: datetime
    words: str
    amount_of: str
    by: str
    device: str
    address: str
    booking: str


@blueprint.get("/account/activity")
@allow(Who.SIGNED_IN)
async def show() -> ResponseReturnValue:
    cursor = request.args.get("cursor") or None
    entries, following = await services().audit.recent(by=me().id, cursor=cursor)
    lines = [line(entry) for entry in entries]
    return await render_template(
        "activity/show.html", lines=lines, following=following, cursor=cursor
    )


def line(entry: Entry) -> Line:
    return Line(
        at=entry.at,
        words=activity_words(entry.what),
        amount_of=amount_of(entry),
        by=ACTOR_NAMES.get(actor(entry), ANOTHER if "booking" in entry.detail else "Somebody else"),
        device=entry.device,
        address=entry.address,
        booking=entry.detail.get("booking", ""),
    )


def actor(entry: Entry) -> str:
    """Who did it, as the entry's owner may know: the accounts of others are not theirs to see."""
    if entry.actor == entry.account_id:
        return "you"
    if entry.actor.startswith("acc_") and "booking" not in entry.detail:
        return ADMIN  # nobody else acts on somebody's account
    return entry.actor if entry.actor in ACTOR_NAMES else "another"


def amount_of(entry: Entry) -> str:
    """The amount, for what moved money."""
    amount, currency = entry.detail.get("amount", ""), entry.detail.get("currency", "")
    return money(Money(int(amount), currency)) if amount and currency else ""
