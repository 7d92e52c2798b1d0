"""What the booking of the form would cost."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from core.accounts import Role
from core.developers import Developer
from core.money import Money
from core.prices import PriceLine
from web.developers.picker import Choice
from web.developers.plugin_fields import names_in_form
from web.shared.context import now, services, viewer


@dataclass(frozen=True, slots=True)
class Price:
    """What the booking of the form would cost. `quoted`: plugins were asked. `errors` are what they
    refuse in their fields, by the names of these in the form."""

    total: Money
    lines: Sequence[PriceLine] = ()
    quoted: bool = False
    errors: Mapping[str, str] = field(default_factory=dict)


async def price_of(developer: Developer, choice: Choice) -> Price:
    """For a client, with the lines of plugins; a time that is not selected yet is the next free
    one."""
    account, bookings = viewer(), services().bookings
    is_client = account and Role.CLIENT in account.roles and account.id != developer.account_id
    if not account or not is_client or not bookings.extensions.names:
        return Price(developer.rate * choice.hours)
    upcoming = developer.upcoming(now=now())
    quote = await bookings.quote(
        by=account.id,
        developer_id=developer.id,
        start=choice.start or (upcoming[0] if upcoming else now()),
        hours=choice.hours,
        fields=choice.fields,
    )
    silent = [line for line in quote.lines if not line.amount]
    lines, errors = (*quote.draft.price_lines, *silent), names_in_form(quote.errors)
    return Price(quote.draft.price, lines, quoted=True, errors=errors)
