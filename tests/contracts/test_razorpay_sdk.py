"""The server of `examples/razorpay` is used by Razorpay's official SDK as Razorpay itself, and the
SDK accepts its signatures."""

from __future__ import annotations

import importlib
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

import httpx
import pytest

from tests.contracts.served_simulator import served
from tests.sdk import Sdk, SdkRefusal, razorpay_sdk

SOURCE = Path(__file__).parents[2] / "examples" / "razorpay" / "src"
KEY, KEY_SECRET, SECRET = "rzp_test_sdk", "the key's secret", "the webhook's secret"


@dataclass
class Shop:
    """`told` are the webhooks, as headers and body."""

    sdk: Sdk
    url: str
    server: Any
    told: list[httpx.Request] = field(default_factory=list)

    async def call(self, name: str, *arguments: object) -> Any:
        return await self.sdk.call(name, *arguments, url=self.url)


@pytest.fixture
async def shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Shop]:
    monkeypatch.syspath_prepend(str(SOURCE))
    package = importlib.import_module("onehour_razorpay.server")
    settings = package.ServerSettings(
        database=tmp_path / "razorpay.sqlite3",
        public_url="https://pay.example",
        webhook_url="https://hours.example/webhooks",
        key_id=KEY,
        key_secret=KEY_SECRET,
        webhook_secret=SECRET,
        refund_takes=timedelta(0),
    )
    server = package.LocalRazorpay("/razorpay", settings)
    sdk = razorpay_sdk(KEY, KEY_SECRET)
    async with served(server.app) as url:
        yield Shop(sdk, url, server)
    sdk.stop()
    await server.stop()


def a_link(reference: str = "ord_1") -> dict[str, Any]:
    return {
        "amount": 480_000,
        "currency": "INR",
        "reference_id": reference,
        "expire_by": int(datetime.now(UTC).timestamp()) + 16 * 60,
        "callback_url": "https://hours.example/return",
        "callback_method": "get",
    }


async def test_the_sdk_makes_finds_cancels_and_refunds(shop: Shop) -> None:
    made = await shop.call("payment_link.create", a_link())
    other = await shop.call("payment_link.create", a_link("ord_2"))
    found = await shop.call("payment_link.all", {"reference_id": "ord_1"})
    cancelled = await shop.call("payment_link.cancel", other["id"])
    paid = shop.server.provider.pay(made["id"])
    link = await shop.call("payment_link.fetch", made["id"])
    payments = await shop.call("order.payments", link["order_id"])
    refund = await shop.call("payment.refund", paid["id"], {"amount": 100, "receipt": "rfd1"})
    refunds = await shop.call("payment.fetch_multiple_refund", paid["id"])

    assert [each["id"] for each in found["payment_links"]] == [made["id"]]
    assert (cancelled["status"], link["status"]) == ("cancelled", "paid")
    assert [each["payment_id"] for each in link["payments"]] == [paid["id"]]
    assert (payments["count"], payments["items"][0]["status"]) == (1, "captured")
    assert (refund["status"], refund["receipt"]) == ("pending", "rfd1")
    assert [(each["id"], each["status"]) for each in refunds["items"]] == [
        (refund["id"], "processed")
    ]


async def test_the_sdk_reads_its_refusals(shop: Shop) -> None:
    made = await shop.call("payment_link.create", a_link())
    shop.server.provider.pay(made["id"])

    for name, *arguments in (
        ("payment_link.create", a_link()),
        ("payment_link.create", a_link("ord_2") | {"amount": 1}),
        ("payment_link.cancel", made["id"]),
        ("order.payments", "order_none"),
        ("payment.refund", "pay_none", {"amount": 100}),
    ):
        with pytest.raises(SdkRefusal) as refused:
            await shop.call(name, *arguments)
        kind, words = refused.value.body
        assert kind == "BadRequestError" and words


async def test_the_sdk_accepts_its_signatures(shop: Shop) -> None:
    made = await shop.call("payment_link.create", a_link())
    form = {"method": "upi", "outcome": "success"}
    async with httpx.AsyncClient(base_url=shop.url) as browser:
        returned = (await browser.post(f"/l/{made['id']}", data=form)).headers["location"]
    names = importlib.import_module("onehour_razorpay.webhooks")
    events = shop.server.provider.webhooks_to_send()

    for event in events:
        body = json.dumps(event["body"])
        signature = names.sign(SECRET, body.encode())
        assert await shop.call("utility.verify_webhook_signature", body, signature, SECRET)
        with pytest.raises(SdkRefusal, match="SignatureVerificationError"):
            await shop.call("utility.verify_webhook_signature", body + " ", signature, SECRET)
    assert len(events) == 4
    given = dict(parse_qsl(returned.partition("?")[2]))
    parameters = {
        name.replace("razorpay_payment_link", "payment_link"): v for name, v in given.items()
    }
    assert await shop.call("utility.verify_payment_link_signature", parameters)
