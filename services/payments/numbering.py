"""Numbers for ledger entries that have a document: taken in the transaction of the entry.

Entries that are added at the same time want the same number, so their transactions conflict and all
but one run again: that is the price of numbers without gaps.
"""

from __future__ import annotations

from dataclasses import replace

from core.numbering import NumberSeries, series_id, series_of
from core.transactions import Transaction
from ports.store import Repositories
from services.payments.documents import NUMBER_SERIES


async def numbered(repositories: Repositories, entry: Transaction) -> Transaction:
    """The entry with the next number of its series: one read. Without effect for an entry that has
    no document."""
    series = series_of(entry)
    if series is None:
        return entry
    stored, key = repositories.documents(NUMBER_SERIES), series_id(series, entry.at)
    before = await stored.find(key)
    after = (before or NumberSeries(key)).take()
    await (stored.save(after) if before else stored.add(after))
    return replace(entry, number=after.number)
