"""The repository of findings: inconsistencies that somebody must check."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Protocol, Self

from core.finding_kinds import KindFacts, facts_of
from core.findings import Owner, Severity
from ports.conditions import Condition


@dataclass(frozen=True, slots=True)
class Finding:
    """One inconsistency. `id` is made of the fact, so each is reported once. `subject` is the id of
    the entity it concerns. `at` is when it was found, in UTC.

    It is open until `resolved_at`. `resolved_by` is the id of an account, or the name of what has
    found the inconsistency gone; `resolution` says how, in a sentence. It `stands` if a person has
    resolved it although the inconsistency may still be there: the same one, with the same `detail`,
    does not open it again until it was gone.
    """

    id: str
    kind: str
    subject: str
    detail: str
    at: datetime
    resolved_at: datetime | None = None
    resolved_by: str = ""
    resolution: str = ""
    stands: bool = False

    @property
    def is_open(self) -> bool:
        return self.resolved_at is None

    @property
    def facts(self) -> KindFacts:
        """What its kind means."""
        return facts_of(self.kind)

    @property
    def owner(self) -> Owner:
        """Who must act."""
        return self.facts.owner

    @property
    def severity(self) -> Severity:
        return self.facts.severity

    def age(self, now: datetime) -> timedelta:
        """How long it has been open, or was."""
        return (self.resolved_at or now) - self.at

    def accepts(self, detail: str) -> bool:
        """Whether a person has resolved it as it is."""
        return self.stands and self.detail == detail

    def resolve(self, *, by: str, how: str, now: datetime, stands: bool = False) -> Self:
        return replace(self, resolved_at=now, resolved_by=by, resolution=how, stands=stands)


class Findings(Protocol):
    async def report(self, finding: Finding) -> None:
        """Store it. Without effect if its id exists, whatever its state."""
        ...

    async def find(self, finding_id: str) -> Finding | None: ...

    async def resolve(
        self, finding_id: str, *, by: str, how: str, now: datetime, stands: bool = False
    ) -> bool:
        """Close an open one. False if none is open under this id. Without `stands` the
        inconsistency is gone: a resolved one that stands does not stand any more."""
        ...

    async def reopen(self, finding: Finding) -> bool:
        """Replace a resolved one by this open one with the same id: the inconsistency is back.
        False, without effect, if none is resolved under this id, or if the resolved one `accepts`
        this detail."""
        ...

    async def page(
        self,
        *,
        earliest: bool = False,
        limit: int = 20,
        cursor: str | None = None,
        where: Sequence[Condition] = (),
    ) -> tuple[tuple[Finding, ...], str | None]:
        """Those of which the conditions hold, the latest found first, or the `earliest`, and the
        next cursor. The open ones are a range of an index, and so is a range of `at`."""
        ...

    async def open(self, *, limit: int = 100) -> tuple[Finding, ...]:
        """The open findings, oldest first."""
        ...

    async def of_kinds(
        self, kinds: Sequence[str], *, after: str = "", until: str | None = None
    ) -> tuple[Finding, ...]:
        """All findings of these kinds, open and resolved, whose subject is later than `after` and
        not later than `until` (None: without an end) by code point; by id."""
        ...
