"""The contract of every `ports.mail.Mailer`; adapter authors inherit `MailerContract`."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Protocol

import pytest

from onehour.testing.suite import Contract, shown_by, since
from ports.mail import (
    AddressRefused,
    Attachment,
    ForgedReport,
    Mailer,
    MailRefused,
    MailUnavailable,
    Message,
    ReportingMailer,
)

WELCOME = Message(
    id="booking:bk_7:3:confirmed",
    to="gita@example.com",
    subject="Ihre Stunde ist bestätigt: ₹\N{NO-BREAK SPACE}1,200",
    text="Dear Gita,\nyour hour is confirmed. ✓\n",
    html="<p>Dear Gita,<br>your hour is <b>confirmed</b>. ✓</p>\n",
)
INVITED = replace(
    WELCOME,
    id="invited",
    attachments=(
        Attachment(
            "invite.ics",
            "text/calendar; method=REQUEST; charset=utf-8",
            "BEGIN:VCALENDAR\r\nSUMMARY:1 Stunde für ₹1.200\r\nEND:VCALENDAR\r\n".encode(),
        ),
        Attachment("all-bytes.bin", "application/octet-stream", bytes(range(256)) * 9),
    ),
)
STOPPABLE = replace(
    WELCOME,
    id="stoppable",
    unsubscribe=f"https://hours.example/mail/unsubscribe/{'aB3-_' * 40}.x?y=1",
)
TO_RAVI = replace(WELCOME, id="other", to="ravi@example.com")


class MailerSetup(Protocol):
    """The mailer under test, and the mail server or provider behind it."""

    mailer: Mailer

    def delivered(self) -> list[Message]:
        """The messages that the server has accepted, oldest first."""
        ...

    def remove_mailbox(self, address: str) -> None:
        """From now on the address has no mailbox."""
        ...

    def refuse_contents(self) -> None:
        """From now on every message is refused because of its content."""
        ...

    def set_busy(self, busy: bool) -> None:
        """While true, the server answers with a temporary error."""
        ...

    async def close(self) -> None:
        """From now on the server does not answer."""
        ...


class MailerContract(Contract):
    """Inherit it and provide the fixture `mailer_setup`."""

    port = "mail"

    @pytest.fixture
    def mailer_setup(self) -> AsyncIterator[MailerSetup]:
        raise NotImplementedError

    async def test_a_message_arrives_whole(self, mailer_setup: MailerSetup) -> None:
        await mailer_setup.mailer.send(WELCOME)

        assert mailer_setup.delivered() == [WELCOME]

    async def test_attachments_arrive_byte_by_byte(self, mailer_setup: MailerSetup) -> None:
        await mailer_setup.mailer.send(INVITED)

        assert mailer_setup.delivered() == [INVITED]

    async def test_mail_that_can_be_stopped_says_where(self, mailer_setup: MailerSetup) -> None:
        await mailer_setup.mailer.send(STOPPABLE)

        assert mailer_setup.delivered() == [STOPPABLE]

    @pytest.mark.parametrize(
        "url",
        ["mailto:a@b.example", "https://a.example/\r\nBcc: eve@e.com", "https://a.example/>,<b"],
    )
    async def test_only_a_url_can_be_where_mail_is_stopped(
        self, mailer_setup: MailerSetup, url: str
    ) -> None:
        with pytest.raises(ValueError, match="must be a URL"):
            replace(WELCOME, unsubscribe=url)

    async def test_each_message_goes_to_its_own_recipient(self, mailer_setup: MailerSetup) -> None:
        await mailer_setup.mailer.send(WELCOME)
        await mailer_setup.mailer.send(TO_RAVI)

        assert mailer_setup.delivered() == [WELCOME, TO_RAVI]

    async def test_a_repeat_can_be_recognised(self, mailer_setup: MailerSetup) -> None:
        await mailer_setup.mailer.send(WELCOME)
        await mailer_setup.mailer.send(WELCOME)

        assert [message.id for message in mailer_setup.delivered()] == [WELCOME.id, WELCOME.id]

    async def test_a_line_break_in_the_subject_begins_no_header(
        self, mailer_setup: MailerSetup
    ) -> None:
        await mailer_setup.mailer.send(
            replace(WELCOME, subject="Hi\r\nBcc: eve@example.com\n\nbody\u2028more\r")
        )

        assert mailer_setup.delivered() == [
            replace(WELCOME, subject="Hi Bcc: eve@example.com body more")
        ]

    async def test_a_mailbox_nobody_has_is_refused_for_ever(
        self, mailer_setup: MailerSetup
    ) -> None:
        mailer_setup.remove_mailbox(WELCOME.to)

        with pytest.raises(AddressRefused):
            await mailer_setup.mailer.send(WELCOME)
        await mailer_setup.mailer.send(TO_RAVI)

        assert mailer_setup.delivered() == [TO_RAVI]

    @pytest.mark.parametrize(
        "to",
        [
            "(x)gita@example.com", "gita(x)@example.com", "gita@example.com(x)",
            '"gita"@example.com', "Gita <gita@example.com>", "gita@example.com,ravi@example.com",
            "gita@example.com ravi@example.com", "@ravi.example:gita@example.com", "gita",
        ],
    )  # fmt: skip
    async def test_only_one_plain_address_gets_mail(
        self, mailer_setup: MailerSetup, to: str
    ) -> None:
        with pytest.raises(AddressRefused):
            await mailer_setup.mailer.send(replace(WELCOME, to=to))

        assert mailer_setup.delivered() == []

    async def test_a_refused_content_says_nothing_about_the_address(
        self, mailer_setup: MailerSetup
    ) -> None:
        mailer_setup.refuse_contents()

        with pytest.raises(MailRefused) as refused:
            await mailer_setup.mailer.send(WELCOME)

        assert not isinstance(refused.value, AddressRefused)
        assert mailer_setup.delivered() == []

    async def test_what_is_put_off_arrives_when_it_is_tried_again(
        self, mailer_setup: MailerSetup
    ) -> None:
        mailer_setup.set_busy(True)
        with pytest.raises(MailUnavailable):
            await mailer_setup.mailer.send(WELCOME)

        mailer_setup.set_busy(False)
        await mailer_setup.mailer.send(WELCOME)

        assert mailer_setup.delivered() == [WELCOME]

    async def test_a_refusal_does_not_contain_the_address(self, mailer_setup: MailerSetup) -> None:
        """Exceptions are logged, and no address may be in a log."""
        mailer_setup.remove_mailbox(WELCOME.to)

        assert WELCOME.to not in await shown_by(mailer_setup.mailer.send(WELCOME))

    async def test_no_answer_means_try_again_later(self, mailer_setup: MailerSetup) -> None:
        await mailer_setup.close()

        with pytest.raises(MailUnavailable):
            await mailer_setup.mailer.send(WELCOME)

    @since(2)
    async def test_messages_at_the_same_time_arrive_each_once(
        self, mailer_setup: MailerSetup
    ) -> None:
        messages = [replace(WELCOME, id=f"m{n}", to=f"p{n}@example.com") for n in range(8)]

        await asyncio.gather(*map(mailer_setup.mailer.send, messages))

        assert sorted(mailer_setup.delivered(), key=lambda each: each.id) == messages

    @since(2)
    async def test_putting_off_does_not_tell_the_address(self, mailer_setup: MailerSetup) -> None:
        mailer_setup.set_busy(True)

        assert WELCOME.to not in await shown_by(mailer_setup.mailer.send(WELCOME))

    @since(2)
    @pytest.mark.parametrize("body", [b"", b"[]", b"{}", b"\xff"])
    async def test_a_report_that_is_not_signed_is_forged(
        self, mailer_setup: MailerSetup, body: bytes
    ) -> None:
        mailer = mailer_setup.mailer
        self.needs("reports of bounces", isinstance(mailer, ReportingMailer))
        assert isinstance(mailer, ReportingMailer)

        for headers in ({}, {"authorization": "Basic eDp5"}, {"x-signature": "00"}):
            with pytest.raises(ForgedReport):
                mailer.parse_reports(headers, body)
