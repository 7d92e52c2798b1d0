"""The pages and API of administrators: what they change, and the reasons of refusals."""

from __future__ import annotations

from html import unescape
from urllib.parse import quote

import pytest

from core.accounts import AccountId
from tests.web.site import Browser, SiteWithBooking, build_site_with_booking
from web.shared.access import Who
from web.shared.cookies import HEADER

API = "/api/v1/admin"


@pytest.fixture
async def site() -> SiteWithBooking:
    return await build_site_with_booking()


@pytest.fixture
async def admin(site: SiteWithBooking) -> Browser:
    browser = await site.browser_for(Who.ADMIN)
    await browser.look(f"/admin/people/{site.client.id}")
    return browser


async def send(browser: Browser, account_id: str, **form: str) -> tuple[int, str]:
    """A button of the person's page; the answer's status, and the page it ends on."""
    path = f"/admin/people/{account_id}"
    answer = await browser.ask("POST", path, form={"csrf_token": browser.token, **form})
    if answer.status_code == 303:
        assert answer.headers["Location"] == f"{path}?saved=yes"
        _, html = await browser.look(answer.headers["Location"])
        return 303, unescape(html)
    return answer.status_code, unescape(await answer.get_data(as_text=True))


async def patch(browser: Browser, account_id: str, body: object) -> tuple[int, dict[str, object]]:
    path, headers = f"{API}/users/{account_id}", {HEADER: browser.token}
    answer = await browser.ask("PATCH", path, json=body, headers=headers)
    return answer.status_code, await answer.get_json()


async def test_a_person_is_suspended_and_restored_by_a_button_and_out_at_once(
    site: SiteWithBooking, admin: Browser
) -> None:
    client = await site.browser_for(Who.CLIENT)
    assert (await client.ask("GET", "/dashboard")).status_code == 200

    status, page = await send(admin, site.client.id, do="suspend")
    assert (status, "Lift the suspension" in page, "Saved." in page) == (303, True, True)
    out = await client.ask("GET", "/dashboard")
    assert out.headers["Location"].startswith("/login")

    status, page = await send(admin, site.client.id, do="restore")
    assert (status, "Lift the suspension" in page) == (303, False)


async def test_the_reason_of_a_refused_change_is_shown_on_the_page(
    site: SiteWithBooking, admin: Browser
) -> None:
    for form, words in (
        ({"do": "suspend"}, "You cannot suspend yourself"),
        ({"do": "roles", "client": "yes"}, "You cannot suspend yourself"),
        ({"do": "roles"}, "Leave at least one role"),
    ):
        status, page = await send(admin, site.admin.id, **form)
        assert (status, words in page) == (409, True), form
    assert await site.app.store.repositories.accounts.get(site.admin.id) == site.admin


async def test_the_own_page_offers_no_suspension_and_keeps_the_role(
    site: SiteWithBooking, admin: Browser
) -> None:
    _, own = await admin.look(f"/admin/people/{site.admin.id}")
    _, other = await admin.look(f"/admin/people/{site.client.id}")

    assert "You cannot suspend your own account. Another administrator can." in own
    assert "You cannot remove your own administrator role." in own
    assert ('value="suspend"' in own, 'value="suspend"' in other) == (False, True)
    assert "your own account" not in other
    status, _ = await send(admin, site.admin.id, do="roles", admin="yes", client="yes")
    assert status == 303
    account = await site.app.store.repositories.accounts.get(site.admin.id)
    assert sorted(account.roles) == ["admin", "client"]


async def test_the_last_administrator_is_told_that_the_account_stays(
    site: SiteWithBooking, admin: Browser
) -> None:
    await admin.look("/account/data/erase")
    form = {"csrf_token": admin.token, "email": site.admin.email}
    headers = {HEADER: admin.token}

    page = await admin.ask("POST", "/account/data/erase", form=form)
    api = await admin.ask("DELETE", "/api/v1/me", headers=headers)

    words = "This is the last administrator. Make another account an administrator first."
    assert (page.status_code, words in await page.get_data(as_text=True)) == (409, True)
    body = await api.get_json()
    assert (api.status_code, body["code"], body["detail"]) == (409, "last_administrator", words)
    assert await site.app.store.repositories.accounts.get(site.admin.id) == site.admin


async def test_roles_are_those_that_are_ticked(site: SiteWithBooking, admin: Browser) -> None:
    await send(admin, site.client.id, do="roles", client="yes", developer="yes", root="yes")

    account = await site.app.store.repositories.accounts.get(site.client.id)
    assert sorted(account.roles) == ["client", "developer"]


async def test_a_program_changes_what_it_names_and_nothing_else(
    site: SiteWithBooking, admin: Browser
) -> None:
    status, body = await patch(admin, site.client.id, {"suspended": True})
    assert (status, body["suspended"], body["roles"]) == (200, True, ["client"])

    wrongs: tuple[object, ...] = (
        {"suspended": "yes!"}, {"roles": ["root"]}, {"email": "x@example.com"},
        {"roles": []}, {"password_hash": "x"}, [],
    )  # fmt: skip
    for wrong in wrongs:
        status, body = await patch(admin, site.client.id, wrong)
        assert (status, body["code"]) == (422, "invalid"), wrong
    status, body = await patch(admin, site.admin.id, {"suspended": True})
    assert (status, body["code"]) == (409, "not_yourself")
    status, _ = await patch(admin, AccountId("acc_nobodys"), {"suspended": True})
    assert status == 404


async def test_people_are_found_by_the_beginning_of_their_address(
    site: SiteWithBooking, admin: Browser
) -> None:
    found = await (await admin.ask("GET", f"{API}/users?email=MEERA")).get_json()
    _, page = await admin.look(f"/admin/people?email={site.client.email[:8]}")

    assert [one["email"] for one in found["items"]] == [site.client.email]
    assert site.client.email in page
    assert site.developer.email not in page
    for secret in ("password", "totp", "nonce", "hash"):
        assert secret not in str(found)


async def test_every_person_is_on_some_page_of_the_list_and_on_one_alone(
    site: SiteWithBooking, admin: Browser
) -> None:
    seen, cursor = list[str](), ""
    while cursor is not None:
        after = f"&cursor={quote(cursor)}" if cursor else ""
        page = await (await admin.ask("GET", f"{API}/users?limit=1{after}")).get_json()
        seen += [one["id"] for one in page["items"]]
        cursor = page["next"]

    assert sorted(seen) == sorted([site.client.id, site.developer.id, site.admin.id])


async def test_administrators_actions_are_audited_before_and_after(
    site: SiteWithBooking, admin: Browser
) -> None:
    await send(admin, site.client.id, do="suspend")
    await site.app.run()

    trail = await (await admin.ask("GET", f"{API}/audit?what=suspended")).get_json()
    _, page = await admin.look("/admin/audit")

    (entry,) = trail["items"]
    assert (entry["account_id"], entry["actor"]) == (site.client.id, site.admin.id)
    assert entry["detail"] == {
        "before": "client; open; confirmed", "after": "client; suspended; confirmed",
    }  # fmt: skip
    assert "Account suspended" in page
