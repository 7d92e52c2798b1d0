"""The main job over HTTP: sign-up, hours, booking, payment, delivery, approval."""

from __future__ import annotations

from typing import Any

from tests.api_client import ApiClient
from tests.process.running import RunningApp

PRICE, FEE = 240_000, 24_000


async def held(app: RunningApp) -> tuple[ApiClient, ApiClient, Any]:
    """A client, a developer, and a held booking."""
    client = await app.client()
    developer, profile = await app.developer()
    booking = await client.book(profile, await client.free_start(profile))
    return client, developer, booking


async def do_the_whole_job(app: RunningApp) -> None:
    """Asserts what each side sees, and that the books balance at the end."""
    client, developer, booking = await held(app)
    assert (booking["status"], booking["price"]["amount"]) == ("held", PRICE)

    await client.pay(booking["checkout"]["order_id"])
    requested = await developer.booking_in("requested", booking["id"])
    confirmed = await developer.post(f"/bookings/{booking['id']}/accept")
    job = requested["job_id"]
    await developer.post(f"/jobs/{job}/deliveries", {"note": "An index was missing."}, expect=201)
    await client.post(f"/jobs/{job}/request-changes", {"notes": "Please explain."})
    await developer.post(f"/jobs/{job}/deliveries", {"note": "Explained."}, expect=201)
    approved = await client.post(f"/jobs/{job}/approve")

    assert confirmed["status"] == "confirmed"
    assert (approved["status"], approved["payment_status"]) == ("approved", "received")
    assert [each["number"] for each in approved["deliveries"]] == [1, 2]
    details = await client.get(f"/bookings/{booking['id']}/timeline")
    kinds = [entry["what"] for entry in details["items"]]
    assert kinds == ["held", "paid", "accepted", "delivered", "changes_requested", "delivered",
                    "approved"]  # fmt: skip
    ledger = (await developer.get("/transactions"))["items"]
    release = next(entry for entry in ledger if entry["kind"] == "release")
    assert sorted(line["amount"]["amount"] for line in release["lines"]) == [
        -PRICE, FEE, PRICE - FEE
    ]  # fmt: skip
    await app.audit()
