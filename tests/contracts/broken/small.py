"""Clocks, ids, live updates, notifiers and extensions that each break one promise."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta, timezone

from adapters.memory.clock import FixedClock, SequentialIds
from adapters.memory.extensions import MemoryExtensions
from adapters.memory.live import MemoryLive
from core.bookings import Booking
from core.prices import PriceLine
from onehour.testing.scheduling import RecordedWakeUps
from ports.extensions import Vetoed
from tests.contracts.broken.suite import breaks


@breaks("it_gives_utc_in_whole_milliseconds")
class LocalTime(FixedClock):
    def now(self) -> datetime:
        return super().now().astimezone(timezone(timedelta(hours=5, minutes=30)))


@breaks("it_never_goes_back")
class SetBack(FixedClock):
    def now(self) -> datetime:
        self.advance(-timedelta(milliseconds=1))
        return super().now()


@breaks("no_id_comes_twice")
class IdsOfTheSecond(SequentialIds):
    def new(self, prefix: str) -> str:
        return f"{prefix}_{int(super().new(prefix)[-26:]) // 100:026d}"


@breaks("an_id_has_a_prefix_for_its_kind_and_26_letters_and_digits")
class IdsWithoutAPrefix(SequentialIds):
    def new(self, prefix: str) -> str:
        return super().new(prefix)[-26:]


@breaks("a_secret_has_256_bits_and_fits_into_a_cookie")
class ShortSecrets(SequentialIds):
    def secret(self) -> str:
        return super().secret()[-16:]


@breaks("an_event_reaches_its_room")
class OneRoom(MemoryLive):
    async def publish(self, room: str, event: str, data: Mapping[str, object]) -> None:
        await super().publish(room.partition(":")[0], event, data)


@breaks("messages_arrive_in_order")
class LatestFirst(MemoryLive):
    async def publish(self, room: str, event: str, data: Mapping[str, object]) -> None:
        await super().publish(room, event, data)
        self.published.reverse()


@breaks("every_id_reaches_a_relay")
class WakesForAFew(RecordedWakeUps):
    async def wake_up(self, message_ids: Sequence[str]) -> None:
        await super().wake_up(message_ids[:50])


@breaks("a_wake_up_without_ids_does_nothing")
class WakesForNothing(RecordedWakeUps):
    async def wake_up(self, message_ids: Sequence[str]) -> None:
        await super().wake_up(message_ids or [""])


@breaks("the_reason_of_a_plugin_reaches_the_client")
class RefusesWithoutAReason(MemoryExtensions):
    async def may_book(self, booking: Booking) -> None:
        if self.veto:
            raise Vetoed


@breaks("the_line_of_a_plugin_is_part_of_the_price")
class NoLines(MemoryExtensions):
    async def price_lines(self, booking: Booking, fields: Mapping[str, str]) -> Sequence[PriceLine]:
        return ()


@breaks("an_event_reaches_the_plugin_it_is_for")
class DeliversToAll(MemoryExtensions):
    async def deliver(self, plugin: str, event: str, facts: Mapping[str, str]) -> None:
        for each in self.listening:
            await super().deliver(each, event, facts)


@breaks("a_failed_delivery_is_raised_so_that_it_is_repeated")
class SwallowsFailures(MemoryExtensions):
    async def deliver(self, plugin: str, event: str, facts: Mapping[str, str]) -> None:
        if plugin not in self.failing:
            await super().deliver(plugin, event, facts)
