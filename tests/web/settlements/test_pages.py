"""The pages of settlements as administrators use them."""

from __future__ import annotations

import pytest

from core.findings import FindingKind
from core.money import Money
from core.policy import DAY
from core.settlements import Status
from tests.builders.settlements import found_about, stored_line, stored_settlement
from tests.web.site import Browser, SiteWithBooking, build_site_with_booking
from web.shared.access import Who


@pytest.fixture
async def site() -> SiteWithBooking:
    return await build_site_with_booking()


async def listed(browser: Browser, query: str) -> set[str]:
    """The references of the page that are among those of the test."""
    _, html = await browser.look(f"/admin/settlements?{query}")
    return {each for each in ("stl_1", "stl_old", "stl_failed") if f"memory:{each}" in html}


async def test_the_list_has_conditions_and_a_csv_that_is_audited(site: SiteWithBooking) -> None:
    app = site.app
    await stored_settlement(
        app, "stl_old", at=app.clock.now() - 40 * DAY, amount=Money(5_000)
    )  # fmt: skip
    await stored_settlement(app, "stl_failed", status=Status.FAILED)
    admin = await site.browser_for(Who.ADMIN)
    day = f"{app.clock.now() - 10 * DAY:%Y-%m-%d}"

    every = await listed(admin, "")
    failed = await listed(admin, "status=failed")
    recent = await listed(admin, f"from={day}")
    small = await listed(admin, "most=100")
    answer = await admin.ask("GET", "/admin/settlements/list.csv?status=failed")
    wrong, _ = await admin.look("/admin/settlements?least=x")
    await app.run()

    assert every == {"stl_1", "stl_old", "stl_failed"}
    assert (failed, small) == ({"stl_failed"}, {"stl_old"})
    assert recent == {"stl_1", "stl_failed"}
    assert wrong.status_code == 422
    rows = (await answer.get_data(as_text=True)).splitlines()
    assert len(rows) == 2
    assert "stl_failed" in rows[1]
    trail = [each async for each in app.store.repositories.audit.chain(site.admin.id)]
    assert "settlements" in [each.detail.get("list") for each in trail]


async def test_one_settlement_with_its_lines_their_payments_and_what_was_found(
    site: SiteWithBooking,
) -> None:
    app, order = site.app, await site.app.order_of(site.booking)
    made = await stored_settlement(app, "stl_2")
    other = await stored_settlement(app, "stl_3")
    line = await stored_line(app, made, order)
    foreign = await stored_line(app, other, "ord_other", attempt_id="at_zz")
    kinds = FindingKind
    for subject, kind, detail in (
        (made.id, kinds.SETTLEMENT_SUM_DIFFERS, "Its lines sum to less."),
        (line.id, kinds.SETTLED_FEE_DIFFERS, "It has kept more."),
        (other.id, kinds.SETTLEMENT_NOT_PAID, "Of another settlement."),
        (foreign.id, kinds.SETTLED_AMOUNT_DIFFERS, "Of another line."),
    ):
        await found_about(app, subject, kind, detail)
    admin = await site.browser_for(Who.ADMIN)

    _, html = await admin.look(f"/admin/settlements/{made.id}")
    _, all_of_them = await admin.look("/admin/settlements")

    for shown in ("Its lines sum to less.", "It has kept more.", "₹4,800.00", "₹90.00",
                  f"/admin/payments/{site.booking.payment_id}", "UTRstl_2"):  # fmt: skip
        assert shown in html, shown
    assert "Of another" not in html
    assert all_of_them.count("needs a look") == 2


async def test_a_settlement_that_is_none_is_not_found(site: SiteWithBooking) -> None:
    admin = await site.browser_for(Who.ADMIN)

    answer, _ = await admin.look("/admin/settlements/memory:stl_none")

    assert answer.status_code == 404
