"""The pages of the simulator that a customer's browser shows."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest

from adapters.cashfree.simulator import Simulator, SimulatorSettings
from tests.unit.simulator_client import URL, SimulatorClient, a_simulator_client

BACK = "https://shop.example/back?order=ord_1"


@pytest.fixture
async def merchant(tmp_path: Path) -> AsyncIterator[SimulatorClient]:
    async with a_simulator_client(tmp_path) as merchant:
        yield merchant


async def checkout(merchant: SimulatorClient, **form: str) -> httpx.Response:
    order = await merchant.order()
    page = f"{URL}/checkout/{order['payment_session_id']}"
    return await (merchant.client.post(page, data=form) if form else merchant.client.get(page))


async def test_the_page_names_what_is_paid_for_under_a_strict_policy(
    merchant: SimulatorClient,
) -> None:
    response = await checkout(merchant)

    assert response.status_code == 200
    assert "₹4,800.00" in response.text
    assert "One hour with Ravi" in response.text
    assert "Simulation." in response.text
    assert "<script" not in response.text and "style=" not in response.text
    assert response.headers["Content-Security-Policy"] == (
        "default-src 'none'; base-uri 'none'; frame-ancestors 'none'; style-src 'self';"
        " form-action 'self' http://simulator https://shop.example"
    )


async def test_a_return_address_cannot_add_to_the_policy(merchant: SimulatorClient) -> None:
    order = await merchant.order(order_meta={"return_url": "https://evil.example;script-src/x"})

    page = await merchant.client.get(f"{URL}/checkout/{order['payment_session_id']}")

    assert "script-src" not in page.headers["Content-Security-Policy"]


@pytest.mark.parametrize("path", ["/control/books", "/static/simulator.css", "/nothing", "/pg/x"])
async def test_every_other_answer_is_bare_to_browsers(merchant: SimulatorClient, path: str) -> None:
    headers = (await merchant.client.get(f"{URL}{path}")).headers

    assert headers["Content-Security-Policy"] == (
        "default-src 'none'; base-uri 'none'; frame-ancestors 'none'; form-action 'none'"
    )
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Cross-Origin-Resource-Policy"] == "same-origin"


async def test_text_of_the_merchant_cannot_become_markup(merchant: SimulatorClient) -> None:
    order = await merchant.order(order_note="<img src=x onerror=alert(1)>")

    response = await merchant.client.get(f"{URL}/checkout/{order['payment_session_id']}")

    assert "<img" not in response.text


@pytest.mark.parametrize(
    ("outcome", "order_status", "payment_status"),
    [
        ("success", "PAID", "SUCCESS"),
        ("failed", "ACTIVE", "FAILED"),
        ("dropped", "ACTIVE", "USER_DROPPED"),
        ("late", "ACTIVE", "PENDING"),
    ],
)
async def test_each_button_redirects_to_the_return_url(
    merchant: SimulatorClient, outcome: str, order_status: str, payment_status: str
) -> None:
    response = await checkout(merchant, outcome=outcome, webhook="now", seconds="10")

    (payment,) = await merchant.get("/orders/ord_1/payments")
    assert (response.status_code, response.headers["location"]) == (303, BACK)
    assert (await merchant.get("/orders/ord_1"))["order_status"] == order_status
    assert payment["payment_status"] == payment_status


async def test_paying_late_succeeds_by_itself_after_the_order_has_expired(
    merchant: SimulatorClient,
) -> None:
    await merchant.order()
    await merchant.control("clock", advance_s=15 * 60)
    session = (await merchant.get("/orders/ord_1"))["payment_session_id"]
    form = {"outcome": "late", "seconds": "120", "webhook": "now"}
    await merchant.client.post(f"{URL}/checkout/{session}", data=form)
    await merchant.control("clock", advance_s=90)
    expired = (await merchant.get("/orders/ord_1"))["order_status"]

    await merchant.control("clock", advance_s=31)

    assert expired == "EXPIRED"
    assert (await merchant.get("/orders/ord_1"))["order_status"] == "PAID"
    assert merchant.hook.kinds == ["PAYMENT_SUCCESS_WEBHOOK"]


async def test_the_webhook_arrives_before_the_customer_does(merchant: SimulatorClient) -> None:
    await checkout(merchant, outcome="success", webhook="now")

    assert merchant.hook.kinds == ["PAYMENT_SUCCESS_WEBHOOK"]


async def test_a_paid_order_is_not_paid_again_by_a_second_click(merchant: SimulatorClient) -> None:
    first = await checkout(merchant, outcome="success")
    page = first.request.url

    again = await merchant.client.post(page, data={"outcome": "success"})
    shown = await merchant.client.get(page)

    assert again.status_code == 409
    assert len(await merchant.get("/orders/ord_1/payments")) == 1
    assert "Nothing to pay" in shown.text
    assert f'href="{BACK}"' in shown.text


async def test_a_session_nobody_knows_has_a_page_too(merchant: SimulatorClient) -> None:
    response = await merchant.client.get(f"{URL}/checkout/session_nothing")

    assert response.status_code == 404
    assert "<h1>Not Found</h1>" in response.text
    assert "Content-Security-Policy" in response.headers


async def test_the_script_redirects_to_the_page(merchant: SimulatorClient) -> None:
    response = await merchant.client.get(f"{URL}/js/cashfree.js")

    assert response.headers["content-type"].startswith("text/javascript")
    assert f'"{URL}/checkout/"' in response.text


@pytest.mark.parametrize("stripped", [True, False])
async def test_it_may_be_mounted_under_a_path(tmp_path: Path, stripped: bool) -> None:
    site = "http://onehour.test/simulator/cashfree"
    simulator = Simulator(SimulatorSettings(tmp_path / "books.db", site))
    transport = httpx.ASGITransport(
        simulator.app,  # type: ignore[arg-type]
        root_path="/simulator/cashfree",
    )
    async with httpx.AsyncClient(transport=transport) as client:
        base = "http://onehour.test" if stripped else site
        script = await client.get(f"{base}/js/cashfree.js")
        style = await client.get(f"{base}/static/simulator.css")
    await simulator.stop()

    assert script.status_code == style.status_code == 200
    assert f'"{site}/checkout/"' in script.text
