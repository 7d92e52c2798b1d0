"""The contract of adapters of `ports.extensions`: inherit `ExtensionsContract` and provide
the fixture `extensions_setup`."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

import pytest

from core.bookings import Booking, BookingId, Party
from core.money import Money
from core.policy import Terms
from core.prices import PriceLine
from onehour.testing.suite import Contract
from ports.extensions import Extensions, Vetoed

START = datetime(2026, 11, 24, 10, 0, tzinfo=UTC)


class ExtensionsSetup(ABC):
    """Makes the extensions under test with plugins of each kind."""

    @abstractmethod
    def without_plugins(self) -> Extensions: ...
    @abstractmethod
    def refusing(self, reason: str) -> Extensions: ...
    @abstractmethod
    def charging(self, line: PriceLine) -> Extensions:
        """With one plugin that adds this line to every price."""

    @abstractmethod
    def recording(self) -> tuple[Extensions, list[tuple[str, Mapping[str, str]]]]:
        """With the list to which the one plugin appends each event it receives, with its facts."""

    @abstractmethod
    def failing(self) -> Extensions:
        """With one plugin that listens and raises an error."""


class ExtensionsContract(Contract):
    port = "extensions"

    async def test_without_plugins_everything_may_be_booked(
        self, extensions_setup: ExtensionsSetup
    ) -> None:
        extensions = extensions_setup.without_plugins()
        await extensions.may_book(a_booking())
        assert list(extensions.listeners) == []

    async def test_the_reason_of_a_plugin_reaches_the_client(
        self, extensions_setup: ExtensionsSetup
    ) -> None:
        with pytest.raises(Vetoed, match="Not on a Tuesday"):
            await extensions_setup.refusing("Not on a Tuesday.").may_book(a_booking())

    async def test_the_line_of_a_plugin_is_part_of_the_price(
        self, extensions_setup: ExtensionsSetup
    ) -> None:
        line = PriceLine("At night", Money(5_000))
        (found,) = await extensions_setup.charging(line).price_lines(a_booking(), {})
        assert (found.label, found.amount) == (line.label, line.amount)
        assert not await extensions_setup.without_plugins().price_lines(a_booking(), {})

    async def test_an_event_reaches_the_plugin_it_is_for(
        self, extensions_setup: ExtensionsSetup
    ) -> None:
        extensions, received = extensions_setup.recording()
        (plugin,) = extensions.listeners
        await extensions.deliver(plugin, "paid", {"booking": "bkg_1"})
        await extensions.deliver(f"not {plugin}", "paid", {"booking": "bkg_2"})
        assert [(event, dict(facts)) for event, facts in received] == [
            ("paid", {"booking": "bkg_1"})
        ]

    async def test_a_failed_delivery_is_raised_so_that_it_is_repeated(
        self, extensions_setup: ExtensionsSetup
    ) -> None:
        extensions = extensions_setup.failing()
        (plugin,) = extensions.listeners
        with pytest.raises(Exception, match=plugin):
            await extensions.deliver(plugin, "paid", {"booking": "bkg_1"})


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
