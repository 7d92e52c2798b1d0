"""Settlements over the API, for administrators."""

from __future__ import annotations

from core.findings import FindingKind
from core.money import Money
from core.settlements import Status
from tests.builders.settlements import found_about, stored_line, stored_settlement
from tests.web.site import build_site_with_booking
from web.shared.access import Who

PATH = "/api/v1/admin/settlements"


async def test_they_are_listed_by_state_day_and_amount() -> None:
    site = await build_site_with_booking()
    for name, status, paise in (("a", Status.PAID, 1_000), ("b", Status.FAILED, 2_000)):
        await stored_settlement(site.app, name, status=status, amount=Money(paise))
    await found_about(site.app, "memory:b", FindingKind.SETTLEMENT_NOT_PAID, "Failed.")
    admin = await site.browser_for(Who.ADMIN)

    async def names(query: str) -> list[str]:
        listed = await (await admin.ask("GET", f"{PATH}?{query}")).get_json()
        return sorted(each["reference"] for each in listed["items"])

    assert await names("") == ["a", "b", "stl_1"]
    assert await names("status=failed") == ["b"]
    assert await names("least=1500&most=2000") == ["b"]
    assert await names("from=2030-01-01") == []
    wrong = await admin.ask("GET", f"{PATH}?least=2&most=1")
    assert wrong.status_code == 422
    found = await (await admin.ask("GET", f"{PATH}/memory:b")).get_json()
    assert (found["status"], found["amount"]["amount"]) == ("failed", 2_000)
    assert found["findings"] == ["settlement_not_paid:memory:b"]
    assert (found["listed"], found["read"]) == (None, False)


async def test_lines_name_their_payments_and_come_in_pages() -> None:
    site = await build_site_with_booking()
    made = await stored_settlement(site.app, "stl_2")
    ours = await site.app.order_of(site.booking)
    await stored_line(site.app, made, ours)
    await stored_line(site.app, made, "ord_unknown")
    admin = await site.browser_for(Who.ADMIN)

    first = await (await admin.ask("GET", f"{PATH}/{made.id}/lines?limit=1")).get_json()
    rest = await (
        await admin.ask("GET", f"{PATH}/{made.id}/lines?limit=1&cursor={first['next']}")
    ).get_json()
    absent = await admin.ask("GET", f"{PATH}/memory:none/lines")

    found = {each["order_id"]: each for each in (*first["items"], *rest["items"])}
    assert found[ours]["payment_id"] == site.booking.payment_id
    assert found["ord_unknown"]["payment_id"] is None
    assert (found[ours]["net"]["amount"], found[ours]["fee"]["amount"]) == (471_000, 9_000)
    assert rest["next"] is None
    assert absent.status_code == 404
