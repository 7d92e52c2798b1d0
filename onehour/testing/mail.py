"""What every `ports.mail.Mailer` keeps; adapter authors inherit `MailerContract`."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Protocol

import pytest

from ports.mail import AddressRefused, Mailer, MailRefused, MailUnavailable, Message

WELCOME = Message(
    id="booking:bk_7:3:confirmed",
    to="gita@example.com",
    subject="Ihre Stunde ist bestätigt: ₹\N{NO-BREAK SPACE}1,200",
    text="Dear Gita,\nyour hour is confirmed. ✓\n",
    html="<p>Dear Gita,<br>your hour is <b>confirmed</b>. ✓</p>\n",
)
TO_RAVI = replace(WELCOME, id="other", to="ravi@example.com")


class Office(Protocol):
    """A mailer, and what its tests must be able to see and do on the other side."""

    mailer: Mailer

    def arrived(self) -> list[Message]:
        """What the other side has taken charge of, oldest first."""
        ...

    def forget_mailbox(self, address: str) -> None:
        """From now on nobody has this address."""
        ...

    def dislike_contents(self) -> None:
        """From now on no content is good enough, whoever it is for."""
        ...

    def be_busy(self, busy: bool) -> None:
        """As long as this is true, everybody is asked to come back later."""
        ...

    async def close(self) -> None:
        """From now on nobody answers."""
        ...


class MailerContract:
    """Inherit it, and give the fixture `office`."""

    @pytest.fixture
    def office(self) -> AsyncIterator[Office]:
        raise NotImplementedError

    async def test_a_message_arrives_whole(self, office: Office) -> None:
        await office.mailer.send(WELCOME)

        assert office.arrived() == [WELCOME]

    async def test_each_message_goes_to_its_own_recipient(self, office: Office) -> None:
        await office.mailer.send(WELCOME)
        await office.mailer.send(TO_RAVI)

        assert office.arrived() == [WELCOME, TO_RAVI]

    async def test_a_repeat_can_be_recognised(self, office: Office) -> None:
        await office.mailer.send(WELCOME)
        await office.mailer.send(WELCOME)

        assert [message.id for message in office.arrived()] == [WELCOME.id, WELCOME.id]

    async def test_a_line_break_in_the_subject_begins_no_header(self, office: Office) -> None:
        await office.mailer.send(
            replace(WELCOME, subject="Hi\r\nBcc: eve@example.com\n\nbody\u2028more\r")
        )

        assert office.arrived() == [replace(WELCOME, subject="Hi Bcc: eve@example.com body more")]

    async def test_a_mailbox_nobody_has_is_refused_for_ever(self, office: Office) -> None:
        office.forget_mailbox(WELCOME.to)

        with pytest.raises(AddressRefused):
            await office.mailer.send(WELCOME)
        await office.mailer.send(TO_RAVI)

        assert office.arrived() == [TO_RAVI]

    async def test_a_refused_content_says_nothing_about_the_address(self, office: Office) -> None:
        office.dislike_contents()

        with pytest.raises(MailRefused) as refused:
            await office.mailer.send(WELCOME)

        assert not isinstance(refused.value, AddressRefused)
        assert office.arrived() == []

    async def test_what_is_put_off_arrives_when_it_is_tried_again(self, office: Office) -> None:
        office.be_busy(True)
        with pytest.raises(MailUnavailable):
            await office.mailer.send(WELCOME)

        office.be_busy(False)
        await office.mailer.send(WELCOME)

        assert office.arrived() == [WELCOME]

    async def test_a_refusal_does_not_tell_the_address(self, office: Office) -> None:
        """What is raised ends in logs and lists, where addresses do not belong."""
        office.forget_mailbox(WELCOME.to)

        with pytest.raises(MailRefused) as refused:
            await office.mailer.send(WELCOME)

        assert WELCOME.to not in str(refused.value)

    async def test_silence_means_try_again_later(self, office: Office) -> None:
        await office.close()

        with pytest.raises(MailUnavailable):
            await office.mailer.send(WELCOME)
