"""No form is lost: for every form of the site, an ended session, another session's form token and
a missing cookie lead back to the form with what was typed, and nothing was changed meanwhile."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pyotp
import pytest
from quart import Response
from werkzeug.routing import Rule

from core.accounts import Account
from tests.web.every_role import Person, SiteWithEveryRole, build_site_with_every_role
from tests.web.form_pages import values
from tests.web.route_samples import CONFIRMED, all_samples
from tests.web.site import URL
from web.shared.access import Access, Who, access_of
from web.shared.forms import SECRET_FIELDS

PEOPLE = {
    Who.ANYONE: "anon", Who.PENDING: "pend", Who.DEVELOPER: "dev", Who.ADMIN: "admin",
}  # fmt: skip
ASKS_FOR_CODE = {"sessions.step_up_code", "sessions.stepped_up"}
"""Their page leads on to the change at once if a code has been entered recently."""
WITHOUT_PAGE = {"diary.write", "recovery_codes.saved"}
"""Forms whose page cannot show a notice: that of a plugin has no layout, and the other is gone
once the codes are saved."""
OURS = {"Origin": URL}
LOGGED_OUT = "You were logged out before this was sent."
STALE = "This was not sent."
BESIDE = {"documents:kept_forms", "throttles", "sessions", "codes", "outbox", "effects"}
"""Tables that change although the form is not accepted: the kept form, and the log-in."""


@dataclass(frozen=True)
class Form:
    """One form of the site, and somebody who may send it."""

    rule: Rule
    access: Access
    person: Person
    path: str
    sent: dict[str, str]

    @property
    def kept(self) -> dict[str, str]:
        return {name: text for name, text in self.sent.items() if name not in SECRET_FIELDS}


@pytest.fixture(scope="module")
async def site() -> SiteWithEveryRole:
    return await build_site_with_every_role()


def rules(site: SiteWithEveryRole) -> Iterator[tuple[Rule, Access]]:
    """Every form of a page."""
    for rule in site.quart_app.url_map.iter_rules():
        access = access_of(site.quart_app, rule.endpoint)
        assert access
        is_page = access.cookies and not rule.rule.startswith("/api/")
        if "POST" in (rule.methods or ()) and is_page and rule.endpoint not in WITHOUT_PAGE:
            yield rule, access


async def forms(site: SiteWithEveryRole) -> AsyncIterator[Form]:
    """Every form, each on the site as it was built."""
    for rule, access in rules(site):
        site.restore(fresh=rule.endpoint not in ASKS_FOR_CODE)
        person = site.people[PEOPLE.get(access.who, "client")]
        await token_of(person)
        path, thing = path_of(site, rule, access, person)
        body = all_samples().bodies[rule.endpoint]
        sent = body if isinstance(body, dict) else await body(site, person, thing)
        yield Form(rule, access, person, path, dict(sent.get("form", {})))


def path_of(site: SiteWithEveryRole, rule: Rule, access: Access, person: Person) -> tuple[str, str]:
    path, thing = rule.rule, ""
    state = all_samples().states.get(rule.endpoint, CONFIRMED)
    for name in re.findall(r"<(?:\w+:)?(\w+)>", rule.rule):
        variable = all_samples().variables[name]
        if name == "developer_id":
            thing = site.people["dev"].own["developer_id"]
        elif name == "account_id":
            thing = site.account("client2").id
        elif variable.own:
            thing = variable.own(person, person.booking_in(state, access)) or ""
            if not thing and person.name == "admin":  # decides about what others own
                owner = site.people["client"]
                thing = variable.own(owner, owner.bookings[CONFIRMED]) or ""
        else:
            assert variable.known
            thing = variable.known(site)
        path = re.sub(rf"<(?:\w+:)?{name}>", thing, path)
    return path, thing


def rows(site: SiteWithEveryRole) -> dict[str, dict[object, object]]:
    tables: dict[str, dict[object, object]] = site.app.store._tables.rows  # type: ignore[attr-defined]
    return {name: dict(table) for name, table in tables.items() if name not in BESIDE and table}


async def open_page(person: Person, path: str) -> tuple[Response, str]:
    """The page, after the redirects that lead to it."""
    answer, html = await person.browser.look(path)
    while answer.status_code in (302, 303):
        answer, html = await person.browser.look(answer.headers["Location"])
    return answer, html


async def token_of(person: Person) -> str:
    """The form token of a page that the person has open now."""
    path = "/login/code" if person.name == "pend" else "/account"
    await person.browser.look("/login" if person.name == "anon" else path)
    return person.browser.token


async def end_session(site: SiteWithEveryRole, person: Person) -> None:
    assert person.account
    sessions = site.app.store.repositories.sessions
    for session in await sessions.of_account(person.account.id):
        await sessions.remove(session.id)


async def second_factor(site: SiteWithEveryRole, account: Account) -> str:
    """The mailed code, or that of the app, which accepts each once."""
    app = site.app
    if account.totp is None:
        await app.run()
        return app.code_for(account.email)
    app.clock.advance(timedelta(seconds=30))
    secret = app.services.factors.authenticator.secret(account.id, account.totp.nonce)
    return pyotp.TOTP(secret).at(app.clock.now())


async def log_in(site: SiteWithEveryRole, form: Form, login: str) -> str:
    """Log in on the page to which the form has led; the path at which that ends."""
    app, browser = site.app, form.person.browser
    assert form.person.account
    account = await app.store.repositories.accounts.get(form.person.account.id)
    _, html = await browser.look(login)
    [target] = values(html)["next"][:1]
    await app.store.repositories.throttles.clear(f"codes:log-in:{account.id}")
    await browser.log_in(account)
    if account.factor:
        code = {"code": await second_factor(site, account), "csrf_token": browser.token}
        assert (await browser.ask("POST", "/login/code", form=code)).status_code == 303
    sessions = site.app.store.repositories.sessions
    fresh = form.rule.endpoint not in ASKS_FOR_CODE
    for session in await sessions.of_account(account.id) if fresh else ():
        await sessions.verify(session.id, now=site.app.clock.now())
    return target


def assert_shown(form: Form, html: str, notice: str) -> None:
    where = form.rule.endpoint
    assert notice in html, where
    shown = values(html)
    for name, text in form.kept.items():
        assert text in shown.get(name, []), (where, name, shown.get(name))
    for name in SECRET_FIELDS & form.sent.keys():
        assert form.sent[name] not in shown.get(name, []), (where, name)


async def test_a_form_sent_after_the_session_has_ended_leads_through_the_log_in_back_to_its_values(
    site: SiteWithEveryRole,
) -> None:
    tried = 0
    async for form in forms(site):
        if form.access.who in (Who.ANYONE, Who.PENDING) or not form.access.keeps:
            continue
        where, browser = form.rule.endpoint, form.person.browser
        token = await token_of(form.person)
        await end_session(site, form.person)
        before = rows(site)

        answer = await browser.ask(
            "POST", form.path, form={**form.sent, "csrf_token": token}, headers=OURS
        )
        location = answer.headers.get("Location", "")
        assert (where, answer.status_code, urlsplit(location).path) == (where, 303, "/login")
        assert rows(site) == before, where
        for text in form.kept.values():
            assert len(text) < 8 or text not in location, "no input in an address"
        target = await log_in(site, form, location)
        page, html = await open_page(form.person, target)

        assert (where, page.status_code) == (where, 200)
        assert_shown(form, html, LOGGED_OUT)
        _, again = await open_page(form.person, target)
        assert LOGGED_OUT not in again, "it is shown once"
        tried += 1

    assert tried > 25


async def test_a_form_with_the_token_of_another_session_is_shown_again_with_its_values(
    site: SiteWithEveryRole,
) -> None:
    tried = 0
    async for form in forms(site):
        if not form.access.keeps:
            continue
        where, browser = form.rule.endpoint, form.person.browser
        right = await token_of(form.person)
        wrong = f"{'0' * 64}.{right.partition('.')[2]}".rstrip(".")
        before = rows(site)

        answer = await browser.ask(
            "POST", form.path, form={**form.sent, "csrf_token": wrong}, headers=OURS
        )
        location = answer.headers.get("Location", "")
        assert (where, answer.status_code) == (where, 303)
        assert urlsplit(location).path not in ("/login", "/account/verify") or where in (
            "sessions.enter", "sessions.step_up_code", "sessions.stepped_up",
        )  # fmt: skip
        assert rows(site) == before, where
        page, html = await open_page(form.person, location)

        assert (where, page.status_code) == (where, 200)
        assert_shown(form, html, STALE)
        tried += 1

    assert tried > 35


async def test_a_form_of_a_browser_that_has_lost_its_cookies_is_shown_again_with_its_values(
    site: SiteWithEveryRole,
) -> None:
    tried = 0
    async for form in forms(site):
        if form.access.who is not Who.ANYONE or form.rule.endpoint == "passwords.put":
            continue
        where, browser = form.rule.endpoint, form.person.browser
        token = await token_of(form.person)
        browser.jar.clear()

        answer = await browser.ask(
            "POST", form.path, form={**form.sent, "csrf_token": token}, headers=OURS
        )
        page, html = await open_page(form.person, answer.headers["Location"])

        assert (where, answer.status_code, page.status_code) == (where, 303, 200)
        assert_shown(form, html, STALE)
        tried += 1

    assert tried >= 5


async def test_an_action_that_needs_a_code_is_offered_again_after_it(
    site: SiteWithEveryRole,
) -> None:
    tried = 0
    async for form in forms(site):
        if not form.access.step_up or not form.access.label:
            continue
        where, person = form.rule.endpoint, form.person
        token = await token_of(person)
        assert person.account
        now = site.app.clock.now()
        sessions = site.app.store.repositories.sessions
        for session in await sessions.of_account(person.account.id):
            await sessions.verify(session.id, now=now.replace(year=2000))
        before = rows(site)

        asked = await person.browser.ask(
            "POST", form.path, form={**form.sent, "csrf_token": token}, headers=OURS
        )
        assert (where, asked.status_code) == (where, 303)
        _, html = await person.browser.look(asked.headers["Location"])
        assert form.access.label in html, where
        assert rows(site) == before, where
        target = parse_qs(urlsplit(asked.headers["Location"]).query)["next"][0]
        for session in await sessions.of_account(person.account.id):
            await sessions.verify(session.id, now=now)
        _, html = await open_page(person, target)

        assert "Your code was correct. Nothing was changed yet." in html, where
        shown = values(html)
        for name, text in form.kept.items():
            assert text in shown.get(name, []), (where, name)
        if not form.sent.keys() & SECRET_FIELDS:
            assert f'action="{form.path}"' in html or urlsplit(target).path == form.path, where
        tried += 1

    assert tried >= 10
