"""Signing in over HTTP: which cookie is set when, which is invalid, what is not revealed."""

from __future__ import annotations

import asyncio
import os
import socket
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import pytest
import socketio
from hypercorn.asyncio import serve
from hypercorn.config import Config

from core.accounts import Account
from core.codes import Purpose
from core.policy import DAY
from onehour.testing.running_time import happens
from services.accounts.codes import hourly_keys
from tests.app import CALLER, PASSWORD, MemoryApp
from tests.services.members import ANOTHER, a_member, an_app, enter, log_in, session_of
from tests.web.site import URL, Browser, SiteWithBooking, build_site_with_booking
from web.app import WEB
from web.shared.access import Who
from web.shared.context import Site
from web.shared.cookies import HEADER
from web.shared.live import LocalManager, SocketLive
from web.shared.records import events_of
from web.shared.sockets import Sockets, create_sockets

COOKIE, MARK = "__Host-onehour", "__Host-known"
API = "/api/v1"


@pytest.fixture
async def site() -> SiteWithBooking:
    return await build_site_with_booking()


async def post(browser: Browser, path: str, **form: str) -> tuple[int, str]:
    """Status of the answer and where it leads."""
    answer = await browser.ask("POST", path, form={**form, "csrf_token": browser.token})
    return answer.status_code, answer.headers.get("Location", "")


async def status(browser: Browser, path: str = "/account/security") -> int:
    answer, _ = await browser.look(path)
    return answer.status_code


def with_cookie(browser: Browser, value: str) -> Browser:
    return Browser(browser.quart_app, {COOKIE: value})


async def signed_in(browser: Browser) -> bool:
    answer = await browser.ask("GET", f"{API}/auth/sessions")
    return answer.status_code == 200


# A new cookie


async def test_the_cookie_changes_at_the_log_in_and_again_with_the_second_factor(
    site: SiteWithBooking,
) -> None:
    browser = Browser(site.quart_app)
    await browser.look("/login")
    visitors = browser.jar[COOKIE]
    await site.app.store.repositories.throttles.clear(*hourly_keys(Purpose.LOG_IN, site.developer))
    await browser.log_in(site.developer)
    pendings = browser.jar[COOKIE]
    await site.app.run()
    code = site.app.code_for(site.developer.email)
    assert not await signed_in(browser)
    assert MARK not in browser.jar

    answer = await post(browser, "/login/code", code=code)

    assert answer[0] == 303
    assert len({visitors, pendings, browser.jar[COOKIE]}) == 3
    assert await signed_in(browser)
    assert browser.jar[MARK]
    for old in (visitors, pendings):
        assert not await signed_in(with_cookie(browser, old))


async def test_a_form_opened_before_the_log_in_still_works_after_it(site: SiteWithBooking) -> None:
    browser = Browser(site.quart_app)
    await browser.look("/login")
    await browser.log_in(site.client)

    assert await post(browser, "/account/security/sessions/end-others") == (
        303,
        "/account/security?done=others_ended",
    )


async def test_the_cookie_changes_with_the_password_and_the_old_one_is_invalid(
    site: SiteWithBooking,
) -> None:
    browser = await site.browser_for(Who.CLIENT)
    before = browser.jar[COOKIE]

    answer = await post(browser, "/account/security/password", current=PASSWORD, password=ANOTHER)

    assert answer == (303, "/account/security?done=password")
    assert browser.jar[COOKIE] != before
    assert await signed_in(browser)
    assert not await signed_in(with_cookie(browser, before))


async def test_the_cookie_changes_with_another_role_and_the_old_one_is_invalid(
    site: SiteWithBooking,
) -> None:
    browser = await site.browser_for(Who.CLIENT)
    before = browser.jar[COOKIE]

    answer = await browser.ask(
        "POST", f"{API}/me/roles", json={"role": "developer"}, headers={HEADER: browser.token}
    )

    assert answer.status_code in (200, 201), await answer.get_data(as_text=True)
    assert browser.jar[COOKIE] != before
    assert await signed_in(browser)
    assert not await signed_in(with_cookie(browser, before))


