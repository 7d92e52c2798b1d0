"""Requirement 48: a spoofed X-Forwarded-For cannot affect rate limits."""

from __future__ import annotations

from typing import Any

import httpx
import pytest
from hypercorn.middleware import ProxyFixMiddleware

from tests.web.site import SiteWithBooking, build_site_with_booking
from web.shared.cookies import HEADER

WRONG = "seven-wrong-brown-rivers"


@pytest.fixture
async def site() -> SiteWithBooking:
    return await build_site_with_booking("http://onehour.test")


async def guess(quart_app: Any, number: int, forwarded: str, email: str = "") -> str:
    """The answer to a wrong password from 203.0.113.9, which claims to forward for another
    address."""
    transport = httpx.ASGITransport(app=quart_app, client=("203.0.113.9", 40_000))
    async with httpx.AsyncClient(transport=transport, base_url="http://onehour.test") as browser:
        token = (await browser.get("/api/v1/csrf")).json()["token"]
        answer = await browser.post(
            "/api/v1/auth/login",
            json={"email": email or f"guess{number}@example.com", "password": WRONG},
            headers={HEADER: token, "X-Forwarded-For": forwarded},
        )
        code: str = answer.json()["code"]
        return code


async def test_requirement_48_without_a_trusted_proxy_a_forwarded_address_is_ignored(
    site: SiteWithBooking,
) -> None:
    answers = [await guess(site.quart_app, n, f"198.51.100.{n}") for n in range(11)]

    assert answers == ["wrong_password"] * 10 + ["mailbox_code_required"]


async def test_requirement_48_behind_our_proxy_the_address_it_saw_counts_and_no_other(
    site: SiteWithBooking,
) -> None:
    proxied = ProxyFixMiddleware(site.quart_app, trusted_hops=1)

    made_up = [await guess(proxied, n, f"192.0.2.{n}, 198.51.100.7") for n in range(11)]
    neighbour = await guess(proxied, 12, "198.51.100.8")

    assert made_up == ["wrong_password"] * 10 + ["mailbox_code_required"]
    assert neighbour == "wrong_password"


async def test_the_record_of_a_lockout_names_the_network_the_proxy_saw(
    site: SiteWithBooking,
) -> None:
    proxied = ProxyFixMiddleware(site.quart_app, trusted_hops=1)

    for n in range(10):
        await guess(proxied, n, "198.51.100.7", email=site.client.email)
    await site.app.run()

    entries, _ = await site.app.services.audit.recent(by=site.client.id, limit=10)
    (refused,) = [entry for entry in entries if entry.what == "sign_in_refused"]
    assert refused.address == "198.51.100.0/24"
