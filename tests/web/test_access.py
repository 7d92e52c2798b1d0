"""Who may use what: declarations, links, tokens, and sessions that have ended."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import pytest
from quart import Blueprint

from onehour.api import WebCapability, implements
from tests.app import CALLER, PASSWORD, MemoryApp
from tests.plugins.site import site_with, switched_on
from tests.web.every_role import Diary, SiteWithEveryRole, build_site_with_every_role
from tests.web.site import Browser
from tests.web.sockets import OpenSocket, SocketRefused, open_socket, sockets_of
from web.app import OPEN_ENDPOINTS
from web.shared.access import Undeclared, Who, allow, require_declarations
from web.shared.sockets import Socket

ME = "/api/v1/me"
LINKS = {
    "anon": ["/developers", "/#how", "/sign-up/developer"],
    "pend": ["/developers", "/#how", "/sign-up/developer"],
    "susp": ["/developers", "/#how", "/sign-up/developer"],
    "client": ["/developers", "/dashboard", "/messages", "/wallet"],
    "dev": ["/dashboard", "/profile", "/profile/hours", "/messages", "/wallet"],
    "bothC": ["/developers", "/dashboard", "/profile", "/profile/hours", "/messages", "/wallet"],
    "admin": [
        "/admin",
        "/admin/bookings",
        "/admin/jobs",
        "/admin/disputes",
        "/admin/payments",
        "/admin/withdrawals",
        "/admin/chargebacks",
        "/admin/settlements",
        "/admin/findings",
        "/admin/people",
        "/admin/reports",
        "/admin/audit",
        "/admin/outbox",
        "/admin/plugins",
    ],
}


@pytest.fixture(scope="module")
async def everybody() -> SiteWithEveryRole:
    return await build_site_with_every_role()


@pytest.fixture
async def site(everybody: SiteWithEveryRole) -> SiteWithEveryRole:
    everybody.restore(fresh=False)
    return everybody


class Forgetful:
    """A plugin with a route that does not declare who may use it."""

    @implements
    def onehour_web(self) -> list[WebCapability]:
        pages = Blueprint("forgetful", __name__)

        @pages.post("/forgotten")
        async def forgotten() -> str:
            return "For whom?"

        return [WebCapability(name="forgetful", pages=(pages,))]


@allow(Who.SIGNED_IN)
async def for_signed_in(socket: Socket, data: object) -> Mapping[str, object]:
    return {"ok": True, "email": socket.viewer.email if socket.viewer else ""}


@allow(Who.ADMIN)
async def for_admins(socket: Socket, data: object) -> None:
    return None


async def for_whom(socket: Socket, data: object) -> None:
    return None


ADDED = {"test:mine": for_signed_in, "test:rule": for_admins}


async def answers_of(socket: OpenSocket) -> list[str]:
    answers: list[dict[str, Any]] = [await socket.send(event, {}) for event in ADDED]
    return [str(each.get("code", "ok")) for each in answers]


async def test_a_route_without_a_declaration_stops_the_start(app: MemoryApp) -> None:
    quart_app = site_with(app, switched_on(Diary))

    @quart_app.get("/undecided")
    async def undecided() -> str:
        return "For whom?"

    with pytest.raises(Undeclared, match="/undecided"):
        require_declarations(quart_app, open_to_anyone=OPEN_ENDPOINTS)


async def test_a_plugins_route_without_a_declaration_stops_the_start(app: MemoryApp) -> None:
    with pytest.raises(Undeclared, match="/forgotten"):
        site_with(app, switched_on(Forgetful))


async def test_an_event_without_a_declaration_stops_the_start(site: SiteWithEveryRole) -> None:
    with pytest.raises(Undeclared, match="test:whose"):
        async with sockets_of(site, {"test:whose": for_whom}):
            pass


@pytest.mark.parametrize("name", LINKS)
async def test_everybody_sees_the_links_that_are_theirs_and_may_follow_each(
    site: SiteWithEveryRole, name: str
) -> None:
    person = site.people[name]

    page = await (await person.ask("GET", "/rules")).get_data(as_text=True)

    assert _links(page, 'class="nav" aria-label="Main"') == LINKS[name]
    assert _links(page, 'aria-label="Menu"')[: len(LINKS[name])] == LINKS[name]
    for link in LINKS[name]:
        page_of = link.partition("#")[0]
        assert (await person.ask("GET", page_of)).status_code == 200, link


def _links(page: str, nav: str) -> list[str]:
    inside = page.partition(f"<nav {nav}>")[2].partition("</nav>")[0]
    return re.findall(r'<a href="([^"]+)"', inside)


async def test_the_group_of_the_open_page_is_marked_in_the_links_of_administrators(
    site: SiteWithEveryRole,
) -> None:
    admin = site.people["admin"]

    page = await (await admin.ask("GET", "/admin/chargebacks")).get_data(as_text=True)

    header = page.partition('aria-label="Main">')[2].partition("</nav>")[0]
    marked = re.findall(r'<summary aria-current="true">(\w+)', header)
    assert marked == ["Money"]
    assert re.findall(r'href="([^"]+)" aria-current="page"', header) == ["/admin/chargebacks"]


async def test_a_program_needs_no_form_token_and_a_cookie_beside_its_token_counts_for_nothing(
    site: SiteWithEveryRole,
) -> None:
    developer, program = site.people["dev"], site.people["token"]
    bearer = {"Authorization": f"Bearer {program.token}"}

    looked = await developer.browser.ask("GET", ME, headers=bearer)
    changed = await developer.browser.ask("PATCH", ME, headers=bearer, json={"name": "Program"})
    refused = await developer.browser.ask("GET", "/profile", headers=bearer)

    assert program.account and (await looked.get_json())["id"] == program.account.id
    assert (changed.status_code, (await changed.get_json())["name"]) == (200, "Program")
    assert refused.status_code == 403
    assert developer.account
    after = await site.app.store.repositories.accounts.get(developer.account.id)
    assert after.name == developer.account.name


@pytest.mark.parametrize("token", ["", "site-up", "a.b.c"])
async def test_an_invalid_token_is_refused_also_beside_a_valid_cookie(
    site: SiteWithEveryRole, token: str
) -> None:
    bearer = {"Authorization": f"Bearer {token}"}

    answer = await site.people["client"].browser.ask("GET", ME, headers=bearer)

    assert (answer.status_code, (await answer.get_json())["code"]) == (401, "token_refused")


async def test_without_a_token_and_without_the_forms_a_cookie_changes_nothing(
    site: SiteWithEveryRole,
) -> None:
    browser = site.people["client"].browser
    program = {"Authorization": "Basic Y2xpZW50OnBhc3N3b3Jk"}

    answer = await browser.ask("PATCH", ME, headers=program, json={"name": "Another"})

    assert (answer.status_code, (await answer.get_json())["code"]) == (403, "csrf_failed")


async def test_a_program_stays_signed_in_through_a_change_of_its_account(
    site: SiteWithEveryRole,
) -> None:
    program = site.people["token"]

    changed = await program.ask("POST", f"{ME}/roles", json={"role": "developer"})
    after = await program.ask("GET", ME)
    refreshed = await program.ask(
        "POST", "/api/v1/auth/token/refresh", json={"refresh_token": site.facts["refresh"]}
    )

    assert (changed.status_code, changed.headers.getlist("Set-Cookie")) == (200, [])
    assert (await after.get_json())["roles"] == ["client", "developer"]
    assert refreshed.status_code == 200


async def test_cookie_token_and_socket_of_a_suspended_account_are_refused(
    site: SiteWithEveryRole,
) -> None:
    person, admin = site.people["client"], site.people["admin"].account
    assert person.account and admin
    bearer = site.people["token"]
    async with sockets_of(site, ADDED) as sockets, open_socket(sockets, person) as socket:
        before = await answers_of(socket)

        await site.app.services.administration.change(
            person.account.id, by=admin, caller=CALLER, suspended=True
        )

        assert (before, await answers_of(socket)) == (["ok", "forbidden"], ["sign_in_first"] * 2)
        assert (await person.ask("GET", ME)).status_code == 401
        assert (await bearer.ask("GET", ME)).status_code == 401
        renewed = {"refresh_token": site.facts["refresh"]}
        answer = await bearer.browser.ask("POST", "/api/v1/auth/token/refresh", json=renewed)
        assert (await answer.get_json())["code"] == "refresh_refused"
        fresh = {"email": person.account.email, "password": PASSWORD}
        answer = await Browser(site.quart_app).ask("POST", "/api/v1/auth/token", json=fresh)
        assert (await answer.get_json())["code"] == "suspended"
        for refused, code in [(person, "session_over"), (bearer, "token_refused")]:
            with pytest.raises(SocketRefused, match=code):
                async with open_socket(sockets, refused):
                    pass
        await sockets.sweep()
        assert socket.sid not in sockets.server.environ


@pytest.mark.parametrize("name", ["anon", "unver", "pend"])
async def test_a_socket_without_a_session_receives_nothing_and_is_refused(
    site: SiteWithEveryRole, name: str
) -> None:
    async with (
        sockets_of(site, ADDED) as sockets,
        open_socket(sockets, site.people[name]) as socket,
    ):
        assert (socket.rooms, await answers_of(socket)) == (set(), ["sign_in_first"] * 2)


async def test_an_event_is_for_the_roles_it_names(site: SiteWithEveryRole) -> None:
    said = {}
    async with sockets_of(site, ADDED) as sockets:
        for name in ("client", "token", "dev", "admin"):
            async with open_socket(sockets, site.people[name]) as socket:
                said[name] = await answers_of(socket)

    assert said == {
        "client": ["ok", "forbidden"],
        "token": ["ok", "forbidden"],
        "dev": ["ok", "forbidden"],
        "admin": ["ok", "ok"],
    }


async def test_a_session_that_waits_for_its_code_may_only_enter_the_code(
    site: SiteWithEveryRole,
) -> None:
    pending = site.people["pend"]

    dashboard = await pending.ask("GET", "/dashboard")
    code = await pending.ask("GET", "/login/code")
    entered = await pending.ask("POST", "/login/code", form={"code": site.facts["pending code"]})
    inside = await pending.ask("GET", "/dashboard")

    assert dashboard.headers["Location"].startswith("/login?")
    assert [code.status_code, entered.status_code, inside.status_code] == [200, 303, 200]
