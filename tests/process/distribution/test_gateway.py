"""The whole main job with the payment gateway of another distribution, chosen by a setting."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
from playwright.async_api import Page

from tests.api_client import ApiClient, until
from tests.browser.launch import launch
from tests.browser.main_job import sell_an_hour
from tests.patience import PATIENCE_S
from tests.process.distribution.building import Environment
from tests.process.distribution.installed_app import InstalledApp
from tests.process.main_job import PRICE, do_the_whole_job, held

pytestmark = pytest.mark.process

SERVER = "/simulator/razorpay"
KEY = httpx.BasicAuth("rzp_test_onehour", "key secret of this machine")


class RazorpayClient(ApiClient):
    """Pays on the page of the provider, as a browser does."""

    async def pay(self, order_id: str, outcome: str = "success", **how: Any) -> Any:
        asked = await self.http.get(
            f"{SERVER}/v1/payment_links", params={"reference_id": order_id}, auth=KEY
        )
        (link,) = asked.json()["payment_links"]
        form = {"method": "upi", "outcome": outcome}
        answer = await self.http.post(link["short_url"], data=form)
        assert answer.status_code == 303, answer.text
        returned = await self.http.get(answer.headers["location"])
        assert returned.status_code == 200, returned.text
        return link


class RazorpayApp(InstalledApp):
    provider = "razorpay"

    async def client(self, kind: type[ApiClient] = RazorpayClient) -> ApiClient:
        return await super().client(kind)

    async def balance_at_the_provider(self) -> int:
        """What was collected and not returned, as Razorpay lists it."""
        async with httpx.AsyncClient(
            base_url=f"{self.base_url}{SERVER}/v1", auth=KEY, timeout=PATIENCE_S
        ) as http:
            payments = (await http.get("/payments", params={"count": "100"})).json()["items"]
            refunds = (await http.get("/refunds", params={"count": "100"})).json()["items"]
        collected = sum(int(each["amount"]) for each in payments if each["captured"])
        return collected - sum(int(e["amount"]) for e in refunds if e["status"] == "processed")


@pytest.fixture(scope="module")
async def app(
    installed: Environment, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[RazorpayApp]:
    folder = tmp_path_factory.mktemp("other_gateway")
    chosen = {"ONEHOUR_PLUGINS": "razorpay,patience", "ONEHOUR_PAYMENTS": "razorpay"}
    async with RazorpayApp(installed, folder, **chosen) as running:
        yield running


async def test_the_whole_job_by_the_api(app: RazorpayApp) -> None:
    await do_the_whole_job(app)


async def test_a_cancelled_booking_is_refunded_and_webhooks_tell_it(app: RazorpayApp) -> None:
    client, developer, booking = await held(app)
    await client.pay(booking["checkout"]["order_id"])
    await developer.booking_in("requested", booking["id"])

    async def told() -> Any:
        rows = await app.rows("inbox", {"order_id": payment["order_id"]})
        kinds = {row["kind"] for row in rows}
        return kinds >= {"payment_link.paid", "refund.processed"} and rows

    async def refunded() -> Any:
        found = {"booking_id": booking["id"], "status": "refunded"}
        return await app.rows("payments", found)

    await client.post(f"/bookings/{booking['id']}/cancel")
    (payment,) = await until(refunded, what="a refunded payment")
    await app.audit()

    # Polling alone would come to the same end, and hide that nobody understands the webhooks.
    webhooks = await until(told, what="webhooks about payment and refund")

    (refund,) = payment["refunds"]
    assert payment["provider"] == "razorpay"
    assert (int(refund["amount"]["amount"]), refund["status"]) == (PRICE, "succeeded")
    assert {row["provider"] for row in webhooks} == {"razorpay"}


async def test_the_whole_job_in_a_browser(app: RazorpayApp) -> None:
    async def pay(page: Page) -> None:
        await page.wait_for_url(f"**{SERVER}/l/**")
        await page.get_by_role("radio", name="Net banking").check()
        await page.get_by_role("button", name=re.compile("^Pay INR")).click()

    async with launch() as browser:
        await sell_an_hour(browser, app, pay=pay)