async def test_logging_out_ends_the_session_on_the_server_and_takes_the_cookie_back(
    site: SiteWithBooking,
) -> None:
    browser = await site.browser_for(Who.CLIENT)
    before = browser.jar[COOKIE]

    await post(browser, "/logout")

    assert browser.jar[COOKIE] == ""
    assert "Max-Age=0" in browser.set_cookies[-1]
    assert not await signed_in(with_cookie(browser, before))


async def test_the_cookie_lives_as_long_as_a_session_can_and_the_mark_a_year(
    site: SiteWithBooking,
) -> None:
    browser = await site.browser_for(Who.CLIENT)

    lines = {line.partition("=")[0]: line for line in browser.set_cookies}
    assert f"Max-Age={30 * DAY // (DAY / 86400)}" in lines[COOKIE]
    assert f"Max-Age={365 * DAY // (DAY / 86400)}" in lines[MARK]
    assert all("HttpOnly" in line and "SameSite=Lax" in line for line in lines.values())


async def test_a_pending_session_may_see_no_page_of_an_account(site: SiteWithBooking) -> None:
    browser = await site.browser_for(Who.PENDING)
    closed = [path for _, path, access in site.routes(safe=True) if access.who not in OPEN]

    assert len(closed) > 15
    for path in closed:
        answer = await browser.ask("GET", path)
        assert answer.status_code in (303, 401, 403), path
        assert "/login" in answer.headers.get("Location", "/login"), path


OPEN = {Who.ANYONE, Who.PENDING, Who.GATEWAY}


# The list


async def test_the_security_page_lists_devices_with_their_networks_and_ends_one(
    site: SiteWithBooking,
) -> None:
    here = await site.browser_for(Who.CLIENT)
    there = await enter(site.app, site.client.email, address="198.51.100.77", device="Elsewhere")
    name = (await session_of(site.app, there)).name

    _, before = await here.look("/account/security")
    answer = await post(here, f"/account/security/sessions/{name}/end")
    _, after = await here.look("/account/security")

    assert "Elsewhere" in before
    assert "198.51.100.0/24" in before
    assert "198.51.100.77" not in before
    assert answer == (303, "/account/security?done=session_ended")
    assert "Elsewhere" not in after
    assert await site.app.services.sessions.authenticate(there.token) is None


async def test_a_suspended_user_is_signed_out_with_the_next_request(site: SiteWithBooking) -> None:
    browser = await site.browser_for(Who.CLIENT)
    assert await signed_in(browser)

    await site.app.services.administration.change(
        site.client.id, by=site.admin, caller=CALLER, suspended=True
    )

    assert not await signed_in(browser)
    assert await status(browser) == 303


# The same answer


async def test_the_pages_do_not_reveal_who_has_an_account(site: SiteWithBooking) -> None:
    known, unknown = site.client.email, "nobody-here@example.com"
    asked: list[tuple[str, dict[str, str]]] = [
        ("/login", {"password": "not the password"}),
        ("/forgot", {}),
        ("/sign-up/client", {"name": "X Y", "password": ANOTHER, "timezone": "UTC"}),
    ]
    for path, form in asked:
        answers = []
        for email in (known, unknown):
            browser = Browser(site.quart_app)
            await browser.look("/login")
            answer = await browser.ask(
                "POST", path, form={**form, "email": email, "csrf_token": browser.token}
            )
            html = (
                (await answer.get_data(as_text=True)).replace(email, "").replace(browser.token, "")
            )
            answers.append((answer.status_code, _without_nonces(html)))
        assert answers[0][0] in (200, 303, 401), path
        assert answers[0] == answers[1], path


def _without_nonces(html: str) -> str:
    return "".join(part.partition('"')[2] for part in html.split('nonce="'))


