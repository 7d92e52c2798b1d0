"""What every way to open browsers promises: inherit `LiveContract`, provide `wire`."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Any

from ports.live import Live


class Wire(ABC):
    """The way to the browsers, and what arrives at their end."""

    live: Live

    @abstractmethod
    async def heard(self) -> tuple[str, str, Any]:
        """The next message that arrives: room, event, data."""

    @abstractmethod
    async def cut(self) -> None:
        """From now on nothing arrives."""


class LiveContract:
    async def test_what_is_told_arrives_in_its_room(self, wire: Wire) -> None:
        await wire.live.tell("account:acc_1", "booking:updated", {"booking": "bkg_1"})
        assert await wire.heard() == ("account:acc_1", "booking:updated", {"booking": "bkg_1"})

    async def test_messages_arrive_in_order(self, wire: Wire) -> None:
        for number in range(20):
            await wire.live.tell("developer:dev_1", "slots:changed", {"n": number})
        assert [(await wire.heard())[2]["n"] for _ in range(20)] == list(range(20))

    async def test_a_cut_wire_disturbs_nobody(self, wire: Wire) -> None:
        await wire.cut()
        await wire.live.tell("account:acc_1", "booking:updated", {"booking": "bkg_1"})
