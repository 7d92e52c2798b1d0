"""Marks the mails of campaigns whose addresses bounced or complained after they were sent."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from plugins.api import Clock, DocumentType, Repositories, Store, Suppression, periodic
from plugins.campaigns.consent_service import ConsentService
from plugins.campaigns.consents import Way
from plugins.campaigns.model import RECIPIENTS, Progress, Recipient
from plugins.campaigns.numbers import save_row, transact

PAGE = 200
OVERLAP = timedelta(minutes=10)
"""Suppressions may be stored a little later than their time says."""
FIRST_LOOK = timedelta(days=30)
RECENT = timedelta(days=30)
"""A report belongs to mails that were sent so long before it."""


@dataclass(frozen=True, slots=True)
class Position:
    """Up to which time the suppression list has been read; there is one."""

    id: str
    until: datetime
    version: int = 0


POSITIONS = DocumentType("campaigns_positions", Position)
NAME = "suppressions"
SLACK = timedelta(minutes=1)
"""A refusal while a mail is sent is stored a moment before the mail's own record."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Returns:
    store: Store
    consents: ConsentService
    clock: Clock

    @periodic("campaigns.returns", every=timedelta(minutes=5))
    async def read(self) -> None:
        """Read what is new on the suppression list. Repeating it changes nothing."""
        positions = self.store.repositories.documents(POSITIONS)
        position = await positions.find(NAME)
        since = position.until - OVERLAP if position else self.clock.now() - FIRST_LOOK
        while True:
            found = await self.store.repositories.suppressions.since(since, limit=PAGE)
            for each in found:
                await self._mark(each)
            if len(found) < PAGE or found[-1].at == since:
                break
            since = found[-1].at
        until = self.clock.now()
        if position is None:
            await positions.add(Position(NAME, until))
        else:
            await positions.save(replace(position, until=until))

    async def _mark(self, listed: Suppression) -> None:
        account = await self.store.repositories.accounts.find_by_email(listed.email)
        if account is None:
            return
        if listed.complaint and (await self.consents.find(account.id)).topics:
            await self.consents.choose((), clicks=False, by=account.id, way=Way.COMPLAINT)

        async def step(repositories: Repositories) -> None:
            rows = repositories.documents(RECIPIENTS)
            last = _last([row async for row in rows.each(account=account.id)], listed.at)
            if last is None or last.progress is not Progress.SENT:
                return
            if listed.complaint:
                after = replace(last, progress=Progress.COMPLAINED, complained_at=listed.at)
            else:
                after = replace(last, progress=Progress.BOUNCED, bounced_at=listed.at)
            await save_row(repositories, last, after)

        await transact(self.store, step)


def _last(rows: Iterable[Recipient], at: datetime) -> Recipient | None:
    """The last mail before a report: that is the one it is about."""
    tried = [(when, row) for row in rows if (when := row.sent_at or row.bounced_at)]
    before = [(when, row) for when, row in tried if when <= at + SLACK and at <= when + RECENT]
    return max(before, key=lambda pair: pair[0])[1] if before else None
