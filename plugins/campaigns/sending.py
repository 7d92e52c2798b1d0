"""Sends campaigns: one chain of outbox messages for each, one mail after the other.

Each message does a little: it selects a page of recipients, or sends a few mails, and adds the
next one in the transaction that records what it did. So a worker that dies costs at most the mail
that was under way: it is sent again when the lease of its row has ended. Nothing else repeats a
mail that a server has taken: sending and recording it is a task of its own, which goes on when the
message is interrupted or takes too long, and which the next message waits for. A message whose
number is not that of the campaign (after a pause, or delivered again) does nothing.
"""

from __future__ import annotations

import asyncio
import logging
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from itertools import chain, repeat
from time import monotonic

from plugins.api import (
    Account,
    AccountId,
    AddressRefused,
    Clock,
    Mailer,
    MailRefused,
    MailUnavailable,
    Message,
    NotDueYet,
    Repositories,
    Store,
    Suppression,
    Unavailable,
    handles,
)
from plugins.campaigns.audience import Candidate, reachable
from plugins.campaigns.chain import add_next, running
from plugins.campaigns.consents import CONSENTS, Consent
from plugins.campaigns.mails import Mails, message_of
from plugins.campaigns.model import (
    CAMPAIGNS,
    RECIPIENTS,
    WEEK,
    Campaign,
    GoOn,
    Person,
    Progress,
    Recipient,
)
from plugins.campaigns.numbers import numbers_of, save_row, transact
from plugins.campaigns.people import person_of
from plugins.campaigns.problems import pause_for, too_many_problems
from plugins.campaigns.selecting import Selecting
from plugins.campaigns.settings import CampaignSettings
from plugins.campaigns.words import EmptyWord, TooMuch

log = logging.getLogger(__name__)

BATCH = 20
"""Mails of one outbox message; those of ten seconds, if they are more."""
LONGEST_S = 12.0
"""Seconds after which no further mail of a batch is begun: a mail can take 10, a message has 25."""
ROW_LEASE = timedelta(seconds=150)
"""Longer than a message can run and a mail can wait for its record, so that two workers never send
one mail. A transaction that a killed worker has left open stands in the way of the record for up to
60 seconds (`transactionLifetimeLimitSeconds` of MongoDB)."""
RECORD_AGAIN_S = (0.25, 0.5, 1.0, 2.0)
"""Waits before another attempt to record a mail; the last one is repeated."""
FAILURES_IN_A_ROW = 3
"""After so many, the mail server is taken to be unavailable, and the batch ends."""
PAUSE_AFTER_FAILURES = timedelta(minutes=5)
FIRST_RETRY, LONGEST_RETRY, GIVE_UP = (
    timedelta(minutes=30),
    timedelta(hours=6),
    timedelta(days=4),
)
"""RFC 5321, 4.5.4.1: at least 30 minutes between attempts, give up after 4 to 5 days."""


@dataclass(frozen=True, slots=True)
class Claimed:
    """A row that only this worker sends now."""

    row: Recipient
    reader: Candidate


