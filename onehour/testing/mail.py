"""What every `ports.mail.Mailer` keeps; adapter authors inherit `MailerContract`."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Protocol

import pytest

from ports.mail import Mailer, MailUnavailable, Message

WELCOME = Message(
    id="booking:bk_7:3:confirmed",
    to="gita@example.com",
    subject="Ihre Stunde ist bestätigt: ₹1,200",
    text="Dear Gita,\nyour hour is confirmed. ✓\n",
    html="<p>Dear Gita,<br>your hour is <b>confirmed</b>. ✓</p>\n",
)


class Office(Protocol):
    """A mailer, and what its tests must be able to see and do."""

    mailer: Mailer

    def arrived(self) -> list[Message]:
        """What the other side has taken charge of, oldest first."""
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
        to_ravi = replace(WELCOME, id="other", to="ravi@example.com")

        await office.mailer.send(WELCOME)
        await office.mailer.send(to_ravi)

        assert office.arrived() == [WELCOME, to_ravi]

    async def test_a_repeat_can_be_recognised(self, office: Office) -> None:
        await office.mailer.send(WELCOME)
        await office.mailer.send(WELCOME)

        assert {message.id for message in office.arrived()} == {WELCOME.id}

    async def test_silence_means_try_again_later(self, office: Office) -> None:
        await office.close()

        with pytest.raises(MailUnavailable):
            await office.mailer.send(WELCOME)
