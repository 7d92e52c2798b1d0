"""A mail server in memory."""

from __future__ import annotations

from ports.mail import AddressRefused, Mailer, MailRefused, MailUnavailable, Message


class MemoryMailer(Mailer):
    """`sent` is what it has taken charge of; `tried` also counts what it refused.

    While `down` is true it takes nothing. It knows no mailbox in `unknown`, and refuses what
    has one of the `rejected_texts` words in its text.
    """

    def __init__(self) -> None:
        self.sent: list[Message] = []
        self.attempts = 0
        self.down = False
        self.unknown_addresses: set[str] = set()
        self.rejected_texts: set[str] = set()

    async def send(self, message: Message) -> None:
        self.attempts += 1
        if self.down:
            raise MailUnavailable
        if message.to in self.unknown_addresses:
            raise AddressRefused
        if any(words in message.text for words in self.rejected_texts):
            raise MailRefused
        self.sent.append(message)

    def to(self, address: str) -> list[Message]:
        """What somebody has got, in order."""
        return [message for message in self.sent if message.to == address]
