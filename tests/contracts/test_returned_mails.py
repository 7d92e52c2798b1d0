"""Mail that comes back through SMTP: to whom it was is proven, and what it says is read."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from adapters.smtp.mailer import SmtpMailer, SmtpSettings
from adapters.smtp.return_paths import ReturnPaths
from adapters.smtp.returned import READ_AT_MOST, read_returned
from adapters.smtp.settings import SmtpOptions
from onehour.settings import Settings
from onehour.testing.mail import WELCOME
from ports.mail import ForgedReport, MailReport, NoReturnPath
from ports.settings import WrongSetting
from tests.contracts.returned_mails import (
    TO,
    away,
    complaint,
    delivery_report,
    report_of_qmail,
)
from tests.contracts.test_mail import SENDER, SmtpServer

PATHS = ReturnPaths("bounces@hours.example", b"a key for tests")
PATH = PATHS.of(TO)
NOW = datetime(2026, 11, 23, 6, 0, tzinfo=UTC)


def read(mail: bytes) -> MailReport | None:
    return read_returned(mail, PATHS, at=NOW)


async def test_each_recipient_has_a_return_path_of_its_own() -> None:
    server = SmtpServer()
    await server.open()
    try:
        settings = SmtpSettings.parse(f"smtp://127.0.0.1:{server.port}")
        await SmtpMailer(settings, SENDER, returns=PATHS).send(WELCOME)
        await SmtpMailer(settings, SENDER).send(WELCOME)
    finally:
        await server.close()

    senders = [envelope.mail_from for envelope in server.taken]
    assert senders == [PATHS.of(WELCOME.to), "hello@hours.example"]
    assert PATHS.of("priya@example.com") != PATH == PATHS.of(TO.upper())
    assert len(PATH.partition("@")[0]) <= 64


@pytest.mark.parametrize("status", ["5.1.1", "5.1.10", "5.2.1"])
def test_a_mailbox_that_does_not_exist_gets_no_more_mail(status: str) -> None:
    assert read(delivery_report(PATH, status=status)) == MailReport(
        TO, NOW, f"Mail came back ({status})."
    )


@pytest.mark.parametrize("status", ["5.2.2", "5.7.1", "4.4.7", "5.0.0"])
def test_other_reasons_count_only_when_they_are_repeated(status: str) -> None:
    assert read(delivery_report(PATH, status=status)) == MailReport(
        TO, NOW, f"Mail came back ({status}).", passing=True
    )


def test_the_code_of_the_server_that_refused_it_counts_too() -> None:
    found = read(delivery_report(PATH, status="5.0.0", diagnostic="550 5.1.1 no such user"))

    assert found == MailReport(TO, NOW, "Mail came back (5.1.1).")


def test_a_report_without_a_form_counts_when_it_is_repeated() -> None:
    assert read(report_of_qmail(PATH)) == MailReport(TO, NOW, "Mail came back.", passing=True)


def test_a_delay_and_an_answer_of_somebody_who_is_away_say_nothing() -> None:
    assert read(delivery_report(PATH, action="delayed", status="4.4.1")) is None
    assert read(away(PATH)) is None


def test_a_complaint_is_told_from_other_reports_of_its_form() -> None:
    found = read(complaint(PATH))

    assert found and found.complaint and not found.passing and found.email == TO
    assert read(complaint(PATH, kind="not-spam")) is None


def test_nobody_can_report_the_address_of_somebody_else() -> None:
    forged = [
        delivery_report("bounces@hours.example"),
        delivery_report(PATHS.of("me@example.com")),
        delivery_report(ReturnPaths(PATHS.mailbox, b"another key").of(TO)),
        delivery_report(PATH.replace("hours.example", "hours-example.com")),
        complaint(PATHS.of("me@example.com")),
    ]

    for mail in forged:
        with pytest.raises(ForgedReport):
            read(mail)


def test_a_mail_that_was_forwarded_is_about_the_address_it_was_sent_to() -> None:
    mail = delivery_report(PATH).replace(b"rfc822; " + TO.encode(), b"rfc822; other@example.net")

    found = read(mail)

    assert found and found.email == TO


@pytest.mark.parametrize(
    "mail",
    [b"", b"\x00\xff" * 500, b"Content-Type: multipart/report; boundary=b\n\n--b\n" * 50],
)
def test_what_is_no_mail_is_refused(mail: bytes) -> None:
    with pytest.raises(ForgedReport):
        read(mail)


@pytest.mark.parametrize("junk", [b"a@", b"@a", b"a@b ", b"<" * 50, b"5.1.1 ", b"\n--b\n"])
def test_hostile_mail_is_read_in_bounded_time(junk: bytes) -> None:
    """Not even as long as the limit is it read in full more than once."""
    mail = delivery_report(PATH) + junk * (2 * READ_AT_MOST // len(junk))

    found = read(mail)

    assert found and found.email == TO


def test_without_a_return_path_nothing_is_read() -> None:
    mailer = SmtpMailer(SmtpSettings.parse("smtp://127.0.0.1:1"), SENDER)

    with pytest.raises(NoReturnPath, match="ONEHOUR_SMTP_RETURN_PATH"):
        mailer.parse_returned(b"", at=NOW)


@pytest.mark.parametrize("wrong", ["bounces", "b+c@example.com", f"{'b' * 40}@example.com", "@a.b"])
def test_a_wrong_return_path_is_refused_at_the_start(wrong: str, tmp_path: Path) -> None:
    with pytest.raises(WrongSetting, match="ONEHOUR_SMTP_RETURN_PATH"):
        Settings.load({"ONEHOUR_SMTP_RETURN_PATH": wrong}, tmp_path / ".env").section(SmtpOptions)
