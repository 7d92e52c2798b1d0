"""Requests about accounts that need something first: a code, a link, a sign-in elsewhere."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyotp

from core.identities import LinkedIdentity
from tests.app import CALLER, PASSWORD
from tests.web.route_samples import BuildRequest, Sent

if TYPE_CHECKING:
    from tests.web.every_role import Person, SiteWithEveryRole

API = "/api/v1"
NEW_PASSWORD = "seven-brown-quiet-rivers"
CODE = {"code": "000000"}
"""For those who are refused before it is checked."""


async def prepare(site: SiteWithEveryRole) -> None:
    """Everybody has an account, a session on another device and an identity at a provider; the
    client has asked for a new password."""
    services, repositories = site.app.services, site.app.store.repositories
    for name, person in site.people.items():
        account = person.account
        if account is None:
            continue
        person.own["account_id"] = account.id
        await services.sessions.sign_in_confirmed(account, CALLER, how="elsewhere")
        person.own["session_id"] = (await services.sessions.list_active(account))[0].name
        who = site.app.identity_provider.person(name)
        if not await repositories.identities.of_account(account.id):
            now = site.app.clock.now()
            await repositories.identities.add(
                LinkedIdentity(who.issuer, who.subject, account.id, "memory", who.email, now)
            )
    email = site.account("client").email
    await services.passwords.request_reset(email=email, caller=CALLER)
    await site.app.run()
    text = site.app.mailer.to(email)[-1].text
    site.facts["link"] = text.partition("/reset/")[2].split()[0]


def email_of(person: Person) -> str:
    return person.account.email if person.account else "nobody@example.com"


def fact(name: str, field: str, kind: str = "json", **more: str) -> BuildRequest:
    """A form or JSON with one of the site's facts in a field."""

    async def build(site: SiteWithEveryRole, person: Person, thing: str) -> Sent:
        return {kind: {field: site.facts[name], **more}}

    return build


def confirm_email(kind: str) -> BuildRequest:
    async def build(site: SiteWithEveryRole, person: Person, thing: str) -> Sent:
        return {kind: {"email": site.facts["unverified"], "code": site.facts["address code"]}}

    return build


def credentials(kind: str) -> BuildRequest:
    async def build(site: SiteWithEveryRole, person: Person, thing: str) -> Sent:
        return {kind: {"email": site.account("client").email, "password": PASSWORD}}

    return build


async def reset_password(site: SiteWithEveryRole, person: Person, thing: str) -> Sent:
    person.browser.jar["__Secure-reset"] = site.facts["link"]
    return {"form": {"password": NEW_PASSWORD}}


async def step_up(site: SiteWithEveryRole, person: Person, thing: str) -> Sent:
    answer = await person.ask("POST", f"{API}/auth/step-up", json={})
    if answer.status_code != 202:
        return {"form": CODE}
    await site.app.run()
    return {"form": {"code": site.app.code_for(email_of(person))}}


def confirm_new_email(kind: str) -> BuildRequest:
    async def build(site: SiteWithEveryRole, person: Person, thing: str) -> Sent:
        answer = await person.ask("POST", f"{API}/me/email", json={"email": "new@example.com"})
        if answer.status_code != 202:
            return {kind: CODE}
        await site.app.run()
        return {kind: {"code": site.app.code_for("new@example.com")}}

    return build


async def _app_code(site: SiteWithEveryRole, person: Person) -> dict[str, str]:
    """The first code of an authenticator app that is being set up."""
    answer = await person.ask("POST", f"{API}/auth/2fa/totp")
    if answer.status_code != 201:
        return CODE
    secret = (await answer.get_json())["secret"]
    return {"code": pyotp.TOTP(secret).at(site.app.clock.now())}


def confirm_app(kind: str) -> BuildRequest:
    async def build(site: SiteWithEveryRole, person: Person, thing: str) -> Sent:
        return {kind: await _app_code(site, person)}

    return build


async def with_app(site: SiteWithEveryRole, person: Person, thing: str) -> Sent:
    code = await _app_code(site, person)
    await person.ask("POST", f"{API}/auth/2fa/totp/confirm", json=code)
    return {}


async def erase(site: SiteWithEveryRole, person: Person, thing: str) -> Sent:
    site.close_bookings()
    return {"form": {"email": email_of(person)}}


async def erase_by_api(site: SiteWithEveryRole, person: Person, thing: str) -> Sent:
    site.close_bookings()
    return {}


async def provider_answer(site: SiteWithEveryRole, person: Person, thing: str) -> Sent:
    """A user without an account comes back from the provider."""
    answer = await person.ask("GET", f"{API}/auth/oauth/memory/start?role=client")
    if answer.status_code != 303:
        return {}
    provider = site.app.identity_provider
    return {"query_string": provider.consent(answer.headers["Location"], provider.person("nora"))}
