"""The present code opens a data directory of version 0.1.0 and runs its bookings to their end."""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncIterator
from pathlib import Path

import pyotp
import pytest

from core.booking_numbers import number_of
from core.policy import DAY, HOUR
from core.vocabulary import VOCABULARY
from services.developers import SearchCriteria
from tests.process.old_data import FACTS, MOMENT, RECURRING, Site, opened, unpacked
from tests.process.running import RunningApp

pytestmark = pytest.mark.process

PROGRAM = FACTS["program"]["answer"]["id"]
EMAILS = [f"{name}@example.com" for name in FACTS["accounts"]]
ERASED = "nils@example.com"
ENDS = {
    "accepted": ("cancelled", "refunded", "cancelled"),
    "cancelled": ("cancelled", "refunded", "cancelled"),
    "changes": ("cancelled", "refunded", "cancelled"),
    "completed": ("completed", "received", "approved"),
    "confirmed": ("cancelled", "refunded", "cancelled"),
    "declined": ("declined", "refunded", "cancelled"),
    "delivered": ("completed", "received", "approved"),
    "expired": ("expired", "expired", None),
    "given_back": ("cancelled", "expired", None),
    "heard": ("cancelled", "refunded", "cancelled"),
    "held": ("expired", "expired", None),
    "left": ("expired", "expired", None),
    "other_amount": ("expired", "expired", None),
    "overdue": ("cancelled", "refunded", "cancelled"),
    "program": ("expired", "expired", None),
    "refused": ("declined", "refunded", "cancelled"),
    "released": ("cancelled", "expired", None),
    "requested": ("cancelled", "refunded", "cancelled"),
    "trying": ("expired", "expired", None),
    "twice": ("cancelled", "refunded", "cancelled"),
    "unopened": ("expired", "expired", None),
}
"""How each booking ends when nobody does anything more: booking, payment, job."""

MAILS = {
    ("accepted", "accepted"): 1,
    ("accepted", "not_delivered"): 2,
    ("accepted", "refunded"): 1,
    ("accepted", "remind_delivery"): 2,
    ("cancelled", "refunded"): 1,
    ("changes", "not_delivered"): 2,
    ("changes", "refunded"): 1,
    ("confirmed", "not_delivered"): 2,
    ("confirmed", "refunded"): 1,
    ("confirmed", "remind_delivery"): 2,
    ("delivered", "approved"): 1,
    ("delivered", "released"): 1,
    ("delivered", "remind_review"): 2,
    ("heard", "auto_cancelled"): 2,
    ("heard", "paid"): 1,
    ("heard", "refunded"): 1,
    ("heard", "remind_answer"): 1,
    ("heard", "requested"): 1,
    ("overdue", "not_delivered"): 2,
    ("overdue", "refunded"): 1,
    ("overdue", "remind_delivery"): 2,
    ("refused", "declined"): 1,
    ("refused", "refunded"): 1,
    ("requested", "auto_cancelled"): 2,
    ("requested", "refunded"): 1,
    ("requested", "remind_answer"): 1,
    ("trying", "expired"): 1,
    ("twice", "auto_cancelled"): 2,
    ("twice", "refunded"): 1,
    ("twice", "remind_answer"): 1,
}
"""How many mails of which kind a booking still sends; `not_delivered` and `auto_cancelled` go to
both sides, two reminders come before a deadline."""


def name_of(booking_id: str) -> str:
    return "program" if booking_id == PROGRAM else booking_id.removeprefix("bkg_")


@pytest.fixture
async def site(tmp_path: Path) -> AsyncIterator[Site]:
    async with opened(tmp_path) as site:
        yield site


@pytest.fixture(scope="module")
async def unchanged(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Site]:
    """The old data as the new version opens it, for tests that only read."""
    async with opened(tmp_path_factory.mktemp("unchanged")) as site:
        yield site


@pytest.fixture(scope="module")
async def ended(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Site]:
    """The old data after everything that was due, and all that followed from it, was done."""
    async with opened(tmp_path_factory.mktemp("ended")) as site:
        await site.run_to_the_end()
        yield site


async def test_users_of_0_1_0_sign_in(site: Site) -> None:
    app = pyotp.TOTP(FACTS["authenticator"]["secret"])

    wants = {email: await site.log_in(email) for email in EMAILS if email != ERASED}
    by_app = await site.finish_log_in(FACTS["waiting_session"]["cookie"], app.at(MOMENT))
    by_identity = await site.sign_in_with_provider("meera")

    assert wants == {
        "meera@example.com": None,
        "rohan@example.com": None,
        "tara@example.com": "totp",
        "lucia@example.com": "email",
        "arjun@example.com": "email",
        "asha@example.com": "email",
    }
    assert (by_app, by_identity) == ("tara@example.com", "meera@example.com")
    assert await site.flaws() == ()


async def test_profiles_of_0_1_0_are_found_by_words_and_skills(unchanged: Site) -> None:
    published = await unchanged.rows("developers", published=True)
    assert published
    for profile in published:
        words = [profile["name"], profile["headline"], *profile["skills"]]
        for word in " ".join(words).split():
            found = await unchanged.search(SearchCriteria(q=word, limit=100))
            usable = VOCABULARY.query_words(word)
            assert (profile["_id"] in found) is bool(usable), word
        for skill in profile["skills"]:
            assert profile["_id"] in await unchanged.search(SearchCriteria(skills=(skill.upper(),)))


