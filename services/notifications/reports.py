"""What the mail provider reports later: addresses that get no more e-mail."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass

from core.errors import NotFound
from core.suppressions import Suppression, address_hash
from ports.clock import Clock
from ports.mail import Mailer, ReportingMailer
from ports.store import Store

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class MailReports:
    store: Store
    mailer: Mailer
    clock: Clock

    async def receive(self, headers: Mapping[str, str], body: bytes) -> None:
        """A webhook of the provider; the same may come again. Raises `ForgedReport`, and `NotFound`
        if the mailer has no reports."""
        if not isinstance(self.mailer, ReportingMailer):
            raise NotFound
        for report in self.mailer.parse_reports(headers, body):
            at = min(report.at, self.clock.now())
            log.warning("address %s is suppressed: %s", address_hash(report.email), report.reason)
            suppression = Suppression(report.email, report.reason, at, report.complaint)
            await self.store.repositories.suppressions.add(suppression)
