"""A refused form names all wrong fields at once, beside them, and keeps what was typed."""

from __future__ import annotations

from dataclasses import dataclass, field

import pytest

from core.chats import chat_id
from core.developers import DeveloperId
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
NO_TEXT = "Say in a few sentences what happened."
NO_AMOUNT = "Enter an amount in rupees, for example 2,400 or 2400.50."
TOO_MUCH = "The amount must be between nothing and all that is held."
ESCAPE = "The text contains a control character (U+001B, escape). Remove it."
NO_REASON = "Write the reason. Both sides read it."
NOT_READ = "Read the case first, then confirm it here."
NO_FILE = "One of the files does not exist. Upload it again."
TWICE = "The same file is attached twice."
NO_CLOCK = "Enter a time of day, such as 22:00."


@pytest.fixture
async def site() -> SiteWithBooking:
    return await build_site_with_booking()


def path_of(site: SiteWithBooking, path: str) -> str:
    return path.format(
        developer=site.developer_id, booking=site.booking.id, job=site.job_id,
        dispute=site.dispute_id, chat=chat_id(site.client.id, DeveloperId(site.developer_id)),
    )  # fmt: skip


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
        "/developers/{developer}/book", Who.CLIENT,
        {"start": "", "brief": " ", "files": "fil_1,fil_1"},
        {
            "start": "Select a time.",
            "brief": "Say in a sentence or two what it is about.",
            "files-brief": TWICE,
        },
        shown={"start": "", "files": ""},
    ),
    "a booking with a wrong time and a long text": Refused(
        "/developers/{developer}/book", Who.CLIENT,
        {"start": "2026-12-05T06:07:00+00:00", "brief": LONG, "files": "fil_1,fil_1"},
        {
            "start": "Bookings start on a quarter hour.",
            "brief": "Keep the text to 4,000 characters. It has 5,000.",
            "files-brief": TWICE,
        },
        shown={"start": "", "files": ""},
    ),
    "a long reason to cancel": Refused(
        "/bookings/{booking}/cancel", Who.CLIENT, {"reason": LONG, "refund": "480000"},
        {"reason": "Keep the reason to 1,000 characters. It has 5,000."},
    ),
    "a case without anything": Refused(
        "/jobs/{job}/problem", Who.CLIENT, {"text": " "},
        {"why": "Choose what is wrong.", "wish": "Choose what you wish.", "text": NO_TEXT},
    ),
    "a case with an amount that cannot be read": Refused(
        "/jobs/{job}/problem", Who.CLIENT,
        {"why": "other", "wish": "part", "amount": "much", "text": "x" * 8001},
        {"amount": NO_AMOUNT, "text": "Keep the text to 8,000 characters. It has 8,001."},
    ),
    "a case about more than is held": Refused(
        "/jobs/{job}/problem", Who.CLIENT,
        {"why": "other", "wish": "part", "amount": "999999", "text": "", "files": "fil_x"},
        {"amount": TOO_MUCH, "text": NO_TEXT, "files-evidence": NO_FILE}, shown={"files": ""},
    ),
    "an answer without anything": Refused(
        "/disputes/{dispute}/answer", Who.CLIENT, {"text": ""},
        {"wish": "Choose what you wish.", "text": NO_TEXT},
    ),
    "an answer about more than is held": Refused(
        "/disputes/{dispute}/answer", Who.CLIENT,
        {"wish": "part", "amount": "999999", "text": "\x1b"},
        {"amount": TOO_MUCH, "text": ESCAPE},
    ),
    "evidence without a text": Refused(
        "/disputes/{dispute}/evidence", Who.CLIENT, {"evidence": "\u2800", "files": "fil_x"},
        {"evidence": NO_TEXT, "files-evidence": NO_FILE}, shown={"files": ""},
    ),
    "an offer that cannot be read": Refused(
        "/disputes/{dispute}/offers", Who.CLIENT, {"refund": "much", "note": "x" * 1001},
        {"refund": NO_AMOUNT, "note": "Keep the note to 1,000 characters. It has 1,001."},
    ),
    "an offer of more than is held": Refused(
        "/disputes/{dispute}/offers", Who.CLIENT, {"refund": "999999", "note": "\x1b"},
        {"refund": TOO_MUCH, "note": ESCAPE.replace("text", "note")},
    ),
    "a question without a text": Refused(
        "/admin/disputes/{dispute}/ask", Who.ADMIN, {"question": ""}, {"question": NO_TEXT},
    ),
    "a decision without anything": Refused(
        "/admin/disputes/{dispute}/decide", Who.ADMIN,
        {"back": "other", "refund": "", "reason": ""},
        {"refund": "Enter an amount in rupees.", "reason": NO_REASON, "read": NOT_READ},
    ),
    "a decision about more than is held": Refused(
        "/admin/disputes/{dispute}/decide", Who.ADMIN,
        {"back": "other", "refund": "999999", "reason": LONG},
        {
            "refund": TOO_MUCH,
            "reason": "Keep the reason to 4,000 characters. It has 5,000.",
            "read": NOT_READ,
        },
    ),
    "a second step of a decision with wrong values": Refused(
        "/admin/disputes/{dispute}/settle", Who.ADMIN, {"back": "99999999", "reason": ""},
        {"refund": TOO_MUCH, "reason": NO_REASON}, shown={"back": "other"},
    ),
    "a move without a time": Refused(
        "/bookings/{booking}/reschedule", Who.CLIENT, {"start": "", "reason": LONG},
        {
            "start": "Select a time.",
            "reason": "Keep the reason to 1,000 characters. It has 5,000.",
        },
    ),
    "a move to a wrong time": Refused(
        "/bookings/{booking}/reschedule", Who.CLIENT,
        {"start": "2026-12-05T06:07:00+00:00", "reason": "\x1b"},
        {
            "start": "Bookings start on a quarter hour.",
            "reason": ESCAPE.replace("text", "reason"),
        },
        shown={"start": ""},
    ),
    "a delivery without a note": Refused(
        "/jobs/{job}/deliver", Who.DEVELOPER, {"note": "", "files": "fil_x"},
        {
            "files-delivery": NO_FILE,
            "note": "Write a sentence that explains it to the other side.",
        },
        shown={"files": ""},
    ),
    "a report without a reason": Refused(
        "/messages/{chat}/report", Who.DEVELOPER, {"reason": ""},
        {"reason": "Tell us what is wrong."},
    ),
    "quiet hours of other times": Refused(
        "/notifications/preferences", Who.CLIENT,
        {"quiet": "on", "quiet_start": "25:00", "quiet_end": "99:99"},
        {"quiet_start": NO_CLOCK, "quiet_end": NO_CLOCK},
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", FORMS)
async def test_a_refused_form_names_every_wrong_field_and_keeps_what_was_typed(
    site: SiteWithBooking, name: str
) -> None:
    form = FORMS[name]
    browser = await site.browser_for(form.who)
    path = path_of(site, form.path)
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
    counted = form.path in ("/login", "/login/code", "/account/security/password")
    recorded = form.path.startswith("/admin/disputes/")  # that the case was read
    assert counted or recorded or site.changes == before, (
        "nothing is saved, not even the right fields"
    )


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
    "a case": (
        "POST", "/api/v1/jobs/{job}/dispute", Who.CLIENT,
        {
            "reason": "other", "wish": {"kind": "part"}, "text": " ", "files": ["fil_x"],
        },
        {"refund", "text", "files"},
    ),
    "an answer": (
        "POST", "/api/v1/disputes/{dispute}/answer", Who.CLIENT,
        {
            "wish": {"kind": "part", "refund": {"amount": 99_999_999}}, "text": " ",
            "files": ["fil_x"],
        },
        {"refund", "text", "files"},
    ),
    "evidence": (
        "POST", "/api/v1/disputes/{dispute}/evidence", Who.CLIENT,
        {"text": "\x1b", "files": ["fil_x"]}, {"text", "files"},
    ),
    "an offer": (
        "POST", "/api/v1/disputes/{dispute}/offers", Who.CLIENT,
        {"refund": {"amount": 99_999_999}, "note": "\x1b"}, {"refund", "note"},
    ),
    "a move": (
        "POST", "/api/v1/bookings/{booking}/reschedule", Who.CLIENT,
        {"start": "2026-12-05T06:07:00Z", "reason": "\x1b"}, {"start", "reason"},
    ),
    "a delivery": (
        "POST", "/api/v1/jobs/{job}/deliveries", Who.DEVELOPER,
        {"note": " ", "files": ["fil_x"]}, {"note", "files"},
    ),
    "a message": (
        "POST", "/api/v1/chats/{chat}/messages", Who.CLIENT,
        {"client_id": "\x1b", "body": "\x1b", "files": ["fil_1", "fil_1"]},
        {"client_id", "body", "files"},
    ),
    "preferences": (
        "PUT", "/api/v1/notifications/preferences", Who.CLIENT,
        {"choices": [], "quiet": {"start": "25:00", "end": "99:99"}}, {"quiet_start", "quiet_end"},
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
    path = path_of(site, path)
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
