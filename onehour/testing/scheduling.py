"""The contract of every notifier: inherit `NotifierContract`, provide `notifier_setup`."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence

from onehour.testing.suite import Contract
from ports.scheduling import Notifier


class RecordedWakeUps(Notifier):
    """A notifier that keeps the ids of the messages for which it was called, in order."""

    def __init__(self) -> None:
        self.message_ids: list[str] = []

    async def wake_up(self, message_ids: Sequence[str]) -> None:
        self.message_ids.extend(message_ids)


class NotifierSetup(ABC):
    """The notifier under test, and what its relays receive."""

    notifier: Notifier

    @abstractmethod
    async def received(self, count: int) -> set[str]:
        """The ids of messages that have reached the relays, once there are `count`."""

    @abstractmethod
    async def disconnect(self) -> None:
        """From now on no wake-up reaches a relay."""


class NotifierContract(Contract):
    port = "scheduling"

    async def test_every_id_reaches_a_relay(self, notifier_setup: NotifierSetup) -> None:
        ids = [f"thing:{number}" for number in range(100)]
        await notifier_setup.notifier.wake_up(ids)
        assert await notifier_setup.received(100) == set(ids)

    async def test_a_wake_up_without_ids_does_nothing(self, notifier_setup: NotifierSetup) -> None:
        await notifier_setup.notifier.wake_up([])
        assert await notifier_setup.received(0) == set()

    async def test_a_lost_connection_raises_nothing(self, notifier_setup: NotifierSetup) -> None:
        await notifier_setup.disconnect()
        for _ in range(3):
            await notifier_setup.notifier.wake_up(["thing:1"])