@pytest.mark.parametrize("text", ["\ud800", "\0", "x" * 300, "؀"])
async def test_unusual_characters_cause_no_server_error(site: SiteWithBooking, text: str) -> None:
    """Lone surrogates come through JSON, and no database or hash takes them."""
    bodies: dict[str, dict[str, Any]] = {
        "login": {"email": f"{text}@example.com", "password": text},
        "password/forgot": {"email": f"{text}@example.com"},
        "password/reset": {"token": f"{site.client.id}.{text}", "password": ANOTHER + text},
        "token": {"email": f"{text}@example.com", "password": text, "otp": text[:40]},
        "token/refresh": {"refresh_token": text},
        "token/revoke": {"refresh_token": text},
    }
    await site.app.services.passwords.request_reset(email=site.client.email, caller=CALLER)
    await site.app.run()
    browser = await site.browser_for()
    for path, body in bodies.items():
        answer = await browser.ask(
            "POST", f"{API}/auth/{path}", json=body, headers={HEADER: browser.token}
        )
        assert answer.status_code < 500, (path, await answer.get_data(as_text=True))


# The reset link


async def test_the_token_of_a_reset_link_leaves_the_address_at_once(site: SiteWithBooking) -> None:
    await site.app.services.passwords.request_reset(email=site.client.email, caller=CALLER)
    await site.app.run()
    text = site.app.mailer.to(site.client.email)[-1].text
    link = text.split(f"{URL}/reset/")[1].split()[0]
    browser = Browser(site.quart_app)

    moved, _ = await browser.look(f"/reset/{link}")
    page, html = await browser.look("/reset")
    answer = await post(browser, "/reset", password=ANOTHER)

    assert (moved.status_code, moved.headers["Location"]) == (303, "/reset")
    assert moved.headers["Referrer-Policy"] == "strict-origin-when-cross-origin"
    assert moved.headers["Cache-Control"] == "no-store"
    assert page.status_code == 200
    token = link.partition(".")[2]
    assert token not in html
    line = next(line for line in browser.set_cookies if token in line)
    assert line.startswith("__Secure-reset=")
    assert {"Secure", "HttpOnly", "Path=/reset", "SameSite=Lax", "Max-Age=1800"} <= {
        part.strip() for part in line.split(";")
    }
    assert answer == (303, "/login?reset=done")
    assert browser.jar["__Secure-reset"] == "", "the link is used up, and gone from the browser"
    assert not await signed_in(browser)


async def test_the_page_of_an_app_shows_a_picture_the_policy_lets_through(
    site: SiteWithBooking,
) -> None:
    browser = await site.browser_for(Who.CLIENT)
    await post(browser, "/account/security/app")

    answer, html = await browser.look("/account/security/app")

    assert answer.status_code == 200
    start = html.index("<svg", html.index('class="qr"') - 60)
    picture = html[start : html.index("</svg>", start)]
    assert "<path" in picture
    assert "style=" not in picture
    assert "<script" not in picture
    assert answer.headers["Cache-Control"] == "no-store"


async def test_the_token_endpoint_asks_for_the_code_of_an_app(site: SiteWithBooking) -> None:
    authenticator = await an_app(site.app, site.developer)
    body = {"email": site.developer.email, "password": PASSWORD}
    browser = Browser(site.quart_app)

    without = await browser.ask("POST", f"{API}/auth/token", json=body)
    with_it = await browser.ask(
        "POST", f"{API}/auth/token", json={**body, "otp": authenticator.shows()}
    )

    assert (await without.get_json())["code"] == "otp_required"
    assert with_it.status_code in (200, 201)


# The sockets


class SocketServer:
    """The application with a real socket server, which receives the relay's events."""

    def __init__(self, app: MemoryApp, url: str, sockets: Sockets) -> None:
        self.app, self.url, self.sockets = app, url, sockets
        self._live = SocketLive(sockets.server.manager)

    async def listen(self, token: str) -> Listener:
        """With the token of a session; "" is a visitor."""
        listener = Listener()
        cookie = f"onehour=s.{token}" if token else "onehour=a.visitor"
        await listener.client.connect(
            self.url, headers={"Cookie": cookie}, transports=["websocket"]
        )
        return listener

    async def relay(self) -> None:
        await self.app.run()
        for event in self.app.live.published:
            await self._live.publish(event.room, event.event, event.data)
        self.app.live.published.clear()