@dataclass(frozen=True, slots=True, kw_only=True)
class Sending:
    store: Store
    selecting: Selecting
    mailer: Mailer
    mails: Mails
    clock: Clock
    settings: CampaignSettings
    under_way: dict[str, asyncio.Task[bool]] = field(default_factory=dict)
    """Mails of this process that are not recorded yet: one of each campaign, by its id."""

    @handles(GoOn)
    async def go_on(self, payload: GoOn) -> None:
        """Raises `NotDueYet` before the start."""
        if before := self.under_way.get(payload.campaign):
            await asyncio.wait({before})
        campaign = await self.store.repositories.documents(CAMPAIGNS).find(payload.campaign)
        if campaign is None or not campaign.runs(payload.step):
            return
        if campaign.starts_at and self.clock.now() < campaign.starts_at:
            raise NotDueYet(campaign.starts_at)
        if campaign.selected:
            await self._send_batch(campaign)
        else:
            await self.selecting.select_page(campaign)

    async def _send_batch(self, campaign: Campaign) -> None:
        """Send what is due, then add the message for the next batch, or finish."""
        end, tried, failures, now = monotonic() + LONGEST_S, 0, 0, self.clock.now()
        size = max(1, min(max(BATCH, campaign.rate // 360), campaign.rate // 60))
        rows, _ = await self.store.repositories.documents(RECIPIENTS).page(
            "due", equals={"campaign": campaign.id, "progress": Progress.WAITING}, limit=size * 2
        )
        for row in rows:
            if row.due_at > now or tried >= size or monotonic() > end:
                break
            if failures >= FAILURES_IN_A_ROW:
                break
            answered = await self._send(campaign, row)
            tried += answered is True
            failures = failures + 1 if answered is False else 0
        following = now + timedelta(hours=tried / campaign.rate)
        if failures >= FAILURES_IN_A_ROW:
            following = max(following, self.clock.now() + PAUSE_AFTER_FAILURES)
        await self._after_batch(campaign, following)

    async def _after_batch(self, campaign: Campaign, following: datetime) -> None:
        """Go on at the time `following`, or when the next is due, or finish."""
        now = self.clock.now()

        async def step(repositories: Repositories) -> None:
            stored = await running(repositories, campaign)
            if stored is None:
                return
            left, _ = await repositories.documents(RECIPIENTS).page(
                "due", equals={"campaign": stored.id, "progress": Progress.WAITING}, limit=1
            )
            if reason := too_many_problems(await numbers_of(repositories, stored.id)):
                await pause_for(repositories, stored, reason, now)
                return
            if not left:
                await repositories.documents(CAMPAIGNS).save(stored.finish(at=now))
                return
            stored = replace(stored, step=stored.step + 1)
            await add_next(repositories, stored, due_at=max(following, left[0].due_at))

        await transact(self.store, step)

    async def _send(self, campaign: Campaign, row: Recipient) -> bool | None:
        """Whether the mail server answered; None if there was nothing to send to this person."""
        claimed = await self._claim(campaign, row.id)
        if claimed is None:
            return None
        try:
            mail = await self.mails.make(self.store.repositories, campaign, claimed.reader)
        except (EmptyWord, TooMuch):
            await self._record(claimed, Progress.EMPTY)
            return None
        made = message_of(f"campaign.{row.id}", claimed.reader.account.email, mail)
        sending = asyncio.create_task(self._deliver(claimed, made))
        self.under_way[campaign.id] = sending
        sending.add_done_callback(lambda _: self.under_way.pop(campaign.id, None))
        return await asyncio.shield(sending)

    async def _deliver(self, claimed: Claimed, made: Message) -> bool:
        """Send one mail and record it. Whether the mail server answered."""
        try:
            await self.mailer.send(made)
        except AddressRefused as error:
            suppression = Suppression(made.to, error.message, self.clock.now())
            await self.store.repositories.suppressions.add(suppression)
            await self._record(claimed, Progress.BOUNCED)
        except MailRefused as error:
            log.warning("the mail %s of a campaign was refused: %s", claimed.row.id, error)
            await self._record(claimed, Progress.FAILED)
        except MailUnavailable:
            await self._try_later(claimed)
            return False
        else:
            await self._record(claimed, Progress.SENT)
        return True

    async def _claim(self, campaign: Campaign, row_id: str) -> Claimed | None:
        """Check all that can have changed, and take the row for a while. None if this mail is not
        to be sent now, or not at all."""
        now = self.clock.now()

        async def step(repositories: Repositories) -> Claimed | None:
            rows = repositories.documents(RECIPIENTS)
            row = await rows.find(row_id)
            if await running(repositories, campaign) is None:
                return None
            if row is None or row.progress is not Progress.WAITING or row.due_at > now:
                return None
            account = await repositories.accounts.find(AccountId(row.account))
            consent = await repositories.documents(CONSENTS).find(row.account)
            known = await person_of(repositories, row.account)
            person = known.person
            obstacle = await self._obstacle(repositories, campaign, account, consent, person, now)
            if obstacle or account is None or consent is None:
                await save_row(repositories, row, replace(row, progress=obstacle or Progress.GONE))
                return None
            later = self.settings.quiet.over_at(now, account.timezone)
            if later > now:
                await save_row(repositories, row, replace(row, due_at=later))
                return None
            taken = replace(
                row,
                due_at=now + ROW_LEASE,
                attempts=row.attempts + 1,
                first_try_at=row.first_try_at or now,
                clicks=consent.clicks,
            )
            await known.save(repositories, person.with_mail(campaign.id, now))
            reader = Candidate(account, consent, person, returns=False)
            return Claimed(await save_row(repositories, row, taken), reader)

        return await transact(self.store, step)

    async def _obstacle(
        self,
        repositories: Repositories,
        campaign: Campaign,
        account: Account | None,
        consent: Consent | None,
        person: Person,
        now: datetime,
    ) -> Progress | None:
        """Why this person does not get the mail any more."""
        if account is None or not reachable(account):
            return Progress.GONE
        if consent is None or not consent.allows(campaign.topic):
            return Progress.WITHDREW
        if await repositories.suppressions.find(account.email):
            return Progress.RETURNS
        if person.mails_since(now - WEEK, beside=campaign.id) >= self.settings.per_week:
            return Progress.ENOUGH
        return None

    async def _record(self, claimed: Claimed, progress: Progress) -> None:
        """The end of one mail. Without this record it is sent again, so this goes on for as long as
        the database is unavailable."""
        now = self.clock.now()

        async def step(repositories: Repositories) -> None:
            rows = repositories.documents(RECIPIENTS)
            row = await rows.find(claimed.row.id)
            if row is None or row.progress is not Progress.WAITING:
                return
            sent = progress is Progress.SENT
            bounced = now if progress is Progress.BOUNCED else None
            after = replace(
                row, progress=progress, sent_at=now if sent else None, bounced_at=bounced
            )
            await save_row(repositories, row, after)
            if not sent:
                known = await person_of(repositories, row.account)
                if known.is_stored:
                    await known.save(repositories, known.person.without_mail(row.campaign))

        for wait_s in chain(RECORD_AGAIN_S, repeat(RECORD_AGAIN_S[-1])):
            try:
                return await transact(self.store, step)
            except Unavailable as error:
                log.warning("the mail %s is not recorded yet: %s", claimed.row.id, error)
                await asyncio.sleep(wait_s)

    async def _try_later(self, claimed: Claimed) -> None:
        now = self.clock.now()
        first = claimed.row.first_try_at or now
        if now - first > GIVE_UP:
            await self._record(claimed, Progress.FAILED)
            return
        wait = min(FIRST_RETRY * 2 ** min(claimed.row.attempts - 1, 10), LONGEST_RETRY)

        async def step(repositories: Repositories) -> None:
            rows = repositories.documents(RECIPIENTS)
            row = await rows.find(claimed.row.id)
            if row and row.progress is Progress.WAITING:
                await save_row(repositories, row, replace(row, due_at=now + wait))

        await transact(self.store, step)
