"""Findings for administrators: the list, and resolving one by hand."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta

from core.accounts import Account
from core.audit import audit_message
from core.errors import NotFound
from core.finding_kinds import KINDS, kinds_with
from core.finding_resolutions import (
    FindingActivity,
    FindingChanged,
    FindingResolved,
    checked_resolution,
)
from core.findings import Owner, Severity
from core.sessions import Caller
from ports.clock import Clock
from ports.conditions import Between, Condition, NoneOf, OneOf
from ports.findings import Finding
from ports.store import Repositories, Store

Page = tuple[tuple[Finding, ...], str | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class FindingFilter:
    """What the list is narrowed to; None does not limit. `older_than`: found at least so long
    ago."""

    open: bool | None = True
    kind: str | None = None
    owner: Owner | None = None
    severity: Severity | None = None
    older_than: timedelta | None = None

    def conditions(self, now: datetime) -> tuple[Condition, ...]:
        found: list[Condition] = []
        if self.open is not None:
            unresolved = (None,)
            found.append(
                OneOf(("resolved_at",), unresolved)
                if self.open
                else NoneOf("resolved_at", unresolved)
            )
        if self.kind:
            found.append(OneOf(("kind",), (self.kind,)))
        if self.owner or self.severity:
            kinds, of_plugins = kinds_with(owner=self.owner, severity=self.severity)
            others = tuple(sorted(KINDS.keys() - kinds))
            found.append(
                NoneOf("kind", others) if of_plugins else OneOf(("kind",), tuple(sorted(kinds)))
            )
        if self.older_than:
            found.append(Between("at", below=now - self.older_than))
        return tuple(found)


@dataclass(frozen=True, slots=True, kw_only=True)
class FindingService:
    """The caller has checked that `by` is an administrator."""

    store: Store
    clock: Clock

    async def page(
        self, wanted: FindingFilter, *, limit: int = 20, cursor: str | None = None
    ) -> Page:
        """The open ones earliest first, others latest found first."""
        return await self.store.repositories.findings.page(
            earliest=wanted.open is True,
            limit=limit,
            cursor=cursor,
            where=wanted.conditions(self.clock.now()),
        )

    async def get(self, finding_id: str) -> Finding:
        """Raises `NotFound`."""
        return _found(await self.store.repositories.findings.find(finding_id))

    async def resolve(
        self,
        finding_id: str,
        *,
        by: Account,
        caller: Caller,
        reason: str,
        expected: str | None = None,
    ) -> Finding:
        """Close it by hand: nothing in the records changes. The same inconsistency does not open it
        again, until it was gone or has another detail. It is in the audit trail of `by`; the same
        again changes nothing.

        `expected` is the `digest_of` what was read; None for a program that does not say. Raises
        `NotFound`, `Invalid` for the reason, `FindingChanged`, and `FindingResolved`.
        """
        text, now = checked_resolution(reason), self.clock.now()

        async def step(repositories: Repositories) -> Finding:
            stored = _found(await repositories.findings.find(finding_id))
            if not stored.is_open:
                if (stored.resolved_by, stored.resolution) == (by.id, text):
                    return stored
                raise FindingResolved
            if expected is not None and expected != digest_of(stored):
                raise FindingChanged
            await repositories.findings.resolve(
                finding_id, by=by.id, how=text, now=now, stands=True
            )
            entry = audit_message(
                FindingActivity.RESOLVED, digest_of(stored), account=by.id, at=now,
                address=caller.place, device=caller.device, finding=stored.id, kind=stored.kind,
                subject=stored.subject, found=stored.detail, reason=text,
            )  # fmt: skip
            await repositories.outbox.add(entry)
            return stored.resolve(by=by.id, how=text, now=now, stands=True)

        return await self.store.transact(step)


def digest_of(finding: Finding) -> str:
    """Another one when it was opened again, or is about something else."""
    facts = "\x1f".join((finding.id, finding.at.isoformat(), finding.detail))
    return hashlib.sha256(facts.encode()).hexdigest()[:32]


def _found(finding: Finding | None) -> Finding:
    if finding is None:
        raise NotFound
    return finding
