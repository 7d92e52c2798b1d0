"""What a mail provider reports later puts addresses on the suppression list."""

from __future__ import annotations

import json
from dataclasses import asdict, replace
from datetime import datetime, timedelta

import pytest

from core.errors import NotFound
from core.suppressions import Suppression
from ports.mail import ForgedReport, Mailer, MailReport, Message, NoReturnPath, ReturningMailer
from services.notifications import MailReports
from services.notifications.documents import RETURNED
from tests.app import CALLER, MONDAY, MemoryApp

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


class Returning(ReturningMailer):
    """Says of each mail what the test has put into `says`."""

    says: MailReport | None = None

    async def send(self, message: Message) -> None: ...

    def parse_returned(self, mail: bytes, *, at: datetime) -> MailReport | None:
        return replace(self.says, at=at) if self.says else None


@pytest.fixture
def returning() -> tuple[MemoryApp, Returning, MailReports]:
    app, mailer = MemoryApp(), Returning()
    return app, mailer, MailReports(store=app.store, mailer=mailer, clock=app.clock)


async def is_listed(app: MemoryApp) -> bool:
    return bool(await app.store.repositories.suppressions.find("gita@example.com"))


async def test_a_mail_to_nobody_that_came_back_suppresses_at_once(
    returning: tuple[MemoryApp, Returning, MailReports],
) -> None:
    app, mailer, reports = returning
    mailer.says = None
    nothing = await reports.returned(b"")
    before = await is_listed(app)

    mailer.says = GONE
    said = await reports.returned(b"")

    assert (nothing, said) == ("It says nothing that counts.", "The address gets no more mail.")
    assert (before, await is_listed(app)) == (False, True)


async def test_passing_reasons_suppress_on_the_third_day_within_thirty(
    returning: tuple[MemoryApp, Returning, MailReports],
) -> None:
    app, mailer, reports = returning
    mailer.says = replace(GONE, passing=True)
    listed = []

    for days in (0, 0, 0, 29, 2, 1):
        app.clock.advance(timedelta(days=days))
        await reports.returned(b"")
        listed.append(await is_listed(app))

    assert listed == [False, False, False, False, False, True], "the first day is forgotten"


async def test_what_came_back_is_exported_and_erased_with_the_account(
    returning: tuple[MemoryApp, Returning, MailReports],
) -> None:
    app, mailer, reports = returning
    client, _ = await app.client("Gita Rao")
    mailer.says = replace(GONE, email=client.email, passing=True)
    await reports.returned(b"")

    exported = await app.services.personal_data.export(client, CALLER)
    await app.services.personal_data.erase(client, CALLER)

    assert [each["id"] for each in exported["returned_mails"]] == [client.email]
    assert not await app.store.repositories.documents(RETURNED).find(client.email)


async def test_a_mailer_whose_mail_does_not_come_back_takes_none() -> None:
    app = MemoryApp()
    reports = MailReports(store=app.store, mailer=SendingOnly(), clock=app.clock)

    with pytest.raises(NoReturnPath):
        await reports.returned(b"")
