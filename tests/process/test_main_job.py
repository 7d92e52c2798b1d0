"""From registration to the released money over HTTP, and the answers to wrong requests."""

from __future__ import annotations

import asyncio
from typing import Any

import httpx
import pytest

from tests.api_client import API, ApiClient, later
from tests.process.main_job import do_the_whole_job, held
from tests.process.running import RunningApp

pytestmark = pytest.mark.process


def is_a_problem(response: httpx.Response, status: int, code: str | None = None) -> None:
    """RFC 9457, and nothing that reveals how the application is built."""
    assert response.status_code == status, response.text
    assert response.headers["Content-Type"] == "application/problem+json"
    body = response.json()
    assert body["status"] == status
    assert body["title"] and body["detail"] and body["trace_id"]
    assert code is None or body["code"] == code
    for word in ("Traceback", 'File "', "pydantic", "pymongo", ".py"):
        assert word not in response.text


async def test_the_whole_job_from_both_sides(running: RunningApp) -> None:
    await do_the_whole_job(running)


async def test_health_and_readiness_are_reported(running: RunningApp) -> None:
    api_client = running.api_client()

    lives = await api_client.http.get("/healthz")
    ready = await api_client.http.get("/readyz")

    assert (lives.status_code, lives.json()) == (200, {"status": "ok"})
    assert ready.status_code == 200
    assert {"status": "ok", "database": "ok", "redis": "ok"}.items() <= ready.json().items()


async def test_the_api_describes_itself_completely(running: RunningApp) -> None:
    document = (await running.api_client().http.get(f"{API}/openapi.json")).json()

    paths = document["paths"]
    assert document["openapi"].startswith("3.")
    assert {"get", "post"} <= paths[f"{API}/bookings"].keys()
    for route in ("auth/register", "auth/login", "me", "developers", "skills", "payments",
                  "transactions", "jobs", "bookings/{booking_id}/accept",
                  "jobs/{job_id}/approve", "webhooks/payments/{provider}"):  # fmt: skip
        assert f"{API}/{route}" in paths


async def test_a_body_that_cannot_be_read_is_refused_with_a_reason(running: RunningApp) -> None:
    client = await running.client()
    headers = {"X-CSRF-Token": client.token, "Content-Type": "application/json"}

    async def send(content: bytes) -> httpx.Response:
        return await client.http.post(f"{API}/bookings", content=content, headers=headers)

    is_a_problem(await send(b'{"developer_id": '), 400)
    unknown = await send(b'{"developer_id": "dev_x", "price": 1}')
    is_a_problem(unknown, 422, "invalid")
    assert "price" in {error["field"] for error in unknown.json()["errors"]}
    is_a_problem(await announce(client, f"{API}/bookings", headers, length=1_100_000), 413)


async def announce(
    client: ApiClient, path: str, headers: dict[str, str], *, length: int
) -> httpx.Response:
    """The answer to a request that announces a body and does not send it. A client that sends a
    large body may find the connection closed before it has read the answer."""
    request = client.http.build_request("POST", path, headers={**headers, "Connection": "close"})
    request.headers["Content-Length"] = str(length)
    sent = [f"{name}: {value}" for name, value in request.headers.items()]
    reader, writer = await asyncio.open_connection(request.url.host, request.url.port)
    writer.write("\r\n".join([f"POST {path} HTTP/1.1", *sent, "", ""]).encode())
    raw = await reader.read()
    writer.close()
    head, _, body = raw.partition(b"\r\n\r\n")
    status, *fields = head.decode().split("\r\n")
    pairs = [(name, value.strip()) for name, _, value in (field.partition(":") for field in fields)]
    return httpx.Response(int(status.split()[1]), headers=pairs, content=body)


async def test_a_forged_form_is_refused(running: RunningApp) -> None:
    client = await running.client()
    path = f"{API}/auth/logout"
    token = {"X-CSRF-Token": client.token}

    is_a_problem(await client.http.post(path, json={}), 403, "csrf_failed")
    foreign = {**token, "Origin": "https://evil.example"}
    is_a_problem(await client.http.post(path, json={}, headers=foreign), 403, "csrf_failed")
    cross = {**token, "Sec-Fetch-Site": "cross-site"}
    is_a_problem(await client.http.post(path, json={}, headers=cross), 403, "csrf_failed")
    await client.get("/me")


async def test_a_foreign_booking_looks_like_none(running: RunningApp) -> None:
    _, _, booking = await held(running)
    other = await running.client()

    for path in ("", "/timeline", "/cancellation"):
        foreign = await other.http.get(f"{API}/bookings/{booking['id']}{path}")
        absent = await other.http.get(f"{API}/bookings/bkg_absent{path}")

        is_a_problem(foreign, 404)
        assert without_trace_ids(foreign) == without_trace_ids(absent)
    foreign = await other.raw("POST", f"/bookings/{booking['id']}/release")
    absent = await other.raw("POST", "/bookings/bkg_absent/release")
    assert without_trace_ids(foreign) == without_trace_ids(absent)


async def test_each_route_refuses_the_wrong_callers(running: RunningApp) -> None:
    client, api_client = await running.client(), running.api_client()

    is_a_problem(await api_client.http.get(f"{API}/bookings"), 401, "sign_in_first")
    is_a_problem(await api_client.raw("POST", "/bookings"), 401, "sign_in_first")
    is_a_problem(await client.http.get(f"{API}/developers/me"), 403)
    is_a_problem(await client.raw("POST", "/bookings/bkg_absent/accept"), 403)
    is_a_problem(await client.http.get(f"{API}/no-such-thing"), 404)
    wrong = await client.raw("PUT", "/me")
    is_a_problem(wrong, 405)
    assert "PATCH" in wrong.headers["Allow"]


async def test_an_hour_that_is_not_offered_cannot_be_booked(running: RunningApp) -> None:
    client = await running.client()
    _, profile = await running.developer()
    start = await client.free_start(profile)

    for bad in (later(start, minutes=7), later(start, days=-30), later(start, days=400)):
        booking_request = {
            "developer_id": profile,
            "start": bad,
            "hours": 1,
            "brief": "It is slow.",
        }
        answer = await client.raw("POST", "/bookings", booking_request)
        assert answer.status_code in (409, 422), answer.text
        is_a_problem(answer, answer.status_code)


def without_trace_ids(response: httpx.Response) -> tuple[int, Any]:
    return response.status_code, {**response.json(), "trace_id": ""}
