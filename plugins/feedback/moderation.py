"""Reports of reviews, and what administrators decide.

A report of a threat freezes the weight of the review at once: it does not count until an
administrator has decided, also when it is written only later. Any other report changes nothing
until then.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from plugins.api import Account, Caller, Clock, Ids, JobId, NotFound, Repositories, Store
from plugins.feedback.activity import record
from plugins.feedback.model import EXCHANGES, REVIEWS, Exchange, Review, State, Writer, review_id
from plugins.feedback.reports import REPORTS, Kind, Outcome, Report, checked_reason
from plugins.feedback.service import FeedbackService
from plugins.feedback.storing import replace_review, transact_again


@dataclass(frozen=True, slots=True)
class Reported:
    """A report with its review, which is None if it is not written yet, the job of the review, and
    who reported it, or None if that account is gone."""

    report: Report
    review: Review | None
    exchange: Exchange
    reporter: Account | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ModerationService:
    """`by` is the acting account."""

    store: Store
    clock: Clock
    ids: Ids
    feedback: FeedbackService

    async def report(self, review: str, *, by: Account, reason: str) -> Report:
        """Report a review, as a reader who is not its author. Raises `NotFound`, `Invalid`,
        and `AlreadyReported` while an own report is open."""
        text, now = checked_reason(reason), self.clock.now()

        async def step(repositories: Repositories) -> Report:
            found = await repositories.documents(REVIEWS).get(review)
            if not found.readable_by(by) or found.author == by.id:
                raise NotFound
            exchange = await repositories.documents(EXCHANGES).get(found.job_id)
            made = self._made(Kind.CONTENT, exchange, found.writer, by.id, text, now)
            return await repositories.documents(REPORTS).add(made)

        return await transact_again(self.store, step)

    async def report_threat(self, job_id: JobId, *, by: str, reason: str) -> Report:
        """Report, as one side of an approved job, that the other side threatens with its review.
        That review does not count until an administrator has decided.

        Raises `NotFound` for others, `NotApproved`, `Invalid`, and `AlreadyReported`.
        """
        text, now = checked_reason(reason), self.clock.now()

        async def step(repositories: Repositories) -> Report:
            exchange = await self.feedback.opened(repositories, job_id, now=now, side=by)
            writer = exchange.writer(by).other
            await self._freeze(repositories, exchange, writer)
            made = self._made(Kind.THREAT, exchange, writer, by, text, now)
            return await repositories.documents(REPORTS).add(made)

        return await transact_again(self.store, step)

    async def decide(
        self, report_id: str, outcome: Outcome, *, by: Account, caller: Caller
    ) -> Report:
        """Close a report, as an administrator. A closed one stays as it is. Raises `NotFound`."""
        now = self.clock.now()

        async def step(repositories: Repositories) -> Report:
            report = await repositories.documents(REPORTS).get(report_id)
            if report.closed_at:
                return report
            closed = await repositories.documents(REPORTS).save(
                report.close(outcome, by=by.id, now=now)
            )
            await record(repositories, closed, outcome, by=by, caller=caller)
            exchange = await repositories.documents(EXCHANGES).get(report.job_id)
            if outcome is Outcome.REMOVED:
                await self._remove(repositories, exchange, report.writer)
            elif not await self._threatened(repositories, report):
                await self._thaw(repositories, exchange, report.writer)
            return closed

        return await transact_again(self.store, step)

    async def open_reports(
        self, *, limit: int, cursor: str | None = None
    ) -> tuple[Sequence[Reported], str | None]:
        """A page of the open reports, earliest first, for administrators."""
        repositories = self.store.repositories
        found, following = await repositories.documents(REPORTS).page(
            "open", equals={"closed_at": None}, limit=limit, cursor=cursor
        )
        ids = [review_id(each.job_id, each.writer) for each in found]
        reviews = await repositories.documents(REVIEWS).many(ids)
        exchanges = await repositories.documents(EXCHANGES).many([each.job_id for each in found])
        reporters = await repositories.accounts.many([each.reporter for each in found])
        reported = [
            Reported(
                each, reviews.get(review), exchanges[each.job_id], reporters.get(each.reporter)
            )
            for each, review in zip(found, ids, strict=True)
        ]
        return reported, following

    async def waiting(self, *, limit: int) -> int:
        """How many reports are open, at most `limit`."""
        return await self.store.repositories.documents(REPORTS).count(limit=limit, closed_at=None)

    def _made(
        self,
        kind: Kind,
        exchange: Exchange,
        writer: Writer,
        by: str,
        reason: str,
        now: datetime,
    ) -> Report:
        return Report(
            id=self.ids.new("rep"),
            kind=kind,
            job_id=exchange.id,
            booking_id=exchange.booking_id,
            writer=writer,
            reporter=by,
            reason=reason,
            at=now,
        )

    async def _freeze(self, repositories: Repositories, exchange: Exchange, writer: Writer) -> None:
        if writer in exchange.frozen:
            return
        frozen = replace(exchange, frozen=(*exchange.frozen, writer))
        await repositories.documents(EXCHANGES).save(frozen)
        review = await repositories.documents(REVIEWS).find(review_id(exchange.id, writer))
        if review:
            await replace_review(repositories, review, replace(review, frozen=True))

    async def _thaw(self, repositories: Repositories, exchange: Exchange, writer: Writer) -> None:
        if writer not in exchange.frozen:
            return
        kept = tuple(each for each in exchange.frozen if each is not writer)
        await repositories.documents(EXCHANGES).save(replace(exchange, frozen=kept))
        review = await repositories.documents(REVIEWS).find(review_id(exchange.id, writer))
        if review:
            await replace_review(repositories, review, replace(review, frozen=False))

    async def _remove(self, repositories: Repositories, exchange: Exchange, writer: Writer) -> None:
        review = await repositories.documents(REVIEWS).find(review_id(exchange.id, writer))
        if review is None:
            removed = (*exchange.removed, writer)
            await repositories.documents(EXCHANGES).save(replace(exchange, removed=removed))
        elif review.state is not State.HIDDEN:
            await replace_review(repositories, review, replace(review, state=State.HIDDEN))

    async def _threatened(self, repositories: Repositories, report: Report) -> bool:
        """Whether another report of a threat with the same review is open."""
        others = repositories.documents(REPORTS).each(
            job_id=report.job_id, writer=report.writer, closed_at=None
        )
        return any([each.kind is Kind.THREAT async for each in others if each.id != report.id])
