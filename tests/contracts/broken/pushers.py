"""Pushers that each break one promise."""

from __future__ import annotations

import asyncio
from datetime import timedelta

from adapters.memory.push import MemoryPusher
from ports.push import LONGEST, PushReceiver, PushRefused, PushUnavailable, SubscriptionEnded
from tests.contracts.broken.suite import breaks


@breaks("a_long_message_arrives_whole")
class CutsMessages(MemoryPusher):
    async def send(self, to: PushReceiver, content: bytes, *, topic: str, life: timedelta) -> None:
        cut = content[: LONGEST - 100] if len(content) <= LONGEST else content
        await super().send(to, cut, topic=topic, life=life)


@breaks("a_message_that_is_too_long_is_refused")
class SendsAnyLength(MemoryPusher):
    async def send(self, to: PushReceiver, content: bytes, *, topic: str, life: timedelta) -> None:
        await super().send(to, content[:LONGEST], topic=topic, life=life)


@breaks("every_byte_arrives")
class RemovesPadding(MemoryPusher):
    """Also what only looks like it."""

    async def send(self, to: PushReceiver, content: bytes, *, topic: str, life: timedelta) -> None:
        await super().send(to, content.rstrip(b"\0\2"), topic=topic, life=life)


@breaks("browsers_can_subscribe_with_its_key")
class PaddedKey(MemoryPusher):
    def __init__(self) -> None:
        super().__init__()
        self.public_key += "="


@breaks("a_topic_is_any_text")
class TopicAsAHeader(MemoryPusher):
    async def send(self, to: PushReceiver, content: bytes, *, topic: str, life: timedelta) -> None:
        if len(topic) > 32:
            raise PushRefused
        await super().send(to, content, topic=topic, life=life)


@breaks("a_life_is_any_time")
class NotForAMomentOnly(MemoryPusher):
    async def send(self, to: PushReceiver, content: bytes, *, topic: str, life: timedelta) -> None:
        if life < timedelta(seconds=1):
            raise PushRefused
        await super().send(to, content, topic=topic, life=life)


@breaks("an_address_that_is_no_public_server_is_refused")
class AnyAddress(MemoryPusher):
    """It does nothing for an address of the cloud, and does not say so."""

    async def send(self, to: PushReceiver, content: bytes, *, topic: str, life: timedelta) -> None:
        if "169.254.169.254" not in to.endpoint:
            await super().send(to, content, topic=topic, life=life)


@breaks("a_subscription_that_has_ended_is_told_from_a_refusal")
class RefusedIsEnded(MemoryPusher):
    async def send(self, to: PushReceiver, content: bytes, *, topic: str, life: timedelta) -> None:
        if to.endpoint in self.refused:
            raise SubscriptionEnded
        await super().send(to, content, topic=topic, life=life)


@breaks("the_end_of_one_subscription_is_not_that_of_others")
class EndsThePushService(MemoryPusher):
    """After an end it sends nothing more to the server."""

    async def send(self, to: PushReceiver, content: bytes, *, topic: str, life: timedelta) -> None:
        if self.ended and to.endpoint not in self.ended | self.refused and not self.down:
            raise SubscriptionEnded
        await super().send(to, content, topic=topic, life=life)


@breaks("no_error_tells_the_address_of_a_browser")
class PutsOffWithTheEndpoint(MemoryPusher):
    async def send(self, to: PushReceiver, content: bytes, *, topic: str, life: timedelta) -> None:
        try:
            await super().send(to, content, topic=topic, life=life)
        except PushUnavailable as error:
            raise PushUnavailable(f"503 from {to.endpoint}") from error


@breaks("no_answer_means_try_again_later", "what_is_put_off_arrives_when_it_is_tried_again")
class EveryErrorIsFinal(MemoryPusher):
    async def send(self, to: PushReceiver, content: bytes, *, topic: str, life: timedelta) -> None:
        try:
            await super().send(to, content, topic=topic, life=life)
        except PushUnavailable as error:
            raise PushRefused from error


@breaks("messages_to_one_browser_arrive_in_order")
class SendsEqualMessagesOnce(MemoryPusher):
    async def send(self, to: PushReceiver, content: bytes, *, topic: str, life: timedelta) -> None:
        if not any((each.endpoint, each.content) == (to.endpoint, content) for each in self.sent):
            await super().send(to, content, topic=topic, life=life)


@breaks("messages_at_the_same_time_reach_each_its_browser")
class OneBufferForAll(MemoryPusher):
    content = b""

    async def send(self, to: PushReceiver, content: bytes, *, topic: str, life: timedelta) -> None:
        self.content = content
        await asyncio.sleep(0)
        await super().send(to, self.content, topic=topic, life=life)
