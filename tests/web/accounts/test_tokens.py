"""Programs at the API: a bearer token instead of a cookie, and no CSRF token."""

from __future__ import annotations

import base64
import json
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from quart import Quart, Response

from adapters.jose.signer import JoseSigner
from core.accounts import Account
from core.policy import MINUTE
from services.accounts.session_writer import session_id
from tests.app import PASSWORD, MemoryApp
from tests.web.site import URL, Browser, SiteWithBooking, app_of, build_site_with_booking
from web.shared.access import Who

API = "/api/v1"
OLD, NEW = "an old secret of more than 32 marks", "a new secret of more than 32 marks"


def signer(**keys: str) -> JoseSigner:
    return JoseSigner(keys, issuer=URL, audience=f"{URL}/api/v1")


@pytest.fixture
async def site() -> SiteWithBooking:
    return await build_site_with_booking(app=MemoryApp(signer=signer(old=OLD)))


class Program(Browser):
    """A program without cookies: it stores its tokens."""

    access: str = ""
    refresh: str = ""

    async def ask(self, method: str, path: str, **more: Any) -> Response:
        if self.access:
            bearer = {"Authorization": f"Bearer {self.access}"}
            more["headers"] = bearer | more.pop("headers", {})
        answer = await super().ask(method, path, **more)
        assert "Set-Cookie" not in answer.headers, (method, path)
        return answer

    async def take(self, answer: Response) -> dict[str, Any]:
        body: dict[str, Any] = await answer.get_json()
        assert answer.status_code == 200, body
        self.access, self.refresh = body["access_token"], body["refresh_token"]
        return body

    async def sign_in(self, account: Account, **more: str) -> dict[str, Any]:
        self.access = ""
        asked = {"email": account.email, "password": PASSWORD, **more}
        return await self.take(await self.ask("POST", f"{API}/auth/token", json=asked))

    async def renew(self, refresh: str = "", **more: Any) -> Response:
        asked = {"refresh_token": refresh or self.refresh}
        return await self.ask("POST", f"{API}/auth/token/refresh", json=asked, **more)


async def a_program(site: SiteWithBooking) -> Program:
    program = Program(site.quart_app)
    await program.sign_in(site.client)
    return program


async def refused(answer: Response, code: str) -> None:
    """401 as RFC 9110 and RFC 9457 want it."""
    body = await answer.get_json()
    assert (answer.status_code, body["code"]) == (401, code)
    assert answer.headers["WWW-Authenticate"].startswith("Bearer")
    assert answer.content_type == "application/problem+json"


async def test_tokens_are_answered_as_in_rfc_6749_and_not_cached(
    site: SiteWithBooking,
) -> None:
    program = Program(site.quart_app)
    asked = {"email": site.client.email, "password": PASSWORD}

    answer = await program.ask("POST", f"{API}/auth/token", json=asked)

    body = await program.take(answer)
    assert (body["token_type"], body["expires_in"]) == ("Bearer", 900)
    assert body["account"]["id"] == site.client.id
    assert answer.headers["Cache-Control"] == "no-store"


async def test_a_code_is_asked_for_with_401_and_sent_as_otp(site: SiteWithBooking) -> None:
    program = Program(site.quart_app)
    asked = {"email": site.developer.email, "password": PASSWORD}

    await refused(await program.ask("POST", f"{API}/auth/token", json=asked), "otp_required")
    await site.app.run()
    code = site.app.code_for(site.developer.email)

    assert (await program.sign_in(site.developer, otp=code))["account"]["id"] == site.developer.id


async def test_a_bearer_needs_no_form_token_and_gets_no_cookie(site: SiteWithBooking) -> None:
    program = await a_program(site)

    for method, path, body, status in (
        ("GET", "/me", None, 200), ("GET", "/csrf", None, 200),
        ("PATCH", "/me", {"name": "Meera K"}, 200),
        ("POST", "/me/roles", {"role": "developer"}, 200), ("GET", "/developers/me", None, 200),
    ):  # fmt: skip
        answer = await program.ask(method, f"{API}{path}", json=body)
        assert (path, answer.status_code) == (path, status)
    assert (await program.ask("GET", "/account/security")).status_code == 200
    assert (await program.ask("POST", f"{API}/auth/logout")).status_code == 200
    await refused(await program.ask("GET", f"{API}/me"), "token_refused")


