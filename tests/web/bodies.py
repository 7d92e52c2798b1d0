"""The least that each route takes, so that the answer is about who asks and for what.

By endpoint: what goes along with the request, or a function that first does what the request
needs (asks for a code, begins a sign-in elsewhere) as the person who then asks.
"""

from __future__ import annotations

import io
from collections.abc import Awaitable, Callable, Mapping
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pyotp
from PIL import Image

from tests.app import MONDAY, PASSWORD

if TYPE_CHECKING:
    from tests.web.cast import Cast, Person

Sent = dict[str, Any]
Made = Callable[["Cast", "Person", str], Awaitable[Sent]]

API = "/api/v1"
NEW = "seven-brown-quiet-rivers"
START = (MONDAY + timedelta(days=12)).isoformat()
CODE = {"code": "000000"}
"""For who must not get so far that it is looked at."""


def _picture() -> bytes:
    drawn = io.BytesIO()
    Image.new("RGB", (64, 64), "teal").save(drawn, "PNG")
    return drawn.getvalue()


PICTURE = _picture()
UPLOAD: Sent = {"data": PICTURE, "headers": {"Content-Type": "image/png"}}
NEWCOMER = {
    "name": "Nils", "email": "nils@example.com", "password": PASSWORD, "timezone": "Asia/Kolkata",
}  # fmt: skip


def email_of(person: Person) -> str:
    return person.account.email if person.account else "nobody@example.com"


def fact(name: str, field: str, kind: str = "json", **more: str) -> Made:
    async def made(cast: Cast, person: Person, thing: str) -> Sent:
        return {kind: {field: cast.facts[name], **more}}

    return made


def confirming(kind: str) -> Made:
    async def made(cast: Cast, person: Person, thing: str) -> Sent:
        return {kind: {"email": cast.facts["unverified"], "code": cast.facts["address code"]}}

    return made


def credentials(kind: str) -> Made:
    async def made(cast: Cast, person: Person, thing: str) -> Sent:
        return {kind: {"email": email_of(cast.people["client"]), "password": PASSWORD}}

    return made


async def with_link(cast: Cast, person: Person, thing: str) -> Sent:
    person.browser.jar["__Secure-reset"] = cast.facts["link"]
    return {"form": {"password": NEW}}


async def stepping_up(cast: Cast, person: Person, thing: str) -> Sent:
    answer = await person.ask("POST", f"{API}/auth/step-up", json={})
    if answer.status_code != 202:
        return {"form": CODE}
    await cast.app.run()
    return {"form": {"code": cast.app.code_for(email_of(person))}}


def new_email(kind: str) -> Made:
    async def made(cast: Cast, person: Person, thing: str) -> Sent:
        answer = await person.ask("POST", f"{API}/me/email", json={"email": "new@example.com"})
        if answer.status_code != 202:
            return {kind: CODE}
        await cast.app.run()
        return {kind: {"code": cast.app.code_for("new@example.com")}}

    return made


async def app_code(cast: Cast, person: Person) -> dict[str, str]:
    """The first code of an app that is being set up."""
    answer = await person.ask("POST", f"{API}/auth/2fa/totp")
    if answer.status_code != 201:
        return CODE
    secret = (await answer.get_json())["secret"]
    return {"code": pyotp.TOTP(secret).at(cast.app.clock.now())}


def confirming_app(kind: str) -> Made:
    async def made(cast: Cast, person: Person, thing: str) -> Sent:
        return {kind: await app_code(cast, person)}

    return made


async def with_app(cast: Cast, person: Person, thing: str) -> Sent:
    code = await app_code(cast, person)
    await person.ask("POST", f"{API}/auth/2fa/totp/confirm", json=code)
    return {}


async def leaving(cast: Cast, person: Person, thing: str) -> Sent:
    cast.close_deals()
    return {"form": {"email": email_of(person)}}


async def leaving_by_api(cast: Cast, person: Person, thing: str) -> Sent:
    cast.close_deals()
    return {}


async def back_from_elsewhere(cast: Cast, person: Person, thing: str) -> Sent:
    """Somebody who has no account yet; it is asked for at the provider that is there."""
    answer = await person.ask("GET", f"{API}/auth/oauth/memory/start?role=client")
    if answer.status_code != 303:
        return {}
    elsewhere = cast.app.elsewhere
    return {"query_string": elsewhere.consent(answer.headers["Location"], elsewhere.person("nora"))}


async def calling_off(cast: Cast, person: Person, thing: str) -> Sent:
    booking = await cast.app.store.repositories.bookings.find(thing)  # type: ignore[arg-type]
    refund = str(booking.price.amount) if booking else "0"
    return {"form": {"reason": "I travel.", "refund": refund}}


async def noticed(cast: Cast, person: Person, thing: str) -> Sent:
    order = await cast.app.order_of(cast.people["client"].deals["held"])
    headers = {"x-signature": "memory"} if thing != "unsigned" else {}
    return {"json": {"id": "evt_1", "order_id": order, "kind": "payment"}, "headers": headers}


async def wanted_hour(cast: Cast, person: Person, thing: str) -> Sent:
    developer = cast.people["dev"].own["developer_id"]
    criteria = {"developer_id": developer, "start": START, "hours": 1, "brief": "It is slow."}
    return {"json": criteria}


