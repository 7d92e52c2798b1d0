"""Reconciliation: runs the comparisons page by page, repairs what is safe, and keeps findings."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from core.errors import OneHourError, Unavailable
from core.outbox import NotDueYet, OutboxMessage, Payload, message
from core.policy import DAY, MINUTE
from core.reconciliation import Difference
from core.reconciliation_messages import ReconcilePage
from ports.clock import Clock
from ports.findings import Finding
from ports.store import Store
from services.reconciliation.ahead import IdsAhead, PageIds, read_ids
from services.reconciliation.checks import Check
from services.shared.outbox import Handler, handles
from services.shared.periodic import periodic

log = logging.getLogger(__name__)

BY = "reconciliation"
"""What has resolved a finding, if it was no person."""
GONE = "A later comparison has not found it any more."
REPAIRED = "It was repaired by the ordinary step."


@dataclass(frozen=True, slots=True)
class PageResult:
    """What the comparison of one page has found, and the id to go on after; None at the end."""

    open: tuple[Finding, ...]
    resolved: tuple[Finding, ...]
    next: str | None
    missed: str = ""
    """The comparison that a provider has not answered, if any."""
    progress: str = ""
    """What was read of a page that needs another step; it goes on after the same id then."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReconciliationService:
    """A comparison reads outside of transactions. What differs is compared again in one, so that a
    change at the same moment is no finding. Nothing is corrected by editing: a repair is an
    ordinary step, which asks the provider where money moves.

    Any number of runs at the same time end in the same findings: each write is conditional.
    """

    store: Store
    clock: Clock
    checks: Mapping[str, Check]
    intents: Mapping[str, Check]
    """Those of what waits for a provider, which are made every few minutes, too."""
    steps: Mapping[str, Handler]
    """The ordinary steps by kind of message, those that repair."""
    ahead: IdsAhead
    """Of the runs whose pages this process compares."""

    @periodic("reconciliation.daily", every=DAY)
    async def start(self) -> None:
        """Begin every comparison. Each page is one outbox message, which enqueues the next, so a
        worker that stops loses at most the page that it was at. Without effect when it was begun
        before on this day (UTC)."""
        now = self.clock.now()
        day = now.replace(hour=0, minute=0, second=0, microsecond=0)
        pages = [ReconcilePage(name, day) for name in self.checks]
        await self.store.repositories.outbox.add(*(_message(page, now) for page in pages))

    @periodic("reconciliation.intents", every=5 * MINUTE)
    async def ask(self) -> None:
        """Ask the providers about what waits beyond its time. What has a finding already is asked
        about once a day."""
        for check in self.intents.values():
            await self._to_the_end(check, again=False)

    @handles(ReconcilePage)
    async def go_on(self, payload: ReconcilePage) -> None:
        """Compare one page, and enqueue the next."""
        check = self.checks.get(payload.check)
        if check is None:  # of another version, or of a provider that is gone
            return
        run = f"{payload.run:%Y%m%d}:{check.name}"
        ids = await self._next(self.ahead, check, payload.after, run)
        result = await self._compared(check.resumed(payload.progress), ids, payload.after)
        if result.next is not None:
            part = payload.part + 1 if result.progress else 0
            following = replace(payload, after=result.next, part=part, progress=result.progress)
            await self.store.repositories.outbox.add(_message(following, self.clock.now()))

    async def run(self, *, names: Sequence[str] = ()) -> tuple[PageResult, ...]:
        """All comparisons, or those with these names, now and to their end, or until a provider
        does not answer."""
        runs = [await self._to_the_end(self.checks[name]) for name in names or self.checks]
        return tuple(page for pages in runs for page in pages)

    async def _to_the_end(self, check: Check, *, again: bool = True) -> list[PageResult]:
        results = list[PageResult]()
        try:
            async for page in self.pages(check, again=again):
                results.append(page)
        except Unavailable as error:
            log.warning("%s was not compared to its end: %r", check.name, error)
            results.append(PageResult((), (), None, missed=check.name))
        return results

    async def pages(self, check: Check, *, again: bool = True) -> AsyncIterator[PageResult]:
        """Compare all entities, page by page, as `page`. Raises `Unavailable`."""
        ahead, after = IdsAhead(self.clock), ""
        while True:
            ids = await self._next(ahead, check, after)
            result = await self._whole(check, ids, after, again=again)
            yield result
            if result.next is None:
                return
            after = result.next

    async def _next(self, ahead: IdsAhead, check: Check, after: str, run: str = "") -> PageIds:
        repositories, limit = self.store.repositories, check.page_size
        return await ahead.page(run, check, repositories, after=after, limit=limit)

    async def page(
        self,
        check: Check,
        *,
        after: str = "",
        limit: int = 0,
        again: bool = True,
    ) -> PageResult:
        """Compare the next entities. Open findings about them whose difference is gone are
        resolved. `again`: what has an open finding is repaired again."""
        repositories, limit = self.store.repositories, limit or check.page_size
        ids = await read_ids(check, repositories, after, limit, now=self.clock.now())
        return await self._whole(check, ids, after, again=again)

    async def _whole(self, check: Check, page: PageIds, after: str, *, again: bool) -> PageResult:
        """As `_compared`, with as many steps as it needs."""
        result = await self._compared(check, page, after, again=again)
        while result.progress:
            check = check.resumed(result.progress)
            result = await self._compared(check, page, after, again=again)
        return result

    async def _compared(
        self, check: Check, page: PageIds, after: str, *, again: bool = True
    ) -> PageResult:
        repositories, ids, last = self.store.repositories, page.ids, page.end
        check = await check.prepared(repositories, ids)
        if check.progress:
            return PageResult((), (), after, progress=check.progress)
        found = await check.compare(repositories, ids, after=after) if ids else []
        if found and check.at_once:
            found = await self._again(check, ids, after)
        kinds = sorted(check.kinds)
        of_kinds = await repositories.findings.of_kinds(kinds, after=after, until=last)
        known = {each.id: each for each in of_kinds}
        await self._open(found, known)  # before a repair, so that none is without its finding
        tried = {each.id for each in of_kinds if (each.is_open or each.stands) and not again}
        mended = await self._repair([each for each in found if each.id not in tried])
        left = found
        if mended:
            check = await check.prepared(repositories, ids)
            left = await self._again(check, ids, after)
            await self._open([each for each in left if each not in found], known)
        return await self._close(found, left, known, page)

    async def _again(self, check: Check, ids: Sequence[str], after: str) -> list[Difference]:
        """The differences of one moment."""
        if not check.at_once:
            return await check.compare(self.store.repositories, ids, after=after)
        return await self.store.transact(
            lambda repositories: check.compare(repositories, ids, after=after)
        )

    async def _repair(self, found: Sequence[Difference]) -> bool:
        """Whether a step was taken. One that fails is logged, and its finding stays open."""
        taken = False
        for difference in found:
            try:
                if difference.missing is not None:
                    await self.store.repositories.outbox.add(difference.missing)
                elif difference.repair is not None:
                    await self._step(difference.repair)
                else:
                    continue
            except (NotDueYet, OneHourError) as error:
                log.warning("%s was not repaired: %r", difference.id, error)
            taken = True
        return taken

    async def _step(self, payload: Payload) -> None:
        """Take the ordinary step, as the relay does. Raises what it raises."""
        await self.steps[payload.kind].run(payload)

    async def _open(self, found: Sequence[Difference], known: Mapping[str, Finding]) -> None:
        """Store the findings that are not open yet, nor resolved by a person as they are."""
        findings, now = self.store.repositories.findings, self.clock.now()
        for difference in found:
            finding, before = _finding(difference, now), known.get(difference.id)
            if before is None:
                log.error("%s: %s %s", finding.kind, finding.subject, finding.detail)
                await findings.report(finding)
            elif not before.is_open and not before.accepts(finding.detail):
                log.error("%s is back: %s %s", finding.kind, finding.subject, finding.detail)
                await findings.reopen(finding)

    async def _close(
        self,
        found: Sequence[Difference],
        left: Sequence[Difference],
        known: Mapping[str, Finding],
        page: PageIds,
    ) -> PageResult:
        """Resolve the findings whose difference was repaired, or is gone. What a person has
        resolved is left out, until its difference changes; one that is gone stands no longer. What
        was found after the ids were read may be about one that is not among them, and is left."""
        now, still = self.clock.now(), {each.id for each in left}
        new = {each.id: _finding(each, now) for each in (*found, *left)}
        for key in known.keys() & new.keys():
            if known[key].accepts(new[key].detail):
                del new[key]
        compared = {key: each for key, each in known.items() if each.at <= page.read_at}
        over = compared.keys() - new.keys() - still
        for key in sorted(key for key in over if known[key].stands):
            await self.store.repositories.findings.resolve(key, by=BY, how=GONE, now=now)
        current = {
            key: before if (before := known.get(key)) and before.is_open else finding
            for key, finding in new.items()
        }
        gone = {key: each for key, each in compared.items() if each.is_open and key not in new}
        closed = list[Finding]()
        for how, ended in (
            (REPAIRED, {key: each for key, each in current.items() if key not in still}),
            (GONE, gone),
        ):
            for key, finding in ended.items():
                log.info("%s of %s is resolved: %s", finding.kind, finding.subject, how)
                await self.store.repositories.findings.resolve(key, by=BY, how=how, now=now)
                closed.append(finding.resolve(by=BY, how=how, now=now))
        opened = tuple(each for key, each in current.items() if key in still)
        return PageResult(opened, tuple(closed), page.end)


def _finding(difference: Difference, now: datetime) -> Finding:
    return Finding(difference.id, difference.kind, difference.subject, difference.detail, now)


def _message(page: ReconcilePage, now: datetime) -> OutboxMessage:
    part = f":{page.part}" if page.part else ""
    return message(page, f"{page.run:%Y%m%d}:{page.check}:{page.after}{part}", due_at=now)
