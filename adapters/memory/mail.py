"""A mail server in memory."""

from __future__ import annotations

from ports.mail import Mailer, MailUnavailable, Message


class MemoryMailer(Mailer):
    """`sent` is what it has taken charge of; while `down` is true it takes nothing."""

    def __init__(self) -> None:
        self.sent: list[Message] = []
        self.down = False

    async def send(self, message: Message) -> None:
        if self.down:
            raise MailUnavailable
        self.sent.append(message)

    def to(self, address: str) -> list[Message]:
        """What somebody has got, in order."""
        return [message for message in self.sent if message.to == address]
