"""The use cases of administrators: write, count, try, schedule, pause, resume, stop."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from plugins.api import (
    Account,
    Caller,
    Clock,
    Errors,
    Ids,
    Missing,
    Repositories,
    Store,
    checked_text,
    message,
)
from plugins.campaigns.activity import CampaignActivity as Did
from plugins.campaigns.activity import record
from plugins.campaigns.audience import Answer, Candidate, Counts, answer, counted, everybody
from plugins.campaigns.chain import add_next
from plugins.campaigns.consents import CONSENTS, Topic
from plugins.campaigns.mails import Mail, Mails, templates_of
from plugins.campaigns.model import (
    BUTTON_MAXIMUM,
    CAMPAIGNS,
    LINE_MAXIMUM,
    NAME_MAXIMUM,
    RUNNING,
    SUBJECT_MAXIMUM,
    TEXT_MAXIMUM,
    Campaign,
    Segment,
    TrialMail,
    Words,
)
from plugins.campaigns.results import Results, results_of
from plugins.campaigns.settings import CampaignSettings

LOOKED_AT = 20_000
"""People that are counted while somebody waits."""
LONGEST_AHEAD = timedelta(days=90)


@dataclass(frozen=True, slots=True, kw_only=True)
class CampaignService:
    store: Store
    mails: Mails
    clock: Clock
    ids: Ids
    settings: CampaignSettings

    async def page(
        self, *, limit: int = 20, cursor: str | None = None
    ) -> tuple[tuple[Campaign, ...], str | None]:
        """The newest first, and the cursor of the next page."""
        return await self.store.repositories.documents(CAMPAIGNS).page(
            "newest", limit=limit, cursor=cursor
        )

    async def get(self, campaign_id: str) -> Campaign:
        """Raises `Missing`."""
        return await self.store.repositories.documents(CAMPAIGNS).get(campaign_id)

    async def create(self, name: str, *, by: Account, caller: Caller) -> Campaign:
        """An empty draft. Raises `Invalid`."""
        now = self.clock.now()
        made = Campaign(self.ids.new("cam"), _name(name), created_at=now, saved_at=now, by=by.name)

        async def step(repositories: Repositories) -> Campaign:
            added = await repositories.documents(CAMPAIGNS).add(made)
            await record(repositories, Did.CREATED, added, by=by, caller=caller, at=now)
            return added

        return await self.store.transact(step)

    async def write(
        self,
        campaign_id: str,
        *,
        name: str,
        topic: Topic,
        segment: Segment,
        words: Words,
        by: Account,
    ) -> Campaign:
        """Change a draft; it may be unfinished, but what is there must be right. Raises `Invalid`,
        `WrongState` and `Missing`."""
        now, name, words = self.clock.now(), _name(name), checked_words(words)

        async def step(repositories: Repositories) -> Campaign:
            campaigns = repositories.documents(CAMPAIGNS)
            stored = await campaigns.get(campaign_id)
            return await campaigns.save(
                stored.write(name, topic, segment, words, by=by.name, at=now)
            )

        return await self.store.transact(step)

    async def count(self, campaign_id: str, topic: Topic, segment: Segment, *, zone: str) -> Counts:
        """How many would get it now; `zone` is that of the one who asks."""
        answers, more = list[tuple[Candidate, Answer]](), False
        async for each in self._answers(campaign_id, topic, segment):
            more = len(answers) == LOOKED_AT
            if more:
                break
            answers.append(each)
        return counted(answers, zone=zone, more=more)

    async def readers(
        self, campaign_id: str, topic: Topic, segment: Segment, *, limit: int
    ) -> list[Candidate]:
        """Some of those who would get it now, for a preview."""
        found = list[Candidate]()
        async for each, given in self._answers(campaign_id, topic, segment):
            if given is Answer.YES:
                found.append(each)
            if len(found) == limit:
                break
        return found

    async def _answers(
        self, campaign_id: str, topic: Topic, segment: Segment
    ) -> AsyncIterator[tuple[Candidate, Answer]]:
        now, per_week = self.clock.now(), self.settings.per_week
        async for each in everybody(self.store.repositories, topic):
            yield each, answer(each, segment, campaign=campaign_id, per_week=per_week, now=now)

    async def preview(
        self, campaign: Campaign, words: Words, reader: Candidate, *, by: Account
    ) -> Mail:
        """The mail with these words to this person, as a test for the administrator: its links
        stop no mails of that person and count no click. Raises `EmptyWord`, `TooMuch` and
        `Invalid`."""
        shown = replace(campaign, words=checked_words(words))
        return await self.mails.make(self.store.repositories, shown, reader, test=by.id)

    async def send_test(
        self, campaign_id: str, *, reader: str, by: Account, caller: Caller
    ) -> None:
        """Send the saved words to the administrator, with the data of the account `reader`. It
        counts for nobody. Raises `Invalid` and `Missing`."""
        campaign, now, key = await self.get(campaign_id), self.clock.now(), self.ids.new("try")
        check_complete(campaign.words)
        consent = await self.store.repositories.documents(CONSENTS).find(reader)
        if consent is None:
            raise Missing

        async def step(repositories: Repositories) -> None:
            test = message(TrialMail(campaign_id, reader, by.id), key, due_at=now)
            await repositories.outbox.add(test)
            await record(repositories, Did.TESTED, campaign, by=by, caller=caller, at=now, key=key)

        await self.store.transact(step)

    async def schedule(
        self,
        campaign_id: str,
        *,
        starts_at: datetime | None,
        rate: int,
        by: Account,
        caller: Caller,
    ) -> Campaign:
        """Send it from `starts_at` on, at once by default, at most `rate` mails an hour. Raises
        `Invalid`, `WrongState` and `Missing`."""
        now = self.clock.now()
        start = max(starts_at or now, now)
        self._check_plan(start, rate, now)

        def scheduled(stored: Campaign) -> Campaign:
            check_complete(stored.words)
            return stored.schedule(start, rate=rate, by=by.name, at=now)

        return await self._move(campaign_id, scheduled, Did.SCHEDULED, by, caller, now)

    async def pause(self, campaign_id: str, *, by: Account, caller: Caller) -> Campaign:
        """No further mail is begun. Raises `WrongState` and `Missing`."""
        now = self.clock.now()

        def paused(stored: Campaign) -> Campaign:
            return stored.pause(by=by.name, at=now)

        return await self._move(campaign_id, paused, Did.PAUSED, by, caller, now)

    async def resume(self, campaign_id: str, *, by: Account, caller: Caller) -> Campaign:
        """Raises `WrongState` and `Missing`."""
        now = self.clock.now()

        def resumed(stored: Campaign) -> Campaign:
            return stored.resume(by=by.name, at=now)

        return await self._move(campaign_id, resumed, Did.RESUMED, by, caller, now)

    async def cancel(self, campaign_id: str, *, by: Account, caller: Caller) -> Campaign:
        """Those who wait get nothing. Raises `WrongState` and `Missing`."""
        now = self.clock.now()

        def cancelled(stored: Campaign) -> Campaign:
            return stored.cancel(by=by.name, at=now)

        return await self._move(campaign_id, cancelled, Did.CANCELLED, by, caller, now)

    async def _move(
        self,
        campaign_id: str,
        transition: Callable[[Campaign], Campaign],
        what: Did,
        by: Account,
        caller: Caller,
        now: datetime,
    ) -> Campaign:
        """A transition by an administrator. With the message that goes on, if it is to be sent."""

        async def step(repositories: Repositories) -> Campaign:
            campaigns = repositories.documents(CAMPAIGNS)
            moved = transition(await campaigns.get(campaign_id))
            if moved.state in RUNNING:
                due_at = max(now, moved.starts_at or now)
                saved = await add_next(repositories, moved, due_at=due_at)
            else:
                saved = await campaigns.save(moved)
            await record(repositories, what, saved, by=by, caller=caller, at=now)
            return saved

        return await self.store.transact(step)

    async def results(self, campaign_id: str, *, zone: str) -> Results:
        """What came of it so far; `zone` is that of the one who asks."""
        now, quiet = self.clock.now(), self.settings.quiet
        return await results_of(
            self.store.repositories, campaign_id, zone=zone, now=now, quiet=quiet
        )

    def _check_plan(self, start: datetime, rate: int, now: datetime) -> None:
        errors = Errors()
        if not 1 <= rate <= self.settings.fastest:
            errors.add(rate=f"Enter 1 to {self.settings.fastest:,} mails an hour.")
        if start > now + LONGEST_AHEAD:
            errors.add(starts_at="Choose a day within the next 90 days.")
        errors.check()


def _name(name: str) -> str:
    return checked_text(
        name, field="name", maximum=NAME_MAXIMUM, called="name", empty="Enter a name."
    )


def checked_words(words: Words) -> Words:
    """The words as they are stored. Raises `Invalid` with every field that is wrong."""
    errors, limits = Errors(), {
        "subject": SUBJECT_MAXIMUM,
        "line": LINE_MAXIMUM,
        "text": TEXT_MAXIMUM,
        "button": BUTTON_MAXIMUM,
    }  # fmt: skip
    texts = dict[str, str]()
    for field, maximum in limits.items():
        with errors:
            texts[field] = checked_text(
                getattr(words, field), field=field, maximum=maximum, lines=field == "text"
            )
    errors.check()
    made = Words(target=words.target, **texts)
    templates_of(made)
    return made


def check_complete(words: Words) -> None:
    """Raises `Invalid` for words that cannot be sent yet."""
    errors = Errors()
    for field in ("subject", "text"):
        if not getattr(words, field):
            errors.add(**{field: f"Write the {field} first."})
    if bool(words.button) is not bool(words.target):
        errors.add(button="A button needs words and a page to which it leads.")
    errors.check()
