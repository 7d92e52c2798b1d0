"""The contract of mailers: in memory, and SMTP with a real server on a real socket."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field, replace
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any, cast
from urllib.parse import unquote

import pytest
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

from adapters.smtp.mailer import Security, SmtpMailer, SmtpSettings
from onehour.testing.mail import WELCOME, MailerContract, MailerSetup
from ports.mail import (
    AddressRefused,
    Attachment,
    Mailer,
    MailRefused,
    MailUnavailable,
    Message,
)
from tests.contracts.list_headers import unsubscribe_url
from tests.contracts.tls import localhost_certificate

SENDER = "1HourDeveloper <hello@hours.example>"


@dataclass
class SmtpServer:
    """A mail server that stores accepted messages; tests set its answers."""

    port: int = 0
    answer_to_recipient: str = "250 OK"
    answer_to_content: str = "250 OK"
    nobodys: set[str] = field(default_factory=set)
    taken: list[Envelope] = field(default_factory=list)
    sessions: list[Session] = field(default_factory=list)
    server: asyncio.Server | None = None

    async def open(self, **options: Any) -> None:
        loop = asyncio.get_running_loop()
        tls = options.pop("tls", None)
        self.server = await loop.create_server(
            lambda: SMTP(self, hostname="localhost", **options), "127.0.0.1", 0, ssl=tls
        )
        self.port = self.server.sockets[0].getsockname()[1]

    async def close(self) -> None:
        if self.server:
            self.server.close()
            await self.server.wait_closed()

    async def handle_RCPT(
        self, server: SMTP, session: Session, envelope: Envelope, to: str, options: list[str]
    ) -> str:
        if to in self.nobodys:
            return f"550 5.1.1 <{to}>: no such user here"
        if self.answer_to_recipient.startswith("250"):
            envelope.rcpt_tos.append(to)
        return self.answer_to_recipient

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        if self.answer_to_content.startswith("250"):
            self.taken.append(envelope)
            self.sessions.append(session)
        return self.answer_to_content

    def remove_mailbox(self, address: str) -> None:
        self.nobodys.add(address)

    def refuse_contents(self) -> None:
        self.answer_to_content = "554 5.6.0 Looks like spam"

    def set_busy(self, busy: bool) -> None:
        self.answer_to_recipient = "451 4.3.2 Come back later" if busy else "250 OK"

    @property
    def mails(self) -> list[EmailMessage]:
        return [
            message_from_bytes(cast(bytes, envelope.content), policy=default)
            for envelope in self.taken
        ]

    @property
    def mailer(self) -> Mailer:
        return SmtpMailer(SmtpSettings.parse(f"smtp://127.0.0.1:{self.port}"), SENDER)

    def delivered(self) -> list[Message]:
        return [
            Message(
                id=unquote(mail["Message-ID"].strip("<>").rpartition("@")[0]),
                to=envelope.rcpt_tos[0],
                subject=mail["Subject"],
                text=_part(mail, "plain"),
                html=_part(mail, "html"),
                attachments=tuple(_attachments(mail)),
                unsubscribe=unsubscribe_url(dict(mail.items())),
            )
            for envelope, mail in zip(self.taken, self.mails, strict=True)
        ]


def _attachments(mail: EmailMessage) -> Iterator[Attachment]:
    """The files; an invitation is also the last alternative of the text, as mail programs need."""
    for part in mail.iter_attachments() if mail.get_content_type() == "multipart/mixed" else ():
        content = part.get_payload(decode=True)
        assert isinstance(content, bytes)
        media_type = part["Content-Type"].replace('"', "")
        found = Attachment(part.get_filename() or "", media_type, content)
        if part.get_content_type() == "text/calendar":
            alternatives = next(iter(mail.iter_parts()))
            assert alternatives.get_content_type() == "multipart/alternative"
            last = list(alternatives.iter_parts())[-1]
            assert last["Content-Type"] == part["Content-Type"]
            assert last.get_payload(decode=True) == content
        yield found


def _part(mail: EmailMessage, kind: str) -> str:
    body = mail.get_body((kind,))
    assert body is not None
    return str(body.get_content()).replace("\r\n", "\n")


@pytest.fixture
async def post() -> AsyncIterator[SmtpServer]:
    post = SmtpServer()
    await post.open()
    yield post
    await post.close()


class TestSmtpMailer(MailerContract):
    @pytest.fixture
    def mailer_setup(self, post: SmtpServer) -> MailerSetup:
        return cast(MailerSetup, post)


@dataclass
class Memory:
    """The mailer of the other tests."""

    mailer: Any

    def delivered(self) -> list[Message]:
        return list(self.mailer.sent)

    def remove_mailbox(self, address: str) -> None:
        self.mailer.unknown_addresses.add(address)

    def refuse_contents(self) -> None:
        self.mailer.rejected_texts.add("")

    def set_busy(self, busy: bool) -> None:
        self.mailer.down = busy

    async def close(self) -> None:
        self.mailer.down = True


class TestMemoryMailer(MailerContract):
    @pytest.fixture
    def mailer_setup(self) -> MailerSetup:
        from adapters.memory.mail import MemoryMailer

        return Memory(MemoryMailer())


async def test_a_mail_says_from_whom_and_when(post: SmtpServer) -> None:
    await post.mailer.send(WELCOME)

    (mail,) = post.mails
    assert mail["From"] == SENDER
    assert mail["Message-ID"] == "<booking%3Abk_7%3A3%3Aconfirmed@hours.example>"
    assert parsedate_to_datetime(mail["Date"]).tzinfo is not None


async def test_a_long_id_stays_one_message_id(post: SmtpServer) -> None:
    long = replace(WELCOME, id="x" * 150)

    await post.mailer.send(long)

    assert post.delivered() == [long]


async def test_a_line_break_in_the_subject_adds_no_recipient(post: SmtpServer) -> None:
    await post.mailer.send(replace(WELCOME, subject="Hi\r\nBcc: eve@example.com\n\nbody"))

    (mail,) = post.mails
    assert mail["Bcc"] is None
    assert post.taken[0].rcpt_tos == [WELCOME.to]


@pytest.mark.parametrize(
    "to",
    [
        "",
        "gita",
        "gita@",
        "@example.com",
        "gita@example.com\r\nBcc: eve@example.com",
        "gita@example.com, eve@example.com",
        "<gita@example.com>",
    ],
)
async def test_what_is_no_address_is_refused(post: SmtpServer, to: str) -> None:
    with pytest.raises(AddressRefused):
        await post.mailer.send(replace(WELCOME, to=to))

    assert post.taken == []


@pytest.mark.parametrize(
    ("part", "answer"),
    [
        ("answer_to_recipient", "550 No such user"),
        ("answer_to_recipient", "553 Name not allowed"),
        ("answer_to_recipient", "550 5.1.1 No such user"),
        ("answer_to_recipient", "550-5.1.1 No such user.\r\n550 5.1.1 Check for typing errors."),
        ("answer_to_recipient", "556 5.1.10 This domain takes no mail"),
        ("answer_to_content", "550 5.2.1 This mailbox is closed"),
    ],
)
async def test_an_address_without_a_mailbox_is_refused(
    post: SmtpServer, part: str, answer: str
) -> None:
    setattr(post, part, answer)

    with pytest.raises(AddressRefused):
        await post.mailer.send(WELCOME)


@pytest.mark.parametrize(
    ("part", "answer"),
    [
        ("answer_to_recipient", "554 5.7.1 Relay access denied"),
        ("answer_to_recipient", "552 5.2.2 Mailbox full"),
        ("answer_to_recipient", "550 5.1.8 We do not like your sender"),
        ("answer_to_recipient", "554 Transaction failed"),
        ("answer_to_content", "554 Looks like spam"),
        ("answer_to_content", "550 Looks like spam"),
        ("answer_to_content", "550 5.7.1 5.1.1 Looks like spam"),
    ],
)
async def test_other_refusals_say_nothing_about_the_address(
    post: SmtpServer, part: str, answer: str
) -> None:
    setattr(post, part, answer)

    with pytest.raises(MailRefused) as refused:
        await post.mailer.send(WELCOME)

    assert type(refused.value) is MailRefused


@pytest.mark.parametrize("part", ["answer_to_recipient", "answer_to_content"])
async def test_a_busy_server_means_try_again_later(post: SmtpServer, part: str) -> None:
    setattr(post, part, "451 Come back later")

    with pytest.raises(MailUnavailable):
        await post.mailer.send(WELCOME)


async def test_a_server_that_never_answers_means_try_again_later(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("adapters.smtp.mailer.TIMEOUT", 0.2)
    silent = await asyncio.start_server(lambda reader, writer: None, "127.0.0.1", 0)
    port = silent.sockets[0].getsockname()[1]

    with pytest.raises(MailUnavailable):
        await SmtpMailer(SmtpSettings.parse(f"smtp://127.0.0.1:{port}"), SENDER).send(WELCOME)

    silent.close()


@pytest.fixture(scope="session")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return localhost_certificate(tmp_path_factory.mktemp("tls"))


def _authenticate(server: SMTP, session: Session, *rest: Any) -> AuthResult:
    given = rest[-1]
    known = given == LoginPassword(b"onehour@example.com", b"p@ss:word")
    return AuthResult(success=known, handled=False)


@pytest.mark.filterwarnings("ignore:Requiring AUTH")  # smtps is encrypted before aiosmtpd looks
@pytest.mark.parametrize("scheme", ["smtps", "smtp"])
@pytest.mark.parametrize("password", ["p%40ss%3Aword", "wrong"])
async def test_logging_in_over_tls(certificate: Path, scheme: str, password: str) -> None:
    served = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    served.load_cert_chain(certificate)
    options = {"authenticator": _authenticate, "auth_required": True}
    post = SmtpServer()
    await post.open(
        **options,
        **(
            {"tls": served, "auth_require_tls": False}
            if scheme == "smtps"
            else {"tls_context": served, "require_starttls": True}
        ),
    )
    query = "?starttls=1" if scheme == "smtp" else ""
    url = f"{scheme}://onehour%40example.com:{password}@localhost:{post.port}{query}"
    trust = ssl.create_default_context(cafile=certificate)
    mailer = SmtpMailer(SmtpSettings.parse(url), SENDER, trust)

    if password == "wrong":
        with pytest.raises(MailUnavailable):
            await mailer.send(WELCOME)
        assert post.taken == []
    else:
        await mailer.send(WELCOME)
        assert post.delivered() == [WELCOME]

    await post.close()


async def test_a_server_without_a_trusted_certificate_gets_nothing(certificate: Path) -> None:
    served = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    served.load_cert_chain(certificate)
    post = SmtpServer()
    await post.open(tls_context=served)
    settings = SmtpSettings.parse(f"smtp://localhost:{post.port}?starttls=1")

    with pytest.raises(MailUnavailable):
        await SmtpMailer(settings, SENDER).send(WELCOME)

    assert post.taken == []
    await post.close()


async def test_a_server_without_the_asked_encryption_gets_nothing(post: SmtpServer) -> None:
    settings = SmtpSettings.parse(f"smtp://127.0.0.1:{post.port}?starttls=1")

    with pytest.raises(MailUnavailable):
        await SmtpMailer(settings, SENDER).send(WELCOME)

    assert post.taken == []


@pytest.mark.parametrize(
    ("url", "port", "security"),
    [
        ("smtp://mail.example", 25, Security.NONE),
        ("smtp://mail.example?starttls=1", 587, Security.STARTTLS),
        ("smtps://mail.example", 465, Security.TLS),
        ("smtp://mail.example:2525", 2525, Security.NONE),
    ],
)
def test_the_url_says_the_port_and_the_encryption(url: str, port: int, security: Security) -> None:
    expected = SmtpSettings(host="mail.example", port=port, security=security)
    assert SmtpSettings.parse(url) == expected


@pytest.mark.parametrize("url", ["mail.example", "http://mail.example", "smtp://"])
def test_a_server_that_is_no_mail_server_is_reported(url: str) -> None:
    with pytest.raises(ValueError, match="The URL of a mail server is"):
        SmtpSettings.parse(url)


def test_the_password_is_not_shown() -> None:
    assert "hush" not in repr(SmtpSettings.parse("smtp://onehour:hush@mail.example"))