@pytest.mark.long
async def test_every_kind_of_outbox_message_of_0_1_0_still_runs(
    unchanged: Site, ended: Site
) -> None:
    waiting = await unchanged.rows("effects", state="ready")

    rows = {row["_id"]: row for row in await ended.rows("effects")}

    assert Counter(row["kind"] for row in waiting) == FACTS["ready"]
    assert {rows[row["_id"]]["state"] for row in waiting} == {"done"}
    left = [row for row in rows.values() if row["state"] not in ("done", "void")]
    assert {row["kind"] for row in left} == {*RECURRING}
    assert await ended.flaws() == ()


@pytest.mark.long
async def test_bookings_of_0_1_0_run_to_their_end(ended: Site) -> None:
    jobs = {row["booking_id"]: row["status"] for row in await ended.rows("jobs")}
    payments = {row["booking_id"]: row["status"] for row in await ended.rows("payments")}

    ends = {
        name_of(row["_id"]): (row["status"], payments[row["_id"]], jobs.get(row["_id"]))
        for row in await ended.rows("bookings")
    }

    assert ends == ENDS


async def test_bookings_of_0_1_0_have_the_numbers_they_are_shown_with(unchanged: Site) -> None:
    rows = await unchanged.rows("bookings")

    assert {row["_id"]: row["number"] for row in rows} == {
        row["_id"]: number_of(row["_id"]) for row in rows
    }
    assert len(rows) == len(ENDS)


@pytest.mark.long
async def test_the_ledger_of_0_1_0_agrees_with_the_provider_at_the_end(ended: Site) -> None:
    balances: Counter[str] = Counter()
    for entry in await ended.rows("transactions"):
        assert sum(line["amount"]["amount"] for line in entry["lines"]) == 0, entry
        for line in entry["lines"]:
            balances[line["account"]] += line["amount"]["amount"]

    at_provider = await ended.provider("GET", "books")

    assert {account: amount for account, amount in balances.items() if amount} == {
        "gateway:cashfree": -at_provider["balance"],
        "fees": 48_000 + 18_005 + 12_000,
        f"developer:{FACTS['developers']['lucia']}": 432_000 + 108_000,
        f"developer:{FACTS['developers']['arjun']}": 162_045,
        "suspense:pay_other_amount": 100_000,
    }


@pytest.mark.long
async def test_mails_that_0_1_0_had_still_to_send_are_sent_once(ended: Site) -> None:
    sent = Counter(message.id.split(".acc_")[0] for message in ended.mailer.sent)

    bookings = {
        (name_of(booking), kind): times
        for (booking, _, kind), times in ((name.partition("."), n) for name, n in sent.items())
        if booking.startswith("bkg_")
    }
    others = Counter(name.partition(".")[0] for name in sent if not name.startswith("bkg_"))

    assert bookings == MAILS
    assert others == {"erased": 1, "code": 1, "reset": 2}


@pytest.mark.long
async def test_an_early_delivery_of_0_1_0_is_released_after_the_booked_time(site: Site) -> None:
    """Its job has no booked end, and its review, deadline and reminders count from the delivery."""
    start = MOMENT + 20 * DAY
    (booking,) = await site.rows("bookings", _id="bkg_delivered")
    end = start + booking["hours"] * HOUR
    await site.database["bookings"].update_one({"_id": booking["_id"]}, {"$set": {"start": start}})
    await site.database["jobs"].update_one(
        {"booking_id": booking["_id"]}, {"$set": {"deliver_by": end + 14 * DAY}}
    )
    (job,) = await site.rows("jobs", booking_id=booking["_id"])

    await site.run_to_the_end()

    approved = await site.rows("timeline", booking_id=booking["_id"], what="approved")
    reminders = [m.id for m in site.mailer.sent if m.id.startswith("bkg_delivered.remind_review")]
    assert "booked_end" not in job
    assert job["approve_by"] < start
    assert [row["at"] for row in approved] == [end + 72 * HOUR]
    assert len(reminders) == 1


async def test_the_running_application_opens_a_data_directory_of_0_1_0(tmp_path: Path) -> None:
    unpacked(tmp_path)
    program = FACTS["program"]

    async with RunningApp(tmp_path) as app:
        browser = app.api_client()
        browser.http.cookies.set("onehour", FACTS["session"]["cookie"])
        me = await browser.get("/me")
        bookings = await browser.get("/bookings", limit=50)
        picture = await browser.http.get(FACTS["avatar"])
        token = {"refresh_token": program["refresh_token"]}
        tokens = (await browser.http.post("/api/v1/auth/token/refresh", json=token)).json()
        again = await app.api_client().http.post(
            "/api/v1/bookings",
            content=program["body"],
            headers={
                "Authorization": f"Bearer {tokens['access_token']}",
                "Content-Type": "application/json",
                "Idempotency-Key": program["key"],
            },
        )
        mails = (await browser.http.get("/dev/mail.json")).json()

    assert me["email"] == FACTS["session"]["of"]
    assert {name_of(each["id"]) for each in bookings["items"]} == {
        "cancelled", "completed", "delivered", "expired", "held", "overdue", "program",
        "requested", "twice", "unopened",
    }  # fmt: skip
    assert picture.content[:4] == b"RIFF"
    assert (again.status_code, again.json()) == (201, program["answer"])
    assert [mail["subject"] for mail in mails] == ["A mail of the first of June"]
