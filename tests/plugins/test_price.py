"""What changes the price: line by line, frozen into the booking, exact in the ledger."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import unescape
from typing import cast

import pytest
from markupsafe import escape

from core.bookings import PriceChanged
from core.money import Money
from onehour.api import Booking, Panel, PriceLine, Slot, WebCapability, implements
from tests.app import MemoryApp
from tests.plugins.misbehaving import Unprintable
from tests.plugins.site import app_with, switched_on
from tests.web.observatory import tags
from tests.web.site import Browser
from tests.web.site import app_of as site_of


class Prices:
    """Adds the lines it is given."""

    def __init__(self, *lines: object) -> None:
        self.lines = list(lines)
        self.fields: Mapping[str, str] = {}

    @implements
    async def onehour_price(
        self, booking: Booking, fields: Mapping[str, str]
    ) -> Sequence[PriceLine] | None:
        self.fields = fields
        return self.lines  # type: ignore[return-value]


DISCOUNT = PriceLine("First booking", Money(-48_000))
SURCHARGE = PriceLine("At night", Money(12_345))


def app_of(*plugins: Prices) -> MemoryApp:
    found = switched_on(plugins[0], "plugin0")
    for number, plugin in enumerate(plugins[1:], 1):
        found.add(plugin, f"plugin{number}")
    return app_with(found)


async def test_the_lines_are_paid_frozen_and_shared_to_the_paisa() -> None:
    prices = Prices(DISCOUNT, SURCHARGE)
    app = app_of(prices)
    client, developer = (await app.client())[0], await app.developer()

    job = await app.delivered(client, developer)
    prices.lines = []
    await app.services.jobs.approve(job.id, by=client.id)
    await app.run()

    booking = await app.booking(job.booking_id)
    payment = await app.payment(booking)
    assert [(each.label, each.amount, each.source) for each in booking.price_lines] == [
        ("First booking", Money(-48_000), "plugin0"),
        ("At night", Money(12_345), "plugin0"),
    ]
    assert booking.price == booking.hours_price - Money(48_000) + Money(12_345)
    assert payment.amount == booking.price
    assert booking.fee == booking.price.percent(booking.terms.fee_percent)
    await app.assert_ledger_balances()


async def test_a_cancelled_booking_gives_back_what_was_paid() -> None:
    app = app_of(Prices(DISCOUNT))
    client, developer = (await app.client())[0], await app.developer()
    booking = await app.paid(client, developer)

    await app.services.answers.decline(booking.id, by=developer.account_id, reason="Ill.")
    await app.run()

    payment = await app.payment(booking)
    assert sum((each.amount for each in payment.refunds), Money(0)) == booking.price
    await app.assert_ledger_balances()


async def test_the_lines_of_several_plugins_follow_their_order() -> None:
    app = app_of(Prices(DISCOUNT), Prices(SURCHARGE))
    client, developer = (await app.client())[0], await app.developer()

    booking = await app.hold(client, developer)

    assert [line.source for line in booking.price_lines] == ["plugin0", "plugin1"]


@pytest.mark.parametrize(
    "nonsense",
    [
        [DISCOUNT, Unprintable()],
        [DISCOUNT, PriceLine("", Money(1))],
        [PriceLine("Dollars", Money(1, "USD"))],
        [PriceLine("Half", 0.5)],  # type: ignore[arg-type]
        [PriceLine(None, Money(1))],  # type: ignore[arg-type]
        [PriceLine("Far too much", Money(10**12))],
        [DISCOUNT] * 11,
    ],
)
async def test_nonsense_changes_no_price_and_is_counted(nonsense: list[object]) -> None:
    app = app_of(Prices(*nonsense), Prices(SURCHARGE))
    client, developer = (await app.client())[0], await app.developer()

    booking = await app.hold(client, developer)
    await app.extensions.health.told()  # type: ignore[attr-defined]

    assert [line.label for line in booking.price_lines] == ["At night"]
    states = await app.services.plugin_states.all()
    assert [len(state.failures) for state in states.values()] == [1, 0]


async def test_a_price_other_than_the_shown_one_is_refused() -> None:
    prices = Prices(DISCOUNT)
    app = app_of(prices)
    client, developer = (await app.client())[0], await app.developer()
    start, hours = app.clock.now().replace(hour=10), 1
    start = start.replace(day=start.day + 2)
    asked = {"by": client.id, "developer_id": developer.id, "start": start, "hours": hours}
    quote = await app.services.bookings.quote(**asked, fields={"coupon": "TEN"})  # type: ignore[arg-type]
    prices.lines = []

    with pytest.raises(PriceChanged):
        await app.services.bookings.hold(**asked, brief="Slow.", expecting=quote.draft.price)  # type: ignore[arg-type]

    assert [line.label for line in quote.lines] == ["First booking"]
    assert quote.draft.price == quote.draft.hours_price - Money(48_000)


class Coupons(Prices):
    """A field in the form of a booking, and 20 % off for one code."""

    @implements
    def onehour_web(self) -> list[WebCapability]:
        async def render(facts: Mapping[str, object]) -> str:
            fields = cast(Mapping[str, str], facts["fields"])
            return f'<input name="plugin_code" value="{escape(fields.get("code", ""))}">'

        panel = Panel(Slot.BOOKING_FORM, render)
        return [WebCapability(name="coupons", panels=(panel,))]

    @implements
    async def onehour_price(
        self, booking: Booking, fields: Mapping[str, str]
    ) -> Sequence[PriceLine] | None:
        match fields.get("code"):
            case None | "":
                return None
            case "TWENTY":
                return [PriceLine("Code TWENTY, 20\u00a0% off", -booking.hours_price.percent(20))]
            case _:
                return [PriceLine("This code is unknown", Money(0))]


async def test_a_client_sees_the_price_with_its_lines_before_and_after_booking() -> None:
    plugins = switched_on(Coupons(), "coupons")
    app = app_with(plugins)
    client, developer = (await app.client())[0], await app.developer()
    browser = Browser(site_of(app, added=plugins.web))
    await browser.look("/login")
    await browser.log_in(client)
    path = f"/developers/{developer.id}"
    _, page = await browser.look(path)
    start = next(each["value"] for each in tags(page, "input") if each.get("name") == "start")
    form = {"start": start, "hours": "1", "brief": "It is slow.", "csrf_token": browser.token}

    async def send(**more: str) -> tuple[int, str]:
        answer = await browser.ask("POST", f"{path}/book", form={**form, **more})
        return answer.status_code, unescape(await answer.get_data(as_text=True))

    asked, unknown = await send(plugin_code="OTHER", show_price="yes")
    _, shown = await send(plugin_code="TWENTY", show_price="yes")
    (price,) = [each["value"] for each in tags(shown, "input") if each.get("name") == "price"]
    changed, changed_page = await send(plugin_code="", price=price)
    booked, _ = await send(plugin_code="TWENTY", price=price)

    (booking,) = (await app.services.bookings.of_account(by=client.id))[0]
    _, of_booking = await browser.look(f"/bookings/{booking.id}")
    answer = await browser.ask("GET", f"/api/v1/bookings/{booking.id}")
    assert (asked, changed, booked) == (200, 409, 303)
    assert "This code is unknown" in unknown and "Code TWENTY" in shown
    assert "The price has changed since it was shown" in changed_page
    assert booking.price == Money(int(price)) == developer.rate - developer.rate.percent(20)
    assert "Code TWENTY" in of_booking
    discount = -developer.rate.percent(20).amount
    assert [line["amount"]["amount"] for line in (await answer.get_json())["price_lines"]] == [
        discount
    ]


async def test_the_receipt_has_the_lines() -> None:
    app = app_of(Prices(DISCOUNT))
    client, developer = (await app.client())[0], await app.developer()
    booking = await app.paid(client, developer)
    browser = Browser(site_of(app))
    await browser.look("/login")
    await browser.log_in(client)

    _, receipt = await browser.look(f"/bookings/{booking.id}/receipt")

    assert "First booking" in receipt
