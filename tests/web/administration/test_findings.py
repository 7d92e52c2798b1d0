"""Findings as administrators list, read and resolve them, on pages and over the API."""

from __future__ import annotations

from html import unescape
from urllib.parse import quote

import pytest
from quart import Response

from core.policy import DAY
from ports.findings import Finding
from services.reconciliation import digest_of
from tests.web.administration.test_lists import every
from tests.web.site import Browser, SiteWithBooking, build_site_with_booking
from web.shared.access import Who
from web.shared.cookies import HEADER

NAME = "unknown status:memory/1:a b"
"""An id as it can be made of what a provider says."""
PATH = f"/admin/findings/{quote(NAME)}"
WHY = "Asked the bank: <it> is right."


@pytest.fixture
async def site() -> SiteWithBooking:
    site = await build_site_with_booking()
    now, findings = site.app.clock.now(), site.app.store.repositories.findings
    await findings.report(Finding(NAME, "refund_refused", "pay_1", "It was <refused>.", now))
    await findings.report(Finding("f:2", "balance_wrong", "dev_1", "Two sums.", now - 9 * DAY))
    return site


@pytest.fixture
async def admin(site: SiteWithBooking) -> Browser:
    return await site.browser_for(Who.ADMIN)


async def finding_of(site: SiteWithBooking) -> Finding:
    return await site.app.services.findings.get(NAME)


async def send(browser: Browser, site: SiteWithBooking, **changes: str) -> tuple[int, str]:
    form = {"reason": WHY, "checked": "yes", "seen": digest_of(await finding_of(site))}
    response = await browser.ask(
        "POST", PATH, form={**form, **changes, "csrf_token": browser.token}
    )
    return response.status_code, unescape(await response.get_data(as_text=True))


async def test_findings_are_listed_by_state_and_filters(
    site: SiteWithBooking, admin: Browser
) -> None:
    for filters, shown in (
        ("", (True, True)),
        ("severity=urgent", (False, True)),
        ("kind=refund_refused", (True, False)),
        ("owner=operator&severity=warning", (True, False)),
        ("days=8", (False, True)),
        ("state=resolved", (False, False)),
        ("state=all&days=10", (False, False)),
    ):
        _, page = await admin.look(f"/admin/findings?{filters}")
        found = [each["id"] for each in await every(admin, f"/findings?{filters}")]
        assert ("It was &lt;refused&gt;." in page, "Two sums." in page) == shown, filters
        assert (NAME in found, "f:2" in found) == shown, filters
    assert [each["id"] for each in await every(admin, "/findings")] == ["f:2", NAME]


async def test_a_wrong_filter_is_explained(admin: Browser) -> None:
    response = await admin.ask("GET", "/admin/findings?days=many&kind=late")
    html = unescape(await response.get_data(as_text=True))

    assert response.status_code == 422
    assert "Enter a whole number." in html
    assert 'value="many"' in html
    assert 'value="late"' in html


async def test_a_finding_is_resolved_with_a_reason_and_a_confirmation(
    site: SiteWithBooking, admin: Browser
) -> None:
    _, page = await admin.look(PATH)
    unsure, unsure_page = await send(admin, site, checked="")
    silent, silent_page = await send(admin, site, reason=" ")
    open_still = (await finding_of(site)).is_open
    done, _ = await send(admin, site)
    _, after = await admin.look(PATH)

    assert "It was &lt;refused&gt;." in page
    assert (unsure, silent, open_still, done) == (422, 422, True, 303)
    assert "Confirm that you have checked it." in unsure_page
    assert WHY in unsure_page
    assert "Say what you have checked" in silent_page
    assert "checked" in silent_page
    assert "Asked the bank: &lt;it&gt; is right." in after
    assert site.admin.name in after
    assert "It stays resolved while a comparison finds the same." in after
    assert 'method="post" data-once' not in after


async def test_what_has_changed_meanwhile_is_not_resolved(
    site: SiteWithBooking, admin: Browser
) -> None:
    status, page = await send(admin, site, seen="another")

    assert status == 409
    assert "This finding has changed in the meantime." in page
    assert WHY in page
    assert (await finding_of(site)).is_open


async def test_a_finding_is_resolved_over_the_api(site: SiteWithBooking, admin: Browser) -> None:
    path = f"/api/v1/admin/findings/{quote(NAME)}"
    read = await (await admin.ask("GET", path)).get_json()

    async def send(**body: str) -> Response:
        headers = {HEADER: admin.token}
        return await admin.ask("POST", f"{path}/resolve", json=body, headers=headers)

    stale = await send(reason=WHY, seen="x")
    wrong = await send(reason=" ")
    done = [await send(reason=WHY, seen=read["digest"]) for _ in range(2)]
    other = await send(reason="Another.")

    assert (stale.status_code, wrong.status_code) == (409, 422)
    assert (await stale.get_json())["code"] == "finding_changed"
    assert [each["field"] for each in (await wrong.get_json())["errors"]] == ["reason"]
    answers = [await each.get_json() for each in done]
    assert answers[0] == answers[1]
    assert (answers[0]["resolution"], answers[0]["resolved_by"]) == (WHY, site.admin.id)
    assert answers[0]["stands"] is True
    assert (other.status_code, (await other.get_json())["code"]) == (409, "finding_resolved")
    assert (await admin.ask("GET", "/api/v1/admin/findings/none")).status_code == 404


async def test_only_administrators_read_findings(site: SiteWithBooking) -> None:
    client = await site.browser_for(Who.CLIENT)
    for path in ("/admin/findings", PATH):
        assert (await client.ask("GET", path)).status_code == 403
