"""Who opens a socket: by a token, by the cookie, or nobody; and how long it stays open."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any, cast

import pytest

from core.errors import Unavailable
from ports.store import Repositories, Store
from tests.app import CALLER
from tests.web.every_role import Person, SiteWithEveryRole, build_site_with_every_role
from tests.web.sockets import OpenSocket, SocketClosed, SocketRefused, open_socket, sockets_of
from web.shared.sockets import Sockets

EVENT = "slots:watch"


@pytest.fixture
async def site() -> AsyncIterator[SiteWithEveryRole]:
    yield await build_site_with_every_role()


@pytest.fixture
async def sockets(site: SiteWithEveryRole) -> AsyncIterator[Sockets]:
    async with sockets_of(site) as sockets:
        yield sockets


@pytest.fixture
def program(site: SiteWithEveryRole) -> Person:
    """Sends its token only where a test says so."""
    return replace(site.people["token"], token="")


@pytest.fixture
def token(site: SiteWithEveryRole) -> str:
    return site.people["token"].token


async def refusal(sockets: Sockets, person: Person, **how: Any) -> str:
    try:
        async with open_socket(sockets, person, **how) as opened:
            return f"accepted: {opened.rooms}"
    except SocketRefused as refused:
        return refused.code


def account_rooms(opened: OpenSocket) -> set[str]:
    return {room for room in opened.rooms if room.startswith("account:")}


def own_room(person: Person) -> set[str]:
    assert person.account
    return {f"account:{person.account.id}"}


async def test_a_program_receives_its_events_by_the_token_of_the_handshake(
    sockets: Sockets, program: Person, token: str
) -> None:
    async with open_socket(sockets, program, cookies=[], auth={"token": token}) as opened:
        assert account_rooms(opened) == own_room(program)
        assert [room for room in opened.rooms if room.startswith("session:")]


async def test_a_program_receives_its_events_by_the_header_of_the_api(
    site: SiteWithEveryRole, sockets: Sockets
) -> None:
    async with open_socket(sockets, site.people["token"], cookies=[]) as opened:
        assert account_rooms(opened) == own_room(site.people["token"])


@pytest.mark.parametrize("wrong", ["", "x", "a.b.c", "é", 5, None, True, ["x"], {"a": 1}])
async def test_a_wrong_token_is_refused_also_beside_a_right_cookie(
    site: SiteWithEveryRole, sockets: Sockets, wrong: object
) -> None:
    for person in (site.people["anon"], site.people["client"]):
        assert await refusal(sockets, person, auth={"token": wrong}) == "token_refused"


async def test_a_wrong_token_in_the_header_is_refused(
    site: SiteWithEveryRole, sockets: Sockets
) -> None:
    person = replace(site.people["client"], token="x")

    assert await refusal(sockets, person) == "token_refused"


async def test_refresh_tokens_and_tokens_of_ended_sessions_are_refused(
    site: SiteWithEveryRole, sockets: Sockets, program: Person, token: str
) -> None:
    refresh = site.facts["refresh"]

    assert await refusal(sockets, program, auth={"token": refresh}) == "token_refused"
    await site.app.services.tokens.revoke(refresh, caller=CALLER)
    assert await refusal(sockets, program, auth={"token": token}) == "token_refused"


@pytest.mark.parametrize("auth", ["x", True, ["token"], {"tokn": "x"}, {"token": "x", "more": 1}])
async def test_other_handshakes_are_refused(
    site: SiteWithEveryRole, sockets: Sockets, auth: object
) -> None:
    for name in ("anon", "client"):
        assert await refusal(sockets, site.people[name], auth=auth) == "invalid"


async def test_the_token_counts_before_the_cookie(
    site: SiteWithEveryRole, sockets: Sockets, token: str
) -> None:
    async with open_socket(sockets, site.people["dev"], auth={"token": token}) as opened:
        assert account_rooms(opened) == own_room(site.people["client"])


@pytest.mark.parametrize("cookie", ["s.", "s.x", "s." + "x" * 43, "s.é"])
async def test_the_cookie_of_no_session_is_refused(
    site: SiteWithEveryRole, sockets: Sockets, cookie: str
) -> None:
    name = site.quart_app.extensions["dependencies"].site.cookie
    lines = [f"{name}={cookie}"]

    assert await refusal(sockets, site.people["anon"], cookies=lines) == "session_over"


@pytest.mark.parametrize("auth", [None, {}, {"anonymous": False}])
async def test_the_cookie_of_an_ended_session_is_refused(
    site: SiteWithEveryRole, sockets: Sockets, auth: object
) -> None:
    site.app.clock.advance(timedelta(days=14))

    assert await refusal(sockets, site.people["client"], auth=auth) == "session_over"


async def test_a_visitor_with_the_cookie_of_an_ended_session_may_ignore_it(
    site: SiteWithEveryRole, sockets: Sockets
) -> None:
    site.app.clock.advance(timedelta(days=14))

    auth = {"anonymous": True}
    async with open_socket(sockets, site.people["client"], auth=auth) as opened:
        assert opened.rooms == set()
        assert (await opened.send(EVENT, {"developer": "dev_1"}))["ok"]


@pytest.mark.parametrize("cookies", [[], ["x=1"], ["onehour=a.x"]])
async def test_a_visitor_connects_without_an_account(
    site: SiteWithEveryRole, sockets: Sockets, cookies: list[str]
) -> None:
    async with open_socket(sockets, site.people["anon"], cookies=cookies) as opened:
        assert opened.rooms == set()


async def test_a_socket_ends_with_its_access_token_and_comes_back_with_the_next(
    site: SiteWithEveryRole, sockets: Sockets, program: Person, token: str
) -> None:
    async with open_socket(sockets, program, auth={"token": token}) as opened:
        await sockets.sweep()
        assert (await opened.send(EVENT, {"developer": "dev_1"}))["ok"]

        site.app.clock.advance(site.app.services.tokens.policy.access_life)
        refused = await opened.send(EVENT, {"developer": "dev_1"})
        await sockets.sweep()

        assert refused["code"] == "token_refused"
        assert await opened.received.get() == {"type": "websocket.close", "code": 1000}
    site.app.clock.advance(timedelta(minutes=1))
    assert await refusal(sockets, program, auth={"token": token}) == "token_refused"
    renewed = await site.app.services.tokens.refresh(site.facts["refresh"], caller=CALLER)
    async with open_socket(sockets, program, auth={"token": renewed.access}) as opened:
        assert account_rooms(opened) == own_room(program)


async def test_a_socket_ends_with_the_session_of_its_token(
    site: SiteWithEveryRole, sockets: Sockets, program: Person, token: str
) -> None:
    async with open_socket(sockets, program, auth={"token": token}) as opened:
        await site.app.services.tokens.revoke(site.facts["refresh"], caller=CALLER)
        await sockets.sweep()

        assert (await opened.received.get())["text"] == "41"


async def test_a_socket_that_closes_during_a_sweep_does_not_end_it(
    site: SiteWithEveryRole, sockets: Sockets, program: Person, token: str
) -> None:
    async with (
        open_socket(sockets, site.people["client"]) as opened,
        open_socket(sockets, program, auth={"token": token}) as expired,
    ):
        del sockets.server.eio.sockets[sockets.server.manager.eio_sid_from_sid(opened.sid, "/")]
        site.app.clock.advance(site.app.services.tokens.policy.access_life)
        await sockets.sweep()

        assert await expired.received.get() == {"type": "websocket.close", "code": 1000}


@dataclass
class StoreThatIsAway:
    """A database that does not answer."""

    @property
    def repositories(self) -> Repositories:
        raise Unavailable


async def test_during_an_outage_a_client_is_not_refused_but_disconnected_so_that_it_tries_again(
    site: SiteWithEveryRole,
) -> None:
    services = site.app.services
    away = replace(services.sessions, store=cast(Store, StoreThatIsAway()))

    async with sockets_of(site, services=replace(services, sessions=away)) as sockets:
        with pytest.raises(SocketClosed):
            async with open_socket(sockets, site.people["client"]):
                pass
