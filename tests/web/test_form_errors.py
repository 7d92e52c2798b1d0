"""A refused form names all wrong fields at once, beside them, and keeps what was typed."""

from __future__ import annotations

from dataclasses import dataclass, field

import pytest

from tests.app import PASSWORD
from tests.web.form_pages import ids, shown_errors, summary, values
from tests.web.site import SiteWithBooking, build_site_with_booking
from web.shared.access import Who
from web.shared.cookies import HEADER

TWO_WORDS = "Enter one address only, without a name and without spaces."
EMPTY_EMAIL = "Enter your e-mail address."
WRONG_EMAIL = "nobody at example"
UNKNOWN_ZONE = "We do not know this time zone. Choose one of the list, such as Asia/Kolkata."
LONG = "x" * 5000


@pytest.fixture
async def site() -> SiteWithBooking:
    return await build_site_with_booking()


@dataclass(frozen=True)
class Refused:
    """A form that is sent with wrong values, and the message of each wrong field."""

    path: str
    who: Who
    sent: dict[str, str]
    errors: dict[str, str]
    status: int = 422
    shown: dict[str, str] = field(default_factory=dict)
    """Where a field shows something else than what was sent."""


SIGN_UP = {"name": "", "email": "", "password": "", "timezone": ""}
FORMS = {
    "an empty sign-up": Refused(
        "/sign-up/client", Who.ANYONE, SIGN_UP,
        {
            "name": "Enter your name.",
            "email": EMPTY_EMAIL,
            "password": "Enter a password of at least 15 characters.",
            "timezone": "Choose a time zone.",
        },
        shown={"timezone": "Asia/Kolkata"},
    ),
    "a malformed sign-up": Refused(
        "/sign-up/developer", Who.ANYONE,
        {"name": "x" * 81, "email": WRONG_EMAIL, "password": "short", "timezone": "Mars/Base"},
        {
            "name": "Keep the name to 80 characters. It has 81.",
            "email": TWO_WORDS,
            "password": "This password has 5 characters. Use at least 8: three or four words you "
            "can remember work well.",
            "timezone": UNKNOWN_ZONE,
        },
    ),
    "an empty log-in": Refused(
        "/login", Who.ANYONE, {"email": "", "password": ""},
        {"email": EMPTY_EMAIL, "password": "Enter your password."},
    ),
    "a log-in with a malformed address": Refused(
        "/login", Who.ANYONE, {"email": WRONG_EMAIL, "password": PASSWORD},
        {"email": TWO_WORDS},
    ),
    "a log-in with a wrong password": Refused(
        "/login", Who.ANYONE, {"email": "meera@example.com", "password": "not the right one"},
        {"password": "The e-mail address or the password is wrong."}, status=401,
    ),
    "an empty code of an address": Refused(
        "/confirm", Who.ANYONE, {"email": "meera@example.com", "code": ""},
        {"code": "Enter the code."},
    ),
    "a forgotten password without an address": Refused(
        "/forgot", Who.ANYONE, {"email": ""}, {"email": EMPTY_EMAIL}
    ),
    "an empty second factor": Refused(
        "/login/code", Who.PENDING, {"code": " "}, {"code": "Enter the code."}
    ),
    "a short second factor": Refused(
        "/login/code", Who.PENDING, {"code": "123"},
        {"code": "The code has 6 digits. You entered 3."},
    ),
    "an account": Refused(
        "/account", Who.CLIENT, {"name": " ", "timezone": "Mars/Base", "phone": "12"},
        {
            "name": "Enter your name.",
            "timezone": UNKNOWN_ZONE,
            "phone": "Enter a phone number of 10 digits, without the country code.",
        },
    ),
    "an empty change of the password": Refused(
        "/account/security/password", Who.CLIENT, {"current": "", "password": ""},
        {
            "current": "Enter your current password.",
            "password": "Enter a password of at least 15 characters.",
        },
    ),
    "a wrong change of the password": Refused(
        "/account/security/password", Who.CLIENT, {"current": "wrong one", "password": "short"},
        {
            "current": "This is not your current password.",
            "password": "This password has 5 characters. Use at least 15: three or four words you "
            "can remember work well.",
        },
    ),
    "a new address": Refused(
        "/account/security/email", Who.CLIENT, {"email": ""}, {"email": EMPTY_EMAIL}
    ),
    "an erasure without the address": Refused(
        "/account/data/erase", Who.CLIENT, {"email": "somebody@example.com"},
        {"email": "This is not the address of this account."},
    ),
    "an empty profile": Refused(
        "/profile", Who.DEVELOPER, {"rate": "", "revisions": "", "skills": ""},
        {"rate": "Enter an amount in rupees.", "revisions": "Enter a number."},
        shown={"revisions": ""},
    ),
    "a malformed profile": Refused(
        "/profile", Who.DEVELOPER,
        {
            "headline": "x" * 121, "bio": LONG, "skills": ",".join(map(str, range(16))),
            "languages": "x" * 41, "rate": "much", "revisions": "11",
        },
        {
            "headline": "Keep the headline to 120 characters. It has 121.",
            "bio": "Keep the text to 4,000 characters. It has 5,000.",
            "skills": "Choose at most 15.",
            "languages": "Keep the language to 40 characters. It has 41.",
            "rate": "Enter an amount in rupees, for example 2,400 or 2400.50.",
            "revisions": "Offer between 0 and 10 rounds of changes.",
        },
        shown={"revisions": ""},
    ),
    "a booking without anything": Refused(
        "/developers/{developer}/book", Who.CLIENT, {"start": "", "brief": " "},
        {"start": "Select a time.", "brief": "Say in a sentence or two what it is about."},
        shown={"start": ""},
    ),
    "a booking with a wrong time and a long text": Refused(
        "/developers/{developer}/book", Who.CLIENT,
        {"start": "2026-12-05T06:07:00+00:00", "brief": LONG},
        {
            "start": "Bookings start on a quarter hour.",
            "brief": "Keep the text to 4,000 characters. It has 5,000.",
        },
        shown={"start": ""},
    ),
    "a long reason to cancel": Refused(
        "/bookings/{booking}/cancel", Who.CLIENT, {"reason": LONG, "refund": "480000"},
        {"reason": "Keep the reason to 1,000 characters. It has 5,000."},
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", FORMS)
async def test_a_refused_form_names_every_wrong_field_and_keeps_what_was_typed(
    site: SiteWithBooking, name: str
) -> None:
    form = FORMS[name]
    browser = await site.browser_for(form.who)
    path = form.path.format(developer=site.developer_id, booking=site.booking.id)
    before = site.changes

    answer = await browser.ask("POST", path, form={**form.sent, "csrf_token": browser.token})

    html = await answer.get_data(as_text=True)
    assert answer.status_code == form.status, html
    assert shown_errors(html) == form.errors
    assert summary(html) == list(form.errors)
    assert set(form.errors) <= ids(html), "each link of the summary leads to a field"
    assert 'role="alert" tabindex="-1" data-focus' in html
    again = values(html)
    for field_name, text in form.sent.items():
        expected = form.shown.get(field_name, text)
        assert expected in (again.get(field_name) or [""]), field_name
    assert "no-store" in answer.headers["Cache-Control"]
    throttled = form.path in ("/login", "/login/code", "/account/security/password")
    assert throttled or site.changes == before, "nothing is saved, not even the right fields"


async def test_a_password_is_shown_again_only_in_the_answer_to_the_request_that_brought_it(
    site: SiteWithBooking,
) -> None:
    browser = await site.browser_for()
    typed = "a-password-with-a-long-tail"
    form = {"email": WRONG_EMAIL, "password": typed, "csrf_token": browser.token}

    refused = await browser.ask("POST", "/login", form=form)
    _, later = await browser.look("/login")

    assert typed in await refused.get_data(as_text=True)
    assert typed not in later


API_ERRORS = {
    "registration": (
        "POST", "/api/v1/auth/register", Who.ANYONE,
        {"role": "client", "name": "", "email": "x", "password": "short", "timezone": "Mars"},
        {"name", "email", "password", "timezone"},
    ),
    "log-in": (
        "POST", "/api/v1/auth/login", Who.ANYONE, {"email": "", "password": ""},
        {"email", "password"},
    ),
    "token": (
        "POST", "/api/v1/auth/token", Who.ANYONE, {"email": "x", "password": ""},
        {"email", "password"},
    ),
    "account": (
        "PATCH", "/api/v1/me", Who.CLIENT, {"name": "", "timezone": "Mars"}, {"name", "timezone"},
    ),
    "password": (
        "POST", "/api/v1/auth/password/change", Who.CLIENT, {"current": "x", "password": "y"},
        {"current", "password"},
    ),
    "profile": (
        "PUT", "/api/v1/developers/me", Who.DEVELOPER,
        {
            "headline": "x" * 121, "bio": LONG, "skills": ["x" * 41], "languages": ["y" * 41],
            "rate": {"amount": 1}, "revisions": 99,
        },
        {"headline", "bio", "skills", "languages", "rate", "revisions"},
    ),
    "booking": (
        "POST", "/api/v1/bookings", Who.CLIENT,
        {
            "developer_id": "dev_x", "start": "2026-12-05T06:07:00Z", "hours": 99, "brief": " ",
        },
        {"start", "hours", "brief"},
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", API_ERRORS)
async def test_the_api_names_every_wrong_field_at_once(site: SiteWithBooking, name: str) -> None:
    method, path, who, body, fields = API_ERRORS[name]
    browser = await site.browser_for(who)

    answer = await browser.ask(method, path, json=body, headers={HEADER: browser.token})

    problem = await answer.get_json()
    assert (answer.status_code, problem["detail"]) == (422, "Several fields are not valid.")
    assert {each["field"] for each in problem["errors"]} == fields
    assert all(each["message"] for each in problem["errors"])


async def test_an_empty_password_is_an_empty_field_and_not_a_failed_log_in(
    site: SiteWithBooking,
) -> None:
    browser = await site.browser_for()
    form = {"email": site.client.email, "password": "", "csrf_token": browser.token}

    for _ in range(20):
        assert (await browser.ask("POST", "/login", form=form)).status_code == 422

    await browser.log_in(site.client)
