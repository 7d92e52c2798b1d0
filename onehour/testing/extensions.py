"""What every bridge to plugins promises: inherit `ExtensionsContract`, provide `bridges`."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

import pytest

from core.bookings import Booking, BookingId, Party
from core.money import Money
from core.policy import Terms
from ports.extensions import Extensions, Vetoed

START = datetime(2026, 11, 24, 10, 0, tzinfo=UTC)


class Bridges(ABC):
    """Extensions with plugins of each kind behind them."""

    @abstractmethod
    def silent(self) -> Extensions: ...
    @abstractmethod
    def vetoing(self, reason: str) -> Extensions: ...
    @abstractmethod
    def listening(self) -> tuple[Extensions, list[tuple[str, Mapping[str, str]]]]:
        """With the list in which a plugin keeps what it hears."""


class ExtensionsContract:
    async def test_without_plugins_everything_may_be_booked(self, bridges: Bridges) -> None:
        extensions = bridges.silent()
        await extensions.may_book(a_booking())
        await extensions.tell("paid", {"booking": "bkg_1"})
        assert not extensions.has_listeners

    async def test_a_plugins_reason_reaches_the_client(self, bridges: Bridges) -> None:
        with pytest.raises(Vetoed, match="Not on a Tuesday"):
            await bridges.vetoing("Not on a Tuesday.").may_book(a_booking())

    async def test_who_listens_hears_the_news(self, bridges: Bridges) -> None:
        extensions, heard = bridges.listening()
        assert extensions.has_listeners
        await extensions.tell("paid", {"booking": "bkg_1"})
        assert [(event, dict(facts)) for event, facts in heard] == [("paid", {"booking": "bkg_1"})]


def a_booking() -> Booking:
    return Booking(
        id=BookingId("bkg_1"),
        client=Party("cli_1", "acc_1", "Gita", "UTC"),
        developer=Party("dev_1", "acc_2", "Asha", "UTC"),
        start=START,
        hours=1,
        brief="It is slow.",
        rate=Money(240_000),
        terms=Terms(),
        created_at=START - timedelta(days=1),
        shown_until=START,
        hold_ends=START,
        payment_id="pay_1",
        revisions=2,
    )