class Listener:
    """One open page that listens for events."""

    def __init__(self) -> None:
        self.client = socketio.AsyncClient(reconnection=False)
        self.received: list[str] = []
        self.closed = asyncio.Event()
        self.client.on("session:ended", self._ended)
        self.client.on("disconnect", self._closed)

    async def _ended(self, data: object) -> None:
        self.received.append("session:ended")

    async def _closed(self, reason: object = None) -> None:
        self.closed.set()

    async def is_closed_soon(self) -> bool:
        return await happens(self.closed, within_s=1)


@pytest.fixture
async def server() -> AsyncIterator[SocketServer]:
    app = MemoryApp()
    site = Site(base_url="http://127.0.0.1", secret_key="a secret for tests")
    sockets = create_sockets(LocalManager(), app.services, site=site, events=events_of(WEB))
    with socket.create_server(("127.0.0.1", 0)) as listener:
        config = Config()
        config.bind = [f"fd://{os.dup(listener.fileno())}"]  # Hypercorn closes what it is given
        config.errorlog = None
        config.graceful_timeout = 0.2
        stop = asyncio.Event()
        asgi_app = socketio.ASGIApp(sockets.server)
        serving = asyncio.create_task(serve(asgi_app, config, shutdown_trigger=stop.wait))
        port = listener.getsockname()[1]
        yield SocketServer(app, f"http://127.0.0.1:{port}", sockets)
        stop.set()
        await serving


async def test_the_sockets_of_an_ended_session_are_informed_and_closed_within_a_second(
    server: SocketServer,
) -> None:
    account = await a_member(server.app)
    here, there = await log_in(server.app), await log_in(server.app)
    await server.relay()
    mine, theirs = await server.listen(here.token), await server.listen(there.token)

    name = (await session_of(server.app, there)).name
    await server.app.services.sessions.end(account.id, name, CALLER)
    await server.relay()

    assert await theirs.is_closed_soon()
    assert theirs.received == ["session:ended"]
    assert not mine.closed.is_set()
    assert mine.received == []
    await mine.client.disconnect()


async def test_suspending_somebody_closes_all_their_sockets_within_a_second(
    server: SocketServer,
) -> None:
    account, admin = await a_member(server.app), await server.app.admin()
    pages = [await server.listen((await log_in(server.app)).token) for _ in range(2)]

    await server.app.services.administration.change(
        account.id, by=admin, caller=CALLER, suspended=True
    )
    await server.relay()

    assert [await page.is_closed_soon() for page in pages] == [True, True]


async def test_sockets_of_expired_sessions_are_closed(server: SocketServer) -> None:
    await a_member(server.app)
    page, visitor = await server.listen((await log_in(server.app)).token), await server.listen("")

    await server.sockets.sweep()
    assert not await page.is_closed_soon()
    server.app.clock.advance(14 * DAY)
    await server.sockets.sweep()

    assert await page.is_closed_soon()
    assert not visitor.closed.is_set(), "anonymous visitors may listen for free hours"
    await visitor.client.disconnect()


async def test_a_socket_is_closed_when_the_event_of_its_log_out_was_lost(
    server: SocketServer,
) -> None:
    await a_member(server.app)
    signed = await log_in(server.app)
    page = await server.listen(signed.token)

    await server.app.services.sessions.log_out(await session_of(server.app, signed), CALLER)
    server.app.live.published.clear()  # the event was lost between the processes
    await server.sockets.sweep()

    assert await page.is_closed_soon()


async def test_a_session_that_waits_for_its_code_receives_no_events_of_the_account(
    server: SocketServer,
) -> None:
    account = await a_member(server.app)
    await server.app.store.repositories.accounts.save(
        replace(await _again(server.app, account), two_factor=True)
    )
    page = await server.listen((await log_in(server.app)).token)

    rooms = server.sockets.server.manager.rooms["/"]

    assert not [name for name in rooms if str(name).startswith(("account:", "session:"))]
    await page.client.disconnect()


async def _again(app: MemoryApp, account: Account) -> Account:
    return await app.store.repositories.accounts.get(account.id)
