"""The lists of one account, and those of a period, read by the index that is declared for them."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import datetime

import pytest

from core.findings import FindingKind
from core.policy import DAY, HOUR
from onehour.testing.samples.sample import NOW
from ports.conditions import Between
from ports.store import Repositories
from services.notifications.documents import NOTIFICATIONS
from tests.contracts.test_list_indexes import Watched, stages, watched

__all__ = ["watched"]

ONE, TWO = ("cli_1",), ("cli_1", "dev_0001")
SINCE, BEFORE = NOW - DAY, NOW - 8 * HOUR


async def _between(repositories: Repositories, since: datetime, before: datetime) -> object:
    return [each async for each in repositories.transactions.between(since, before)]


KIND = (FindingKind.JOB_MISSING,)
PERIOD = [Between("created_at", SINCE, BEFORE)]
LISTS: dict[str, tuple[str, Callable[[Repositories], Awaitable[object]]]] = {
    "payments": ("of_account", lambda r: r.payments.of_account(ONE, limit=5)),
    "payments of both roles": ("of_account", lambda r: r.payments.of_account(TWO, limit=5)),
    "payments of a period": (
        "of_account",
        lambda r: r.payments.of_account(ONE, limit=5, where=PERIOD),
    ),
    "entries": ("of_account", lambda r: r.transactions.of_account(ONE, limit=5)),
    "entries of an account's period": (
        "of_account",
        lambda r: r.transactions.of_account(ONE, limit=5, since=SINCE, before=BEFORE),
    ),
    "entries of a period": ("by_time", lambda r: _between(r, SINCE, BEFORE)),
    "the first entry": ("by_time", lambda r: r.transactions.first()),
    "bookings": ("of_account", lambda r: r.bookings.of_account("acc_1", limit=5)),
    "documents of a period": (
        "order_newest",
        lambda r: r.documents(NOTIFICATIONS).page(
            "newest",
            equals={"account_id": "acc_1"},
            limit=5,
            where=[Between("at", SINCE, BEFORE)],
        ),
    ),
    "documents before a time": (
        "order_newest",
        lambda r: r.documents(NOTIFICATIONS).page(
            "newest",
            equals={"account_id": "acc_1"},
            limit=5,
            where=[Between("at", below=BEFORE)],
        ),
    ),
    "findings of a period": (
        "by_time",
        lambda r: r.findings.page(limit=5, where=[Between("at", SINCE, BEFORE)]),
    ),
    "findings about a page of subjects": (
        "of_subject",
        lambda r: r.findings.of_kinds(KIND, after="pay_1", until="pay_9"),
    ),
}


@pytest.mark.parametrize("name", LISTS)
async def test_a_list_of_an_account_or_period_has_an_index(watched: Watched, name: str) -> None:
    index, read = LISTS[name]

    plans = await watched.explained(read)

    assert plans
    used = [stage for plan in plans for stage in stages(plan) if "SCAN" in stage["stage"]]
    assert {stage.get("indexName") for stage in used} == {index}
