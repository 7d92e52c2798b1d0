"""`MailjetMailer` keeps the contract against a strict fake server on a real port."""

from __future__ import annotations

import asyncio
import json
import logging
from base64 import b64encode
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import cast

import httpx
import pytest

from adapters.mailjet.mailer import MailjetMailer, MailjetSettings
from onehour.testing.mail import WELCOME, MailerContract, MailerSetup
from ports.mail import (
    AddressRefused,
    ForgedReport,
    MailRefused,
    MailReport,
    MailUnavailable,
    ReportingMailer,
)
from tests.contracts.fake_mailjet import EVENTS_SECRET, KEYS, SENDER, Mailjet
from tests.patience import PATIENCE_S


@pytest.fixture
async def mailjet() -> AsyncIterator[Mailjet]:
    mailjet = Mailjet()
    await mailjet.open()
    yield mailjet
    await mailjet.client.aclose()
    await mailjet.close()


class TestMailjetMailer(MailerContract):
    @pytest.fixture
    def mailer_setup(self, mailjet: Mailjet) -> MailerSetup:
        return cast(MailerSetup, mailjet)


async def test_a_mail_is_sent_in_the_format_of_the_api(mailjet: Mailjet) -> None:
    await mailjet.mailer.send(WELCOME)

    assert mailjet.taken == [
        {
            "From": {"Email": "hello@hours.example", "Name": "1HourDeveloper"},
            "To": [{"Email": "gita@example.com"}],
            "Subject": WELCOME.subject,
            "TextPart": WELCOME.text,
            "HTMLPart": WELCOME.html,
            "CustomID": "booking:bk_7:3:confirmed",
            "TrackClicks": "disabled",
            "TrackOpens": "disabled",
        }
    ]
    assert mailjet.sandbox_flags == [False]


async def test_a_sender_without_a_name_is_its_address(mailjet: Mailjet) -> None:
    mailjet.sender = "hello@hours.example"

    await mailjet.mailer.send(WELCOME)

    assert mailjet.taken[0]["From"] == {"Email": "hello@hours.example"}


async def test_in_the_sandbox_mails_are_checked_and_not_delivered(mailjet: Mailjet) -> None:
    mailjet.sandbox = True

    await mailjet.mailer.send(WELCOME)
    with pytest.raises(AddressRefused):
        await mailjet.mailer.send(replace(WELCOME, to="gita@hours"))

    assert mailjet.sandbox_flags == [True, True]
    assert mailjet.delivered() == []


async def test_a_subject_longer_than_mailjet_takes_is_shortened(mailjet: Mailjet) -> None:
    await mailjet.mailer.send(replace(WELCOME, subject="ß" * 300))

    assert mailjet.taken[0]["Subject"] == "ß" * 255


@pytest.mark.parametrize(
    "to", ["", "gita", "gita@example.com, eve@example.com", "gita@example.com\r\nBcc: eve@e.com"]
)
async def test_what_is_no_address_is_refused(mailjet: Mailjet, to: str) -> None:
    with pytest.raises(AddressRefused):
        await mailjet.mailer.send(replace(WELCOME, to=to))

    assert mailjet.taken == []


async def test_a_contact_list_is_nobody_we_write_to(mailjet: Mailjet) -> None:
    with pytest.raises(AddressRefused):
        await mailjet.mailer.send(replace(WELCOME, to="x7k2@Lists.Mailjet.com"))

    assert mailjet.sandbox_flags == [], "nothing was sent to Mailjet"


@pytest.mark.parametrize("keys", [("public-key", "wrong"), ("someone", "hush")])
async def test_wrong_keys_are_a_configuration_error(
    mailjet: Mailjet, keys: tuple[str, str], caplog: pytest.LogCaptureFixture
) -> None:
    mailjet.keys = keys

    with caplog.at_level(logging.DEBUG), pytest.raises(MailUnavailable):
        await mailjet.mailer.send(WELCOME)

    assert "HTTP 401, mj-0015" in caplog.text
    assert WELCOME.to not in caplog.text
    assert mailjet.taken == []


@pytest.mark.parametrize("sender", ["eve@elsewhere.example", "nobody"])
async def test_an_unknown_sender_is_a_configuration_error(mailjet: Mailjet, sender: str) -> None:
    mailjet.sender = sender

    with pytest.raises(MailUnavailable):
        await mailjet.mailer.send(WELCOME)


async def test_an_address_is_not_suppressed_while_our_request_is_at_fault_too(
    mailjet: Mailjet,
) -> None:
    mailjet.sender = "eve@elsewhere.example"
    mailjet.remove_mailbox(WELCOME.to)

    with pytest.raises(MailUnavailable):
        await mailjet.mailer.send(WELCOME)


TAKEN = b'{"Messages": [{"Status": "success"}]}'
REFUSED = b"""{"Messages": [{"Status": "error", "Errors": [
    {"ErrorCode": "mj-0013", "StatusCode": 400, "ErrorRelatedTo": ["To[0].Email"]}]}]}"""


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (500, b'{"ErrorIdentifier": "D4DF574C", "StatusCode": 500}'),
        (502, b"<html>Bad gateway</html>"),
        (503, REFUSED),
        (429, REFUSED),
        (302, b""),
        (404, b""),
        (403, b'{"ErrorCode": "mj-0001", "StatusCode": 403}'),
        (400, b'{"ErrorCode": "mj-0002", "StatusCode": 400, "ErrorMessage": "Malformed JSON"}'),
        (400, b'{"Messages": [{"Status": "error", "Errors": []}]}'),
        (400, TAKEN),
        (200, b""),
        (200, b"[]"),
        (200, b'{"Messages": []}'),
        (200, b'{"Messages": [{"Status": "queued"}]}'),
        (200, b'{"Messages": [{"Status": "success"}, {"Status": "error"}]}'),
        (200, TAKEN + b" " * 70_000),
    ],
)
async def test_no_clear_answer_means_try_again_later(
    mailjet: Mailjet, status: int, body: bytes
) -> None:
    mailjet.answer = (status, body)

    with pytest.raises(MailUnavailable):
        await mailjet.mailer.send(WELCOME)