async def test_with_both_a_cookie_and_a_bearer_the_bearer_counts(site: SiteWithBooking) -> None:
    program = await a_program(site)
    browser = await site.browser_for(Who.ADMIN)
    both = {"Authorization": f"Bearer {program.access}"}
    bad = {"Authorization": "Bearer made.up.token"}

    mine = await browser.ask("GET", f"{API}/me", headers=both)
    admins = await browser.ask("GET", f"{API}/admin/users", headers=both)

    assert (await mine.get_json())["id"] == site.client.id
    assert admins.status_code == 403
    await refused(await browser.ask("GET", f"{API}/me", headers=bad), "token_refused")
    assert (await browser.ask("GET", f"{API}/me")).status_code == 200


async def test_the_routes_of_tokens_know_no_cookie(site: SiteWithBooking) -> None:
    browser = await site.browser_for(Who.ADMIN)
    kept = dict(browser.jar)
    asked = {"email": site.client.email, "password": PASSWORD}

    answer = await browser.ask("POST", f"{API}/auth/token", json=asked)

    assert (await answer.get_json())["account"]["id"] == site.client.id
    assert browser.jar == kept


async def test_a_refresh_whose_answer_was_lost_is_answered_again(site: SiteWithBooking) -> None:
    program = await a_program(site)
    first, agent = program.refresh, {"User-Agent": "acme-sync/1.0"}
    lost = await (await program.renew(first, headers=agent)).get_json()
    site.app.clock.advance(timedelta(seconds=29))

    again = await (await program.renew(first, headers=agent)).get_json()

    assert again == {**lost, "expires_in": 871}
    program.refresh = again["refresh_token"]
    assert (await program.renew(headers=agent)).status_code == 200
    other = {"User-Agent": "thief/2"}
    await refused(await program.renew(again["refresh_token"], headers=other), "refresh_refused")


async def test_a_used_refresh_token_ends_both_tokens(site: SiteWithBooking) -> None:
    program = await a_program(site)
    first = program.refresh
    await program.take(await program.renew())
    site.app.clock.advance(timedelta(seconds=30))

    await refused(await program.renew(first), "refresh_refused")

    await refused(await program.renew(), "refresh_refused")
    await refused(await program.ask("GET", f"{API}/me"), "token_refused")


async def test_a_text_that_is_no_refresh_token_is_refused_and_nothing_is_written(
    site: SiteWithBooking,
) -> None:
    program = await a_program(site)
    before = site.changes

    for made_up in ("x", program.refresh + "0", program.access, "a.0.\N{SNOWMAN}"):
        await refused(await program.renew(made_up), "refresh_refused")
    unreadable = await program.ask(
        "POST", f"{API}/auth/token/refresh", data=b'{"refresh_token": "fam.0.\\ud800"}',
        headers={"Content-Type": "application/json"},
    )  # fmt: skip

    assert unreadable.status_code in (400, 401, 422)
    assert site.changes == before
    assert (await program.renew()).status_code == 200


async def test_revoking_answers_the_same_for_any_token(site: SiteWithBooking) -> None:
    program = await a_program(site)

    for token in ("made.up", program.refresh, program.refresh):
        asked = {"refresh_token": token}
        answer = await program.ask("POST", f"{API}/auth/token/revoke", json=asked)
        assert (answer.status_code, await answer.get_json()) == (200, {"status": "ok"})

    await refused(await program.ask("GET", f"{API}/me"), "token_refused")


def parts(token: str) -> list[dict[str, Any]]:
    return [
        json.loads(base64.urlsafe_b64decode(p + "=" * (-len(p) % 4))) for p in token.split(".")[:2]
    ]


