"""Parts of audit entries as pages show them."""

from __future__ import annotations

from core.audit import Entry
from core.money import Money
from web.shared.templating import money


def amount_of(entry: Entry) -> str:
    """The formatted amount of an entry about money, or an empty text."""
    amount, currency = entry.detail.get("amount", ""), entry.detail.get("currency", "")
    return money(Money(int(amount), currency)) if amount and currency else ""
