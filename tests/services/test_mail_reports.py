"""What a mail provider reports later puts addresses on the suppression list."""

from __future__ import annotations

import json
from dataclasses import asdict
from datetime import timedelta

import pytest

from core.errors import NotFound
from core.suppressions import Suppression
from ports.mail import ForgedReport, Mailer, MailReport, Message
from services.notifications import MailReports
from tests.app import MONDAY, MemoryApp

GONE = MailReport("Gita@example.com", MONDAY - timedelta(minutes=5), "The mail came back.")
UNWANTED = MailReport("ravi@example.com", MONDAY + timedelta(days=1), "Unwanted.", complaint=True)


class SendingOnly(Mailer):
    async def send(self, message: Message) -> None: ...


async def test_reported_addresses_get_no_more_mail() -> None:
    app = MemoryApp()
    told = [asdict(each) | {"at": each.at.isoformat()} for each in (GONE, UNWANTED)]
    body = json.dumps(told).encode()

    for _ in range(2):
        await app.services.mail_reports.receive({"x-signature": "memory"}, body)

    suppressions = app.store.repositories.suppressions
    assert await suppressions.since(MONDAY - timedelta(days=1), limit=9) == (
        Suppression("gita@example.com", "The mail came back.", GONE.at),
        Suppression("ravi@example.com", "Unwanted.", MONDAY, complaint=True),
    ), "a time in the future is that of its arrival"


async def test_a_forged_report_suppresses_nobody() -> None:
    app = MemoryApp()

    with pytest.raises(ForgedReport):
        await app.services.mail_reports.receive({}, b"[]")

    assert await app.store.repositories.suppressions.since(MONDAY, limit=9) == ()


async def test_a_mailer_without_reports_has_no_webhook() -> None:
    app = MemoryApp()
    reports = MailReports(store=app.store, mailer=SendingOnly(), clock=app.clock)

    with pytest.raises(NotFound):
        await reports.receive({}, b"")