async def test_a_refusal_inside_a_success_is_a_refusal(mailjet: Mailjet) -> None:
    """Of several messages some may be taken; each says for itself."""
    mailjet.answer = (200, REFUSED)

    with pytest.raises(AddressRefused):
        await mailjet.mailer.send(WELCOME)


async def test_a_content_mailjet_will_not_have_is_no_fault_of_the_address(
    mailjet: Mailjet,
) -> None:
    mailjet.answer = (400, REFUSED.replace(b"To[0].Email", b"HTMLPart"))

    with pytest.raises(MailRefused) as refused:
        await mailjet.mailer.send(WELCOME)

    assert type(refused.value) is MailRefused


async def test_a_server_that_never_answers_means_try_again_later(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("adapters.mailjet.mailer.TIMEOUT", 0.2)
    silent = await asyncio.start_server(lambda reader, writer: None, "127.0.0.1", 0)
    base = f"http://127.0.0.1:{silent.sockets[0].getsockname()[1]}"
    account = MailjetSettings(api_key=KEYS[0], secret_key=KEYS[1], base_url=base)

    async with httpx.AsyncClient() as client:
        with pytest.raises(MailUnavailable):
            await MailjetMailer(client, account, SENDER).send(WELCOME)

    silent.close()


async def test_a_server_that_drips_forever_is_left_in_time(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("adapters.mailjet.mailer.TIMEOUT", 0.3)

    async def drip(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: 1000\r\n\r\n")
        try:
            while True:
                writer.write(b" ")
                await writer.drain()
                await asyncio.sleep(0.05)
        except ConnectionError:
            writer.close()

    server = await asyncio.start_server(drip, "127.0.0.1", 0)
    base = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    account = MailjetSettings(api_key=KEYS[0], secret_key=KEYS[1], base_url=base)

    async with httpx.AsyncClient() as client, asyncio.timeout(PATIENCE_S):
        with pytest.raises(MailUnavailable):
            await MailjetMailer(client, account, SENDER).send(WELCOME)

    server.close()


def test_the_secret_is_not_shown() -> None:
    assert "hush" not in repr(MailjetSettings(api_key="public-key", secret_key="hush"))


BOUNCE = {
    "event": "bounce", "time": 1796000000, "MessageID": 13792286917004336, "email": "gita@e.com",
    "mj_campaign_id": 0, "CustomID": "campaign.1", "Payload": "", "blocked": False,
    "hard_bounce": True, "error_related_to": "recipient", "error": "user unknown",
}  # fmt: skip
SPAM = {"event": "spam", "time": 1796000060, "email": "ravi@e.com", "source": "JMRPP"}
AT = datetime.fromtimestamp(1796000000, UTC)


def signed(secret: str = EVENTS_SECRET, user: str = "onehour") -> dict[str, str]:
    return {"authorization": "Basic " + b64encode(f"{user}:{secret}".encode()).decode()}


def read(mailjet: Mailjet, body: object, headers: dict[str, str] | None = None) -> object:
    mailer = mailjet.mailer
    assert isinstance(mailer, ReportingMailer)
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    return mailer.parse_reports(signed() if headers is None else headers, raw)


async def test_bounces_and_complaints_are_read_alone_and_in_lists(mailjet: Mailjet) -> None:
    bounced = MailReport("gita@e.com", AT, "The mail came back.")
    complained = MailReport(
        "ravi@e.com", AT + timedelta(minutes=1), "Reported as unwanted.", complaint=True
    )

    assert read(mailjet, BOUNCE) == (bounced,)
    assert read(mailjet, [BOUNCE, {"event": "sent", "email": "x@e.com"}, SPAM]) == (
        bounced,
        complained,
    )


@pytest.mark.parametrize(
    "event",
    [
        {**BOUNCE, "hard_bounce": False}, {**BOUNCE, "email": None}, {**BOUNCE, "email": "gita"},
        {**BOUNCE, "time": "soon"}, {**BOUNCE, "time": 10**30}, {**BOUNCE, "event": "blocked"},
        {**SPAM, "event": "unsub"}, {**SPAM, "event": "open"}, {**SPAM, "time": True}, [], {}, 7,
        None, "bounce", [[]], [None], b"", b"{", b"\xff",
    ],
)  # fmt: skip
async def test_other_news_and_malformed_news_suppress_nobody(
    mailjet: Mailjet, event: object
) -> None:
    assert read(mailjet, event) == ()


@pytest.mark.parametrize(
    "headers",
    [
        {}, signed("another secret"), signed(user="eve"), signed(""),
        {"authorization": EVENTS_SECRET}, {"authorization": "Basic ?"}, {"authorization": "é"},
    ],
)  # fmt: skip
async def test_an_event_that_does_not_prove_where_it_comes_from_is_refused(
    mailjet: Mailjet, headers: dict[str, str]
) -> None:
    with pytest.raises(ForgedReport):
        read(mailjet, BOUNCE, headers)


async def test_without_a_secret_no_event_is_taken(mailjet: Mailjet) -> None:
    account = MailjetSettings(api_key="key", secret_key="hush")
    mailer = MailjetMailer(mailjet.client, account, SENDER)

    for headers in ({}, signed(""), signed("None")):
        with pytest.raises(ForgedReport):
            mailer.parse_reports(headers, json.dumps(BOUNCE).encode())
