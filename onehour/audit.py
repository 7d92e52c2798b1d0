"""`onehour audit verify`: checks that no entry of the audit trail was changed or removed."""

from __future__ import annotations

import asyncio

from core.audit import Flaw, chain_key
from core.errors import OneHourError
from core.findings import FindingKind
from onehour.container import build, close
from onehour.settings import Settings
from ports.clock import Clock
from ports.findings import Finding
from ports.store import Store
from services.accounts import AuditService


class AuditTrailBroken(OneHourError):
    """An entry of the audit trail was changed or removed after it was recorded."""

    code = FindingKind.AUDIT_BROKEN


def main(settings: Settings) -> None:
    """Prints each flaw and raises `AuditTrailBroken`, or prints how many entries were verified."""
    print(asyncio.run(_verify(settings)))


async def _verify(settings: Settings) -> str:
    container = build(settings)
    try:
        key = chain_key(settings.lasting_key.encode())
        return await verify(container.store(), container.clock(), key)
    finally:
        await close(container)


async def verify(store: Store, clock: Clock, key: bytes) -> str:
    """Verifies all chains with the chain key `key` and returns a sentence with the totals.

    Prints each flaw and reports it as a finding to the operators; raises `AuditTrailBroken` if
    there are any.
    """
    verdict = await AuditService(store=store, key=key).verify_all()
    for flaw in verdict.flaws:
        print(f"{flaw.account_id}, entry {flaw.seq}: {flaw.detail}")
        await store.repositories.findings.report(_finding(flaw, clock))
    totals = f"{verdict.chains} chains, {verdict.entries} entries"
    if verdict.flaws:
        raise AuditTrailBroken(
            f"The audit trail was changed after it was recorded ({totals} checked)."
        )
    return f"The audit trail is intact: {totals}."


def _finding(flaw: Flaw, clock: Clock) -> Finding:
    name = f"audit:{flaw.account_id}:{flaw.seq}:{flaw.detail}"
    detail = f"Entry {flaw.seq}: {flaw.detail}."
    return Finding(name, FindingKind.AUDIT_BROKEN, flaw.account_id, detail, clock.now())
