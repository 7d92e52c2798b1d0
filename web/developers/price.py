"""What the booking of the form would cost."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from core.accounts import Role
from core.developers import Developer
from core.money import Money
from core.prices import PriceLine
from web.developers.picker import Choice
from web.shared.context import now, services, viewer


@dataclass(frozen=True, slots=True)
class Price:
    """What the booking of the form would cost. `quoted`: plugins were asked."""

    total: Money
    lines: Sequence[PriceLine] = ()
    quoted: bool = False


async def price_of(developer: Developer, choice: Choice) -> Price:
    """For a client, with the lines of plugins; a time that is not selected yet is the next free
    one."""
    account, bookings = viewer(), services().bookings
    is_client = account and Role.CLIENT in account.roles and account.id != developer.account_id
    if not account or not is_client or not bookings.extensions.names:
        return Price(developer.rate * choice.hours)
    upcoming = developer.upcoming(now=now())
    draft, lines = await bookings.quote(
        by=account.id,
        developer_id=developer.id,
        start=choice.start or (upcoming[0] if upcoming else now()),
        hours=choice.hours,
        fields=choice.fields,
    )
    silent = [line for line in lines if not line.amount]
    return Price(draft.price, (*draft.price_lines, *silent), quoted=True)
