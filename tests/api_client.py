"""A program that uses the application over HTTP, as a browser or an API client does."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime, timedelta
from typing import Any, Self

import httpx

from tests.patience import PATIENCE_S

API = "/api/v1"
PASSWORD = "four-quiet-green-trains"
EVERY_DAY = [{"day": day, "start": "00:00", "end": "24:00"} for day in range(7)]


class ApiClient:
    """One browser or program: keeps cookies, sends the CSRF token, reports whole responses."""

    def __init__(self, base_url: str) -> None:
        self.http = httpx.AsyncClient(base_url=base_url, timeout=PATIENCE_S)
        self.token = ""

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.http.aclose()

    async def get(self, path: str, *, expect: int = 200, **params: Any) -> Any:
        response = await self.http.get(f"{API}{path}", params=params)
        assert response.status_code == expect, (path, response.status_code, response.text)
        return response.json()

    async def send(
        self,
        method: str,
        path: str,
        body: Mapping[str, Any] | None = None,
        *,
        expect: int | tuple[int, ...] = 200,
        key: str | None = None,
    ) -> Any:
        response = await self.raw(method, path, body, key=key)
        wanted = (expect,) if isinstance(expect, int) else expect
        assert response.status_code in wanted, (path, response.status_code, response.text)
        return response.json()

    async def raw(
        self,
        method: str,
        path: str,
        body: Mapping[str, Any] | None = None,
        *,
        key: str | None = None,
    ) -> httpx.Response:
        if not self.token:
            self.token = (await self.get("/csrf"))["token"]
        headers = {"X-CSRF-Token": self.token}
        if key:
            headers["Idempotency-Key"] = key
        return await self.http.request(
            method, f"{API}{path}", json=body if body is not None else {}, headers=headers
        )

    async def post(self, path: str, body: Mapping[str, Any] | None = None, **how: Any) -> Any:
        return await self.send("POST", path, body, **how)

    async def put(self, path: str, body: Mapping[str, Any], **how: Any) -> Any:
        return await self.send("PUT", path, body, **how)

    async def log_in(self, email: str, password: str = PASSWORD) -> Any:
        """Signs in, with the e-mailed code if one is required."""
        before = await self.mailed_codes(email)
        answer = await self.post("/auth/login", {"email": email, "password": password})
        if answer["status"] == "ok":
            return answer
        code = await self.mailed_code(email, after=before)
        return await self.post("/auth/otp/verify", {"code": code})

    async def register(self, role: str, name: str, email: str) -> Any:
        """Registers, confirms with the code from the captured e-mail, and signs in."""
        await self.post(
            "/auth/register",
            {"role": role, "name": name, "email": email, "password": PASSWORD,
             "timezone": "Asia/Kolkata"},
            expect=201,
        )  # fmt: skip
        code = await self.mailed_code(email)
        return await self.post("/auth/verify-email", {"email": email, "code": code})

    async def mailed_codes(self, email: str) -> list[str]:
        """The codes e-mailed to the address, newest first."""
        mails = (await self.http.get("/dev/mail.json", params={"to": email})).json()
        subjects = [m["subject"] for m in mails if m["subject"].startswith("Your code is")]
        return ["".join(mark for mark in subject if mark.isdigit()) for subject in subjects]

    async def mailed_code(self, email: str, *, after: list[str] | None = None) -> str:
        """The newest code, once there are more than those in `after`."""

        async def look() -> str | None:
            codes = await self.mailed_codes(email)
            return codes[0] if len(codes) > len(after or []) else None

        return str(await until(look, what=f"a code mailed to {email}"))

    async def offer_hours(self, rate: int = 240_000) -> Any:
        """A published profile that is available at all times."""
        await self.put(
            "/developers/me/availability",
            {"timezone": "Asia/Kolkata", "weekly": EVERY_DAY, "minimum_notice_h": 4,
             "horizon_days": 60},
        )  # fmt: skip
        return await self.put(
            "/developers/me",
            {"headline": "Finds slow queries", "bio": "", "skills": ["PostgreSQL"],
             "languages": ["English"], "rate": {"amount": rate, "currency": "INR"},
             "published": True},
        )  # fmt: skip

    async def free_start(self, developer_id: str, *, hours: int = 1, skip: int = 0) -> str:
        slots = await self.get(f"/developers/{developer_id}/slots", hours=hours)
        return str(slots["items"][skip]["start"])

    async def book(self, developer_id: str, start: str, *, hours: int = 1, **how: Any) -> Any:
        request = {
            "developer_id": developer_id, "start": start, "hours": hours, "brief": "It is slow.",
        }  # fmt: skip
        return await self.post("/bookings", request, **{"expect": 201, **how})

    async def pay(self, order_id: str, outcome: str = "success", **how: Any) -> Any:
        """Pays the order at the simulated provider."""
        request = {"order_id": order_id, "outcome": outcome, "webhook": "now", **how}
        response = await self.http.post("/simulator/cashfree/control/pay", json=request)
        assert response.status_code == 200, response.text
        return response.json()

    async def booking_in(
        self, status: str, booking_id: str, *, timeout_s: float = PATIENCE_S
    ) -> Any:
        async def look() -> Any:
            found = await self.get(f"/bookings/{booking_id}")
            return found if found["status"] == status else None

        return await until(look, what=f"{booking_id} {status}", timeout_s=timeout_s)


async def until(
    look: Callable[[], Awaitable[Any]],
    *,
    what: str,
    timeout_s: float = PATIENCE_S,
    every_s: float = 0.1,
    state: Callable[[], str] = lambda: "",
) -> Any:
    """Calls `look` until it returns a true value, and returns that.

    Raises `AssertionError` after `timeout_s`, with what `state` returns then.
    """
    end = time.monotonic() + timeout_s
    while time.monotonic() < end:
        try:
            found = await look()
        except httpx.TransportError:  # the server is being restarted
            found = None
        if found:
            return found
        await asyncio.sleep(every_s)
    raise AssertionError(f"not within {timeout_s:.0f} s: {what} {state()}")


def later(start: str, **by: float) -> str:
    moment = datetime.fromisoformat(start) + timedelta(**by)
    return moment.isoformat()
