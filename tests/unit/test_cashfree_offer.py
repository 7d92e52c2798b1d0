"""What Cashfree's adapter makes of its settings: addresses, checkout page, local server."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from adapters.cashfree import OFFER
from adapters.cashfree.checkout import ORIGINS
from adapters.cashfree.offer import gateway_settings, simulator_settings
from adapters.cashfree.settings import CashfreeOptions
from adapters.system.clock import SystemClock
from core.money import Money
from core.payments_facts import OrderId, OrderStatus
from onehour.local_servers import local_servers, mounted
from onehour.settings import Settings
from ports.adapters import Resources
from ports.payments import Checkout, Customer, LocalGateway, Order
from ports.settings import Deployment

WITHOUT_PAYOUTS = {"ONEHOUR_PAYOUTS": "off"}
REAL = {
    "ONEHOUR_CASHFREE_BASE_URL": "https://sandbox.cashfree.com/pg",
    "ONEHOUR_CASHFREE_CLIENT_ID": "id",
    "ONEHOUR_CASHFREE_CLIENT_SECRET": "hush",
}


def an_order() -> Order:
    return Order(
        id=OrderId("ord_1"),
        amount=Money(17_000),
        customer=Customer("cli_1", "Meera", "meera@example.com"),
        expires_at=datetime.now(UTC) + timedelta(minutes=16),
        return_url="https://hours.example/back",
        note="One hour",
    )


def load(folder: Path, **given: str) -> tuple[CashfreeOptions, Deployment]:
    texts = {
        "ONEHOUR_DATA_DIR": str(folder),
        "ONEHOUR_HOST": "0.0.0.0",
        "ONEHOUR_BASE_URL": "https://hours.example",
        **given,
    }
    settings = Settings.load(texts, None)
    return settings.section(CashfreeOptions), settings.deployment


def checkout_of(options: CashfreeOptions, deployment: Deployment) -> Checkout:
    found = gateway_settings(options, deployment).checkout
    assert found
    return found


def test_without_an_address_everything_leads_to_the_simulator(tmp_path: Path) -> None:
    options, deployment = load(tmp_path)

    settings = gateway_settings(options, deployment)
    page = checkout_of(options, deployment)

    assert not OFFER.configured(options)
    assert settings.base_url == "http://127.0.0.1:8000/simulator/cashfree/pg"
    assert settings.checkout_base == "https://hours.example/checkout/cashfree"
    assert settings.notify_url == "http://127.0.0.1:8000/api/v1/webhooks/payments/cashfree"
    assert page.parameters == {
        "script": "https://hours.example/simulator/cashfree/js/cashfree.js", "mode": "sandbox"
    }  # fmt: skip
    assert page.sources == {}, "our own site serves the simulator"
    assert page.plain == "https://hours.example/simulator/cashfree/checkout"
    assert page.module.is_file()


def test_with_an_account_everything_leads_to_cashfree(tmp_path: Path) -> None:
    options, deployment = load(tmp_path, **REAL)

    settings = gateway_settings(options, deployment)
    page = checkout_of(options, deployment)

    assert OFFER.configured(options)
    assert settings.base_url == "https://sandbox.cashfree.com/pg"
    assert (settings.client_id, settings.client_secret) == ("id", "hush")
    assert settings.notify_url == "https://hours.example/api/v1/webhooks/payments/cashfree"
    assert page.parameters["script"] == "https://sdk.cashfree.com/js/v3/cashfree.js"
    assert page.sources == {
        "script-src": "https://sdk.cashfree.com",
        "connect-src": ORIGINS,
        "frame-src": ORIGINS,
        "form-action": ORIGINS,
    }
    assert page.plain is None
    assert "hush" not in repr((options, settings))


def test_another_script_is_let_in_from_its_own_origin(tmp_path: Path) -> None:
    script = "https://cdn.example/pay/v4.js"
    options, deployment = load(tmp_path, **REAL, ONEHOUR_CASHFREE_SDK_URL=script)

    page = checkout_of(options, deployment)

    assert page.parameters["script"] == script
    assert page.sources["script-src"] == "https://cdn.example"


def test_the_simulator_keeps_its_data_in_the_data_folder(tmp_path: Path) -> None:
    options, deployment = load(tmp_path, ONEHOUR_SIMULATOR_TIME_SCALE="60")

    settings = simulator_settings(options, deployment)

    assert settings.database == tmp_path / "simulator.sqlite3"
    assert settings.public_url == "https://hours.example/simulator/cashfree"
    assert settings.time_scale == 60.0
    gateway = gateway_settings(options, deployment)
    assert (settings.client_id, settings.client_secret) == (
        gateway.client_id, gateway.client_secret
    )  # fmt: skip


@pytest.mark.parametrize(("given", "served"), [({}, ["/simulator/cashfree"]), (REAL, [])])
async def test_the_simulator_is_served_only_in_place_of_the_real_one(
    given: dict[str, str], served: list[str], tmp_path: Path
) -> None:
    settings = Settings.load({**WITHOUT_PAYOUTS, "ONEHOUR_DATA_DIR": str(tmp_path), **given}, None)

    servers = local_servers(settings)

    assert [server.path for server in servers] == served
    assert all(isinstance(server, LocalGateway) for server in servers)
    for server in servers:
        await server.stop()


async def test_the_local_gateway_pays_what_the_real_adapter_opened(tmp_path: Path) -> None:
    order = an_order()
    settings = Settings.load({**WITHOUT_PAYOUTS, "ONEHOUR_DATA_DIR": str(tmp_path)}, None)
    (server,) = local_servers(settings)
    assert isinstance(server, LocalGateway)
    transport = httpx.ASGITransport(mounted(None, [server]))
    async with httpx.AsyncClient(transport=transport) as client:
        resources = Resources(deployment=settings.deployment, http=client, clock=SystemClock())
        gateway = OFFER.build(settings.section(CashfreeOptions), resources)

        page = await gateway.open(order)
        await server.pay(order.id)
        facts = await gateway.fetch_order(order.id)
    await server.stop()

    assert page.startswith("http://127.0.0.1:8000/checkout/cashfree/")
    assert facts.status is OrderStatus.PAID
    assert facts.amount == order.amount


async def test_other_paths_are_not_the_local_servers(tmp_path: Path) -> None:
    async def site(scope: dict[str, Any], receive: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": 418, "headers": []})
        await send({"type": "http.response.body", "body": scope["path"].encode()})

    servers = local_servers(Settings.load({"ONEHOUR_DATA_DIR": str(tmp_path)}, None))
    transport = httpx.ASGITransport(mounted(site, servers))
    async with httpx.AsyncClient(transport=transport, base_url="http://site") as client:
        beside = await client.get("/simulator/cashfreedom")
        within = await client.get("/simulator/cashfree/js/cashfree.js")
    await servers[0].stop()

    assert (beside.status_code, beside.text) == (418, "/simulator/cashfreedom")
    assert within.headers["content-type"].startswith("text/javascript")
