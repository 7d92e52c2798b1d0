"""Mailers that each break one promise."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import replace

from adapters.memory.mail import MemoryMailer
from ports.mail import (
    AddressRefused,
    ForgedReport,
    MailRefused,
    MailReport,
    MailUnavailable,
    Message,
)
from tests.contracts.broken.suite import breaks


@breaks("attachments_arrive_byte_by_byte")
class AttachmentsAsText(MemoryMailer):
    async def send(self, message: Message) -> None:
        def text(content: bytes) -> bytes:
            return content.replace(b"\r\n", b"\n")

        files = tuple(replace(each, content=text(each.content)) for each in message.attachments)
        await super().send(replace(message, attachments=files))


@breaks("mail_that_can_be_stopped_says_where")
class NoListHeaders(MemoryMailer):
    async def send(self, message: Message) -> None:
        await super().send(replace(message, unsubscribe=""))


@breaks("a_repeat_can_be_recognised")
class NumbersEachMessage(MemoryMailer):
    async def send(self, message: Message) -> None:
        sent = [each for each in self.sent if each.id == message.id]
        await super().send(replace(message, id=f"{message.id}-2") if sent else message)


@breaks("each_message_goes_to_its_own_recipient", "messages_at_the_same_time_arrive_each_once")
class KeepsTheRecipient(MemoryMailer):
    """An envelope that is used again, after the first mail was accepted."""

    async def send(self, message: Message) -> None:
        if self.sent:
            message = replace(message, to=self.sent[0].to)
        await super().send(message)


@breaks("only_one_plain_address_gets_mail")
class SeveralRecipients(MemoryMailer):
    async def send(self, message: Message) -> None:
        if "," in message.to:
            self.sent.append(message)
            return
        await super().send(message)


@breaks("a_mailbox_nobody_has_is_refused_for_ever")
class EveryRefusalIsOfTheContent(MemoryMailer):
    async def send(self, message: Message) -> None:
        if message.to in self.unknown_addresses:
            raise MailRefused
        await super().send(message)


@breaks("a_refused_content_says_nothing_about_the_address")
class EveryRefusalIsOfTheAddress(MemoryMailer):
    async def send(self, message: Message) -> None:
        try:
            await super().send(message)
        except MailRefused as error:
            raise AddressRefused from error


@breaks("a_refusal_does_not_contain_the_address")
class RefusalWithTheAddress(MemoryMailer):
    async def send(self, message: Message) -> None:
        if message.to in self.unknown_addresses:
            raise AddressRefused(f"550 5.1.1 <{message.to}>: no such user here")
        await super().send(message)


@breaks("putting_off_does_not_tell_the_address")
class PutsOffWithTheAddress(MemoryMailer):
    async def send(self, message: Message) -> None:
        if self.down:
            raise MailUnavailable(f"451 4.3.2 <{message.to}>: come back later")
        await super().send(message)


@breaks("what_is_put_off_arrives_when_it_is_tried_again", "a_repeat_can_be_recognised")
class TriesEachIdOnce(MemoryMailer):
    def __init__(self) -> None:
        super().__init__()
        self.tried: set[str] = set()

    async def send(self, message: Message) -> None:
        if message.id in self.tried:
            return
        self.tried.add(message.id)
        await super().send(message)


@breaks("messages_at_the_same_time_arrive_each_once")
class OneConnectionForAll(MemoryMailer):
    """The recipient of one message is that of another that is sent meanwhile."""

    to_address = ""

    async def send(self, message: Message) -> None:
        self.to_address = message.to
        await asyncio.sleep(0)
        await super().send(replace(message, to=self.to_address))


@breaks("a_report_that_is_not_signed_is_forged")
class ReadsAllReports(MemoryMailer):
    def parse_reports(self, headers: Mapping[str, str], body: bytes) -> tuple[MailReport, ...]:
        if headers.get("x-signature") == "00":
            return ()
        raise ForgedReport


@breaks("no_answer_means_try_again_later", "what_is_put_off_arrives_when_it_is_tried_again")
class DropsWithoutAnAnswer(MemoryMailer):
    async def send(self, message: Message) -> None:
        if not self.down:
            await super().send(message)
