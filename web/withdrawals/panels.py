"""Withdrawals on the overview of administrators."""

from __future__ import annotations

from collections.abc import Mapping

from quart import render_template

from core.withdrawals import Status
from web.shared.context import services
from web.withdrawals.wording import ADMINISTERED

COUNTED_AT_MOST = 1000
SHOWN = (Status.HELD, Status.REQUESTED, Status.SENT)


async def overview(facts: Mapping[str, object]) -> str:
    """How many wait for an administrator, and how many are under way."""
    lists = services().withdrawal_lists
    counts = {each: await lists.count(each, at_most=COUNTED_AT_MOST) for each in SHOWN}
    oldest, _ = await lists.page(status=Status.HELD, limit=1)
    return await render_template(
        "withdrawals/_overview.html",
        counts=counts,
        badges=ADMINISTERED,
        oldest=oldest[0] if oldest else None,
        most=COUNTED_AT_MOST,
    )
