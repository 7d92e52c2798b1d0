"""The contract of adapters of `ports.live`: inherit `LiveContract`, provide `live_setup`."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Any

from onehour.testing.suite import Contract
from ports.live import Live


class LiveSetup(ABC):
    """The adapter under test, and the messages that web processes receive from it."""

    live: Live

    @abstractmethod
    async def received(self) -> tuple[str, str, Any]:
        """The next message that is received: room, event, data."""

    @abstractmethod
    async def disconnect(self) -> None:
        """From now on no message is received."""


class LiveContract(Contract):
    port = "live"

    async def test_an_event_reaches_its_room(self, live_setup: LiveSetup) -> None:
        await live_setup.live.publish("account:acc_1", "booking:updated", {"booking": "bkg_1"})
        assert await live_setup.received() == (
            "account:acc_1",
            "booking:updated",
            {"booking": "bkg_1"},
        )

    async def test_messages_arrive_in_order(self, live_setup: LiveSetup) -> None:
        for number in range(20):
            await live_setup.live.publish("developer:dev_1", "slots:changed", {"n": number})
        assert [(await live_setup.received())[2]["n"] for _ in range(20)] == list(range(20))

    async def test_a_lost_connection_raises_nothing(self, live_setup: LiveSetup) -> None:
        await live_setup.disconnect()
        await live_setup.live.publish("account:acc_1", "booking:updated", {"booking": "bkg_1"})
