"""What the mail provider reports later, and mail that comes back: addresses that get no more
e-mail."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass

from core.errors import NotFound
from core.suppressions import ReturnedMail, Suppression, address_hash, folded
from ports.clock import Clock
from ports.mail import Mailer, MailReport, NoReturnPath, ReportingMailer, ReturningMailer
from ports.store import Repositories, Store
from services.notifications.documents import RETURNED
from services.shared.transactions import transact

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
            await self._suppress(report)

    async def returned(self, mail: bytes) -> str:
        """A mail that came back to the return path; returns what became of it, for the operator.
        Repeating it on the same day changes nothing. Raises `ForgedReport`, and `NoReturnPath` if
        mail does not come back here."""
        if not isinstance(self.mailer, ReturningMailer):
            raise NoReturnPath("The chosen mailer has no return path; its provider reports.")
        report = self.mailer.parse_returned(mail, at=self.clock.now())
        if report is None:
            return "It says nothing that counts."
        if report.passing and not await self._is_enough(report):
            return "Counted: it may be delivered again."
        await self._suppress(report)
        return "The address gets no more mail."

    async def _is_enough(self, report: MailReport) -> bool:
        """Whether mail to the address came back on enough days, with this one."""

        async def step(repositories: Repositories) -> bool:
            documents = repositories.documents(RETURNED)
            stored = await documents.find(folded(report.email))
            after = (stored or ReturnedMail.none(report.email, now=report.at)).again(report.at)
            await (documents.save(after) if stored else documents.add(after))
            return after.is_enough

        return await transact(self.store, step)

    async def _suppress(self, report: MailReport) -> None:
        at = min(report.at, self.clock.now())
        log.warning("address %s is suppressed: %s", address_hash(report.email), report.reason)
        suppression = Suppression(report.email, report.reason, at, report.complaint)
        await self.store.repositories.suppressions.add(suppression)
