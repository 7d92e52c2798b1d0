"""The use cases of the two sides: be invited, write, read, reply."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from plugins.api import (
    Account,
    BookingId,
    Clock,
    Job,
    JobId,
    JobStatus,
    NotDueYet,
    NotFound,
    NotifyParty,
    OutboxMessage,
    Repositories,
    Store,
    handles,
    message,
)
from plugins.feedback.messages import InviteToReview, RemindToReview, ShowReviews
from plugins.feedback.model import (
    EXCHANGES,
    REVIEWS,
    Exchange,
    NotApproved,
    Opinion,
    Review,
    State,
    Writer,
    review_id,
)
from plugins.feedback.settings import FeedbackSettings
from plugins.feedback.storing import replace_review, transact_again
from plugins.feedback.summary import SUMMARIES, Summary

ORDERS = ("newest", "lowest")
NEWEST = 10
MOST_COUNTED = 1000
"""Jobs of two people."""


@dataclass(frozen=True, slots=True)
class View:
    """The exchange of a job for one of its sides, `writer`. `theirs` is None while it is sealed."""

    exchange: Exchange
    writer: Writer
    mine: Review | None
    theirs: Review | None


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedbackService:
    """`by` is the acting account. Raises `NotFound` for accounts without access."""

    store: Store
    clock: Clock
    settings: FeedbackSettings

    async def write(
        self, job_id: JobId, *, by: str, rating: int, aspects: Sequence[int], text: str
    ) -> Review:
        """One side's review of an approved job. It stays sealed until the other side has written,
        or the time is up.

        Raises `Invalid`, `NotApproved`, `AlreadyReviewed` and `TooLateToReview`.
        """
        opinion = Opinion.checked(rating=rating, aspects=aspects, text=text)
        now = self.clock.now()

        async def step(repositories: Repositories) -> Review:
            exchange = await self.opened(repositories, job_id, now=now, side=by)
            written = exchange.write(exchange.writer(by), now=now)
            review = exchange.review_by(by, opinion, now=now)
            added = await repositories.documents(REVIEWS).add(review)
            saved = await repositories.documents(EXCHANGES).save(written)
            if not saved.opens(now=now):
                return added
            await self._show(repositories, saved, now)
            return await repositories.documents(REVIEWS).get(review.id)

        return await transact_again(self.store, step)

    async def invite(self, booking_id: BookingId) -> None:
        """The work of a booking is approved: invite both sides, once."""
        now = self.clock.now()

        async def step(repositories: Repositories) -> None:
            booking = await repositories.bookings.get(booking_id)
            if booking.job_id:
                await self.opened(repositories, JobId(booking.job_id), now=now)

        await transact_again(self.store, step)

    async def opened(
        self, repositories: Repositories, job_id: JobId, *, now: datetime, side: str = ""
    ) -> Exchange:
        """The exchange of the job, which is added if there is none: also for a job that was
        approved while the plugin was switched off. Raises `NotApproved`; `NotFound` if the account
        `side` is no side of the job."""
        exchanges = repositories.documents(EXCHANGES)
        stored = await exchanges.find(job_id)
        if stored:
            return stored
        job = await repositories.jobs.get(job_id)
        if side and side not in (job.client.account_id, job.developer.account_id):
            raise NotFound
        made = await self._made(repositories, job)
        await repositories.outbox.add(*self._deadlines(made))
        return await exchanges.add(made)

    async def follow_move(self, booking_id: BookingId) -> None:
        """The booked time has been moved: the time to write follows its end."""

        async def step(repositories: Repositories) -> None:
            booking = await repositories.bookings.get(booking_id)
            exchange = await repositories.documents(EXCHANGES).find(booking.job_id or "")
            if exchange is None:
                return
            moved = exchange.moved(booking.end, within=self.settings.write_within)
            if moved != exchange:
                await repositories.documents(EXCHANGES).save(moved)
                await repositories.outbox.add(*self._deadlines(moved))

        await transact_again(self.store, step)

    def _deadlines(self, exchange: Exchange) -> Iterable[OutboxMessage]:
        """One that runs too early, because the booked time was moved, waits."""
        key = f"{exchange.id}:{exchange.closes_at:%Y%m%d%H%M}"
        yield message(InviteToReview(exchange.id), key, due_at=exchange.begins_at)
        yield message(RemindToReview(exchange.id), key, due_at=self._remind_at(exchange))
        yield message(ShowReviews(exchange.id), key, due_at=exchange.closes_at)

    def _remind_at(self, exchange: Exchange) -> datetime:
        return max(exchange.begins_at, exchange.closes_at - self.settings.remind_before)

    async def _made(self, repositories: Repositories, job: Job) -> Exchange:
        """The time to write counts from the approval, or from the end of the booked time if that
        is later, as for work that was approved before the meeting."""
        if job.status is not JobStatus.APPROVED:
            raise NotApproved
        booking = await repositories.bookings.get(BookingId(job.booking_id))
        pair = {"client.id": job.client.id, "developer.id": job.developer.id}
        before = await repositories.documents(EXCHANGES).count(limit=MOST_COUNTED, **pair)
        entries = await repositories.timeline.of_booking(booking.id)
        approved_at = next(entry.at for entry in entries if entry.what == "approved")
        begins = max(approved_at, booking.end)
        return Exchange(
            id=job.id,
            booking_id=booking.id,
            client=job.client,
            developer=job.developer,
            hours=booking.hours,
            nth=before + 1,
            approved_at=approved_at,
            begins_at=begins,
            closes_at=begins + self.settings.write_within,
        )

    @handles(ShowReviews)
    async def show(self, payload: ShowReviews) -> None:
        """Show what is written when the time is up."""
        now = self.clock.now()

        async def step(repositories: Repositories) -> None:
            exchange = await repositories.documents(EXCHANGES).get(payload.exchange)
            if exchange.shown_at is None and now < exchange.closes_at:
                raise NotDueYet(exchange.closes_at)
            if exchange.opens(now=now):
                await self._show(repositories, exchange, now)

        await transact_again(self.store, step)

    @handles(InviteToReview)
    async def ask(self, payload: InviteToReview) -> None:
        """Ask the sides that have not written yet."""
        await self._ask_late(payload.exchange, "feedback_invited", lambda each: each.begins_at)

    @handles(RemindToReview)
    async def remind(self, payload: RemindToReview) -> None:
        await self._ask_late(payload.exchange, "feedback_reminder", self._remind_at)

    async def _ask_late(
        self, exchange_id: str, notice: str, due: Callable[[Exchange], datetime]
    ) -> None:
        repositories, now = self.store.repositories, self.clock.now()
        exchange = await repositories.documents(EXCHANGES).get(exchange_id)
        if now < due(exchange):
            raise NotDueYet(due(exchange))
        late = [side for side in Writer if exchange.may_write(side, now=now)]
        to = [exchange.party(side).account_id for side in late]
        await _notify(repositories, notice, exchange, to, now)

    async def _show(self, repositories: Repositories, exchange: Exchange, now: datetime) -> None:
        opened = await repositories.documents(EXCHANGES).save(exchange.open(now=now))
        for review in (await _reviews(repositories, opened)).values():
            if review.state is State.SEALED:
                await replace_review(repositories, review, review.show(now=now))
                await _notify(repositories, "feedback_shown", opened, [review.about_account], now)

    async def reply(self, review_id: str, *, by: str, text: str) -> Review:
        """The one reply of the reviewed person. Raises as `Review.answer`."""
        now = self.clock.now()

        async def step(repositories: Repositories) -> Review:
            review = await repositories.documents(REVIEWS).get(review_id)
            replied = review.answer(text, by=by, now=now, within=self.settings.reply_within)
            saved = await replace_review(repositories, review, replied)
            exchange = await repositories.documents(EXCHANGES).get(review.job_id)
            await _notify(repositories, "feedback_replied", exchange, [review.author], now)
            return saved

        return await transact_again(self.store, step)

    async def view(self, job_id: str, *, by: str) -> View | None:
        """What one side sees of the reviews of a job; None before the job is approved."""
        repositories = self.store.repositories
        exchange = await repositories.documents(EXCHANGES).find(job_id)
        if exchange is None:
            return await self._early_view(JobId(job_id), by)
        writer, found = exchange.writer(by), await _reviews(repositories, exchange)
        theirs = found.get(writer.other)
        shown = theirs if theirs and theirs.state is State.SHOWN else None
        return View(exchange, writer, found.get(writer), shown)

    async def _early_view(self, job_id: JobId, by: str) -> View | None:
        """Before the event of the approval has arrived."""
        job = await self.store.repositories.jobs.get(job_id)
        if by not in (job.client.account_id, job.developer.account_id):
            raise NotFound
        if job.status is not JobStatus.APPROVED:
            return None
        exchange = await self._made(self.store.repositories, job)
        return View(exchange, exchange.writer(by), None, None)

    async def to_write(self, *, by: str, writer: Writer) -> tuple[Exchange, ...]:
        """What an account can still write on that side, of its newest `NEWEST` jobs."""
        now = self.clock.now()
        found, _ = await self.store.repositories.documents(EXCHANGES).page(
            f"of_{writer}", equals={f"{writer}.account_id": by}, limit=NEWEST
        )
        return tuple(each for each in found if each.may_write(writer, now=now))

    async def shown(self, review_id: str, *, to: Account) -> Review:
        """A review that the account may read. Raises `NotFound`."""
        review = await self.store.repositories.documents(REVIEWS).get(review_id)
        if not review.readable_by(to):
            raise NotFound
        return review

    async def about(
        self, profile_id: str, *, order: str = "newest", limit: int = 20, cursor: str | None = None
    ) -> tuple[tuple[Review, ...], str | None]:
        """A page of the shown reviews of a profile; `order` is one of `ORDERS`."""
        return await self.store.repositories.documents(REVIEWS).page(
            order, equals={"about": profile_id, "state": State.SHOWN}, limit=limit, cursor=cursor
        )

    async def summary(self, profile_id: str) -> Summary:
        """The numbers about a profile."""
        stored = await self.store.repositories.documents(SUMMARIES).find(profile_id)
        return stored or Summary(profile_id)


async def _reviews(repositories: Repositories, exchange: Exchange) -> dict[Writer, Review]:
    """Those that are written, by side."""
    ids = [review_id(exchange.id, writer) for writer in exchange.written]
    found = await repositories.documents(REVIEWS).many(ids)
    return {review.writer: review for review in found.values()}


async def _notify(
    repositories: Repositories, notice: str, exchange: Exchange, to: Iterable[str], now: datetime
) -> None:
    """Tell these accounts one fact about the exchange, each once."""
    await repositories.outbox.add(
        *(
            message(
                NotifyParty(notice, account, exchange.booking_id, exchange.id),
                f"{exchange.id}:{notice}:{account}",
                due_at=now,
            )
            for account in to
        )
    )