HOURS: Sent = {
    "timezone": "Asia/Kolkata", "weekly": [{"day": 0, "start": "09:00", "end": "17:00"}],
}  # fmt: skip
PROFILE: Sent = {
    "headline": "Finds slow queries", "bio": "", "skills": ["Python"], "languages": ["English"],
    "rate": {"amount": 240_000, "currency": "INR"},
}  # fmt: skip
REPORT: Sent = {
    "data": b'{"csp-report": {"blocked-uri": "eval"}}',
    "headers": {"Content-Type": "application/csp-report"},
}

BODIES: Mapping[str, Sent | Made] = {
    "accounts.register": {"form": NEWCOMER},
    "accounts.confirm": confirming("form"),
    "accounts.confirm_again": fact("unverified", "email", "form"),
    "accounts.add_role": {"form": {"role": "developer"}},
    "sessions.enter": credentials("form"),
    "sessions.verify": fact("pending code", "code", "form"),
    "sessions.stepped_up": stepping_up,
    "passwords.ask": {"form": {"email": "nobody@example.com"}},
    "passwords.reset": with_link,
    "passwords.put": with_link,
    "security.change_password": {"form": {"current": PASSWORD, "password": NEW}},
    "security.ask_email": {"form": {"email": "new@example.com"}},
    "security.confirm_email": new_email("form"),
    "security.two_factor": {"form": {"enabled": "yes"}},
    "security.confirm_app": confirming_app("form"),
    "security.recovery_codes": with_app,
    "personal_data.erase": leaving,
    "administration.change": {"form": {"do": "suspend"}},
    "avatars.change": UPLOAD,
    "bookings.hold": {"form": {"start": START, "hours": "1", "brief": "It is slow."}},
    "bookings.decline": {"form": {"reason": "I travel."}},
    "bookings.cancel": calling_off,
    "clients.update": {"form": {"name": "Somebody", "timezone": "Asia/Kolkata"}},
    "developers.begin": {"form": {"start": START}},
    "developers.describe": {
        "form": {
            "headline": "Finds slow queries",
            "skills": "Python",
            "languages": "English",
            "rate": "2400",
            "revisions": "2",
            "published": "yes",
        }
    },
    "developers.offer": {
        "form": {
            "timezone": "Asia/Kolkata",
            "from-0-0": "09:00",
            "to-0-0": "17:00",
            "notice": "4",
            "horizon": "60",
        }
    },
    "jobs.deliver": {"form": {"note": "Done."}},
    "jobs.approve": {"form": {"delivery": "1"}},
    "jobs.request_changes": {"form": {"notes": "Explain step 3."}},
    "reports.collect": REPORT,
    "webhooks.payments": noticed,
    "api_accounts.register": {"json": {"role": "client", **NEWCOMER}},
    "api_accounts.verify_email": confirming("json"),
    "api_accounts.resend": fact("unverified", "email"),
    "api_accounts.change": {"json": {"name": "Somebody"}},
    "api_accounts.erase": leaving_by_api,
    "api_accounts.add_role": {"json": {"role": "developer"}},
    "api_accounts.ask_new_email": {"json": {"email": "new@example.com"}},
    "api_accounts.confirm_new_email": new_email("json"),
    "api_sessions.login": credentials("json"),
    "api_sessions.verify": fact("pending code", "code"),
    "api_sessions.step_up": {"json": {}},
    "api_factors.turn": {"json": {"enabled": True}},
    "api_factors.confirm": confirming_app("json"),
    "api_factors.renew": with_app,
    "api_passwords.forgot": {"json": {"email": "nobody@example.com"}},
    "api_passwords.reset": fact("link", "token", password=NEW),
    "api_passwords.change": {"json": {"current": PASSWORD, "password": NEW}},
    "api_tokens.issue": credentials("json"),
    "api_tokens.refresh": fact("refresh", "refresh_token"),
    "api_tokens.revoke": fact("refresh", "refresh_token"),
    "api_identities.callback": back_from_elsewhere,
    "api_administration.change": {"json": {"suspended": True}},
    "api_avatars.change": UPLOAD,
    "api_bookings.hold": wanted_hour,
    "api_bookings.decline": {"json": {"reason": "I travel."}},
    "api_bookings.cancel": {"json": {"reason": "I travel."}},
    "api_clients.change": {"json": {"phone": "9876543210"}},
    "api_developers.describe": {"json": PROFILE},
    "api_developers.offer": {"json": HOURS},
    "api_jobs.deliver": {"json": {"note": "Done."}},
    "api_jobs.request_changes": {"json": {"notes": "Explain step 3."}},
}

HELD, REQUESTED, CONFIRMED, DELIVERED = "held", "requested", "confirmed", "delivered"
STATES: Mapping[str, str] = {
    "bookings.pay": HELD,
    "bookings.release": HELD,
    "bookings.accept": REQUESTED,
    "bookings.decline": REQUESTED,
    "bookings.cancel": REQUESTED,
    "bookings.back": HELD,
    "bookings.back_state": HELD,
    "jobs.approve": DELIVERED,
    "jobs.request_changes": DELIVERED,
    "api_bookings.checkout": HELD,
    "api_bookings.release": HELD,
    "api_bookings.accept": REQUESTED,
    "api_bookings.decline": REQUESTED,
    "api_bookings.cancel": REQUESTED,
    "api_jobs.approve": DELIVERED,
    "api_jobs.request_changes": DELIVERED,
}
"""In which a booking takes what is asked; any other route takes a confirmed one."""