def packed(part: dict[str, Any]) -> str:
    return base64.urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=").decode()


def altered(token: str, *, header: dict[str, Any], claims: dict[str, Any]) -> str:
    """The same token with other words in it, and the signature it had."""
    first, second = parts(token)
    return ".".join((packed(first | header), packed(second | claims), token.split(".")[2]))


async def test_altered_access_tokens_are_refused(site: SiteWithBooking) -> None:
    program = await a_program(site)
    true = program.access
    head, body, mark = true.split(".")
    none = altered(true, header={"alg": "none"}, claims={})

    for forged in (
        none, none.rpartition(".")[0] + ".", altered(true, header={"alg": "HS512"}, claims={}),
        altered(true, header={"kid": "new"}, claims={}),
        altered(true, header={}, claims={"sub": site.admin.id}),
        altered(true, header={}, claims={"exp": 9_999_999_999}),
        f"{head}.{body}.{mark[::-1]}", f"{head}.{body}", "", "x", "é", true + "x",
    ):  # fmt: skip
        program.access = forged
        answer = await program.ask(
            "GET", f"{API}/me", headers={"Authorization": f"Bearer {forged}"}
        )
        await refused(answer, "token_refused")
    program.access = true
    assert (await program.ask("GET", f"{API}/me")).status_code == 200


async def test_a_token_that_is_over_or_names_another_account_is_refused(
    site: SiteWithBooking,
) -> None:
    program = await a_program(site)
    claims = site.app.signer.verify(program.access, now=site.app.clock.now())
    program.access = site.app.signer.sign(replace(claims, account_id=site.admin.id))
    await refused(await program.ask("GET", f"{API}/me"), "token_refused")

    await program.sign_in(site.client)
    site.app.clock.advance(16 * MINUTE)

    await refused(await program.ask("GET", f"{API}/me"), "token_refused")


async def test_a_signed_token_for_the_session_of_a_browser_is_refused(
    site: SiteWithBooking,
) -> None:
    browser = await site.browser_for(Who.CLIENT)
    program = await a_program(site)
    cookie = browser.jar["__Host-onehour"].removeprefix("s.")
    claims = site.app.signer.verify(program.access, now=site.app.clock.now())

    program.access = site.app.signer.sign(replace(claims, session_id=session_id(cookie)))

    await refused(await program.ask("GET", f"{API}/me"), "token_refused")


async def test_keys_change_without_signing_any_program_out(site: SiteWithBooking) -> None:
    program = await a_program(site)
    before = program.access

    program.quart_app = restarted(site, signer(new=NEW, old=OLD))
    assert (await program.ask("GET", f"{API}/me")).status_code == 200
    await program.take(await program.renew())
    assert parts(program.access)[0]["kid"] == "new"

    program.quart_app = restarted(site, signer(new=NEW))
    assert (await program.ask("GET", f"{API}/me")).status_code == 200
    program.access = before
    await refused(await program.ask("GET", f"{API}/me"), "token_refused")
    await program.take(await program.renew())


def restarted(site: SiteWithBooking, keys: JoseSigner) -> Quart:
    """The same site in a new process, with other keys in its settings."""
    app = MemoryApp(store=site.app.store, clock=site.app.clock, signer=keys)
    return app_of(app)


async def test_a_program_is_ended_from_the_list_of_sessions(site: SiteWithBooking) -> None:
    program, browser = await a_program(site), await site.browser_for(Who.CLIENT)
    _, page = await browser.look("/account/security")
    listed = await (await browser.ask("GET", f"{API}/auth/sessions")).get_json()
    (mine,) = [one for one in listed["items"] if one["kind"] == "program"]

    form = {"csrf_token": browser.token}
    ended = await browser.ask("POST", f"/account/security/sessions/{mine['id']}/end", form=form)

    assert "API client" in page
    assert ended.status_code == 303
    await refused(await program.ask("GET", f"{API}/me"), "token_refused")
