"""A person's own data: the export is complete, and the erasure too."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import orjson
import pytest

from core.accounts import ERASED_NAME, Account, AccountId, Role, WrongPassword
from core.billing import TaxParty
from core.bookings import Booking, Status
from core.codes import Purpose, code_id
from core.developers import Developer
from core.errors import Invalid
from core.notice_preferences import QuietHours
from core.outbox import State
from core.policy import HOUR
from core.sessions import Caller
from core.suppressions import Suppression
from onehour.testing.pictures_samples import BLUE, plain
from services.accounts.personal_data import StillOpen
from tests.app import CALLER, PASSWORD, MemoryApp

PHONE = "9876501234"
BRIEF = "canary-brief"
BIO, HEADLINE = "canary-bio", "canary-headline"
DAYS = timedelta(days=1)


@dataclass
class PersonWithData:
    """A client about whom everything is stored that can be, and the developer she booked."""

    app: MemoryApp
    account: Account
    lucia: Developer
    done: Booking
    called_off: Booking

    @property
    def words(self) -> tuple[str, ...]:
        """Text that is stored only in her data."""
        return ("Zubeida", "Canaryclient", self.account.email, PHONE, BRIEF)


async def book(app: MemoryApp, client: Account, developer: Developer, **fields: Any) -> Booking:
    usual: dict[str, Any] = {
        "start": app.clock.now() + 3 * DAYS, "hours": 1, "brief": f"{BRIEF} of {client.id}",
    }  # fmt: skip
    return (
        await app.services.bookings.hold(
            by=client.id, developer_id=developer.id, **{**usual, **fields}
        )
    ).booking


async def paid(app: MemoryApp, booking: Booking) -> Booking:
    await app.pay(booking)
    await app.settle(booking)
    await app.run()
    return await app.booking(booking.id)


async def completed(app: MemoryApp, client: Account, developer: Developer) -> Booking:
    booking = await paid(app, await book(app, client, developer))
    await app.services.answers.accept(booking.id, by=developer.account_id)
    await app.run()
    job = await app.job(booking)
    await app.services.jobs.deliver(job.id, by=developer.account_id, note="First.")
    await app.services.jobs.request_changes(job.id, by=client.id, notes="Explain step 3.")
    await app.services.jobs.deliver(job.id, by=developer.account_id, note="Second.")
    await app.services.jobs.approve(job.id, by=client.id)
    await app.run()
    return await app.booking(booking.id)


@pytest.fixture
async def zubeida(app: MemoryApp) -> PersonWithData:
    account, _ = await app.client("Zubeida Canaryclient")
    await app.services.clients.update(by=account.id, phone=PHONE)
    await app.services.avatars.change(by=account.id, upload=plain("PNG", (300, 300), BLUE))
    lucia = await app.developer()
    done = await completed(app, account, lucia)
    start = app.clock.now() + 5 * DAYS
    called_off = await paid(app, await book(app, account, lucia, start=start))
    await app.services.answers.decline(called_off.id, by=lucia.account_id, reason="I travel.")
    await app.run()
    await leave_traces(app, account)
    return PersonWithData(app, account, lucia, done, called_off)


async def leave_traces(app: MemoryApp, account: Account) -> None:
    """A program, an account elsewhere, a wrong password, a code, a new address, a refused mail, a
    browser for messages, and choices."""
    await app.services.tokens.issue(email=account.email, password=PASSWORD, otp=None, caller=CALLER)
    address = await app.services.identities.start("memory", caller=CALLER, link_to=account.id)
    person = app.identity_provider.person("zubeida", email=account.email)
    await app.services.identities.finish(
        "memory", app.identity_provider.consent(address, person), timezone="UTC", caller=CALLER,
        by=account.id,
    )  # fmt: skip
    with pytest.raises(WrongPassword):
        await app.services.sessions.log_in(
            email=account.email, password="wrong", caller=Caller("v", "192.0.2.1")
        )
    await app.services.passwords.request_reset(email=account.email, caller=CALLER)
    await app.services.accounts.request_new_email(
        account.id, email="zubeida-new@example.org", caller=CALLER
    )
    await app.services.push.subscribe(
        by=account.id, endpoint="https://push.example.com/send/zubeida", device="Firefox",
        key="BA" + "A" * 85, secret="A" * 22,
    )  # fmt: skip
    await app.services.notice_preferences.change(
        {("bookings", "push"): True}, QuietHours("21:47", "06:53"), by=account.id
    )
    company = TaxParty("Zubeida Traders", "1 Pier Road", "29", "", "29AAACK4821M1ZA")
    await app.services.billing.change(company, by=account.id)
    await app.run()
    for email in (account.email, "zubeida-new@example.org"):
        refused = Suppression(email, "No such mailbox.", app.clock.now())
        await app.store.repositories.suppressions.add(refused)


def tables(app: MemoryApp) -> Mapping[str, Mapping[object, object]]:
    rows: Mapping[str, Mapping[object, object]] = app.store._tables.rows  # type: ignore[attr-defined]
    return rows


def kept(app: MemoryApp, word: str) -> set[str]:
    """The tables in which a row, or its key, has the word; but for where the test's people
    register from, which stands for a network address."""
    return {
        name
        for name, rows in tables(app).items()
        for key, row in rows.items()
        if word.lower() in f"{key!r} {row!r}".lower() and "register-from:" not in str(key)
    }


def names_in(value: Any) -> list[str]:
    """Every name of every object in the document."""
    if isinstance(value, dict):
        return [*value, *(name for one in value.values() for name in names_in(one))]
    return [name for one in value for name in names_in(one)] if isinstance(value, list) else []


async def export(app: MemoryApp, account: Account) -> str:
    current = await app.store.repositories.accounts.get(account.id)
    document = await app.services.personal_data.export(current, CALLER)
    return orjson.dumps(document).decode()


async def erase(app: MemoryApp, account: Account) -> None:
    current = await app.store.repositories.accounts.get(account.id)
    await app.services.personal_data.erase(current, CALLER)
    await app.run()


async def test_the_export_holds_everything_that_is_stored_about_a_person(
    app: MemoryApp, zubeida: PersonWithData
) -> None:
    exported = orjson.loads(await export(app, zubeida.account))

    assert exported["account"]["email"] == zubeida.account.email
    assert exported["client"]["phone"] == PHONE
    assert {one["id"] for one in exported["bookings"]} == {zubeida.done.id, zubeida.called_off.id}
    assert {one["status"] for one in exported["payments"]} == {"received", "refunded"}
    assert [one["note"] for one in exported["deliveries"]] == ["First.", "Second."]
    assert {one["kind"] for one in exported["sessions"]} == {"browser", "program"}
    assert [one["provider"] for one in exported["sign_ins_elsewhere"]] == ["memory"]
    assert {"registered", "signed_in", "token_issued"} <= {
        one["what"] for one in exported["activity"]
    }
    assert len(exported["jobs"]) == 2
    assert exported["transactions"]
    for word in zubeida.words:
        assert word in str(exported), word


async def test_the_export_holds_no_secret(app: MemoryApp, zubeida: PersonWithData) -> None:
    lucia = await app.store.repositories.accounts.get(AccountId(zubeida.lucia.account_id))
    await app.services.factors.start_app_setup(lucia.id)
    for account in (zubeida.account, lucia):
        current = await app.store.repositories.accounts.get(account.id)
        document = await export(app, account)

        secrets: list[str | None] = [
            current.password_hash,
            current.totp.nonce if current.totp else None,
        ]
        for session in await app.store.repositories.sessions.of_account(account.id):
            secrets += [session.id, session.csrf_seed and f'"{session.csrf_seed}"']
        for secret in filter(None, secrets):
            assert secret not in document
        named = " ".join(names_in(orjson.loads(document)))
        for name in ("password_hash", "totp", "nonce", "csrf", "seal", "digest", "token"):
            assert name not in named


async def test_the_export_holds_nothing_of_anybody_else(
    app: MemoryApp, zubeida: PersonWithData
) -> None:
    (nils, _), admin = await app.client("Nils Aasen"), await app.admin()
    await app.services.clients.update(by=nils.id, phone="9123456780")
    await app.services.developers.update_profile(
        by=zubeida.lucia.account_id, headline=HEADLINE, bio=BIO, skills=("Rust",),
        languages=("English",), rate=zubeida.lucia.rate, revisions=2, published=True,
    )  # fmt: skip
    start = app.clock.now() + 7 * DAYS
    await book(app, nils, zubeida.lucia, start=start, brief="brief-of-nils")
    await app.services.administration.get(zubeida.account.id, by=admin, caller=CALLER)
    await app.run()
    lucia = await app.store.repositories.accounts.get(AccountId(zubeida.lucia.account_id))

    hers, lucias = await export(app, zubeida.account), await export(app, lucia)

    for word in (lucia.email, HEADLINE, BIO, nils.email, nils.id, "Nils", "9123456780",
                 "brief-of-nils", admin.id, admin.email, "Asha"):  # fmt: skip
        assert word not in hers, word
    assert zubeida.lucia.name in hers, "whom she booked stands on her bookings"
    for word in (zubeida.account.email, nils.email, PHONE, "9123456780"):
        assert word not in lucias, word


async def test_an_export_is_listed_in_the_activity(app: MemoryApp, zubeida: PersonWithData) -> None:
    await export(app, zubeida.account)
    await app.run()

    entries, _ = await app.services.audit.recent(by=zubeida.account.id, limit=100)
    assert "exported" in [entry.what for entry in entries]


async def test_an_account_with_a_booking_under_way_is_not_erased(app: MemoryApp) -> None:
    meera, _ = await app.client()
    lucia = await app.developer()
    lucias = await app.store.repositories.accounts.get(AccountId(lucia.account_id))

    async def both_stay() -> None:
        for account in (meera, lucias):
            with pytest.raises(StillOpen):
                await erase(app, account)

    booking = await app.hold(meera, lucia)
    await both_stay()
    await paid(app, booking)
    await both_stay()
    await app.services.answers.accept(booking.id, by=lucia.account_id)
    await app.run()
    await both_stay()
    job = await app.job(booking)
    await app.services.jobs.deliver(job.id, by=lucia.account_id, note="Done.")
    await both_stay()
    await app.services.jobs.approve(job.id, by=meera.id)
    await app.run()

    with pytest.raises(StillOpen, match="not paid out"):
        await erase(app, lucias)
    await erase(app, meera)
    assert (await app.store.repositories.accounts.get(lucias.id)).name == lucias.name


async def test_nothing_of_an_erased_client_is_left_but_what_must_stay(
    app: MemoryApp, zubeida: PersonWithData
) -> None:
    assert "avatars" in tables(app)
    before = {word: kept(app, word) for word in zubeida.words}
    assert all(before.values()), before

    await erase(app, zubeida.account)
    await app.pass_time(2 * HOUR)

    assert {word: kept(app, word) - {"outbox"} for word in (*zubeida.words, "zubeida-new")} == {
        word: set() for word in (*zubeida.words, "zubeida-new")
    }
    assert tables(app)["avatars"] == {}
    assert await app.store.repositories.sessions.of_account(zubeida.account.id) == []
    assert await app.services.identities.list_linked(zubeida.account.id) == []
    for purpose in Purpose:
        assert await app.store.repositories.codes.find(code_id(purpose, zubeida.account.id)) is None


async def test_an_erased_address_is_in_the_outbox_only_until_the_sweeper_has_run(
    app: MemoryApp, zubeida: PersonWithData
) -> None:
    """Mails that were sent are kept for thirty days after they are done, then they are gone by
    themselves; no message that is due or dead has the address."""
    await erase(app, zubeida.account)
    await app.pass_time(2 * HOUR)

    for message in tables(app)["outbox"].values():
        if any(word in repr(message) for word in zubeida.words):
            assert message.kind in ("accounts.mail", "accounts.reset")  # type: ignore[attr-defined]
            assert message.state is State.DONE  # type: ignore[attr-defined]


async def test_nothing_of_an_erased_developer_is_left_and_nobody_finds_them(
    app: MemoryApp,
) -> None:
    meera, _ = await app.client()
    yolanda = await app.developer("Yolanda Canarydev", bio=BIO, headline=HEADLINE)
    account = await app.store.repositories.accounts.get(AccountId(yolanda.account_id))
    await app.services.avatars.change(by=account.id, upload=plain("PNG", (300, 300), BLUE))
    booking = await paid(app, await book(app, meera, yolanda))
    await app.services.answers.decline(booking.id, by=account.id, reason="I travel.")
    await app.run()
    words = ("Yolanda", "Canarydev", account.email, BIO, HEADLINE)
    assert all(kept(app, word) - {"outbox"} for word in words)

    await erase(app, account)
    await app.pass_time(2 * HOUR)

    assert {word: kept(app, word) - {"outbox"} for word in words} == {w: set() for w in words}
    assert tables(app)["avatars"] == {}
    left = await app.store.repositories.developers.get(yolanda.id)
    assert (left.name, left.published, left.avatar) == (ERASED_NAME, False, None)


async def test_the_other_side_still_sees_the_booking_and_the_work(
    app: MemoryApp, zubeida: PersonWithData
) -> None:
    by = zubeida.lucia.account_id
    before = await app.balances()

    await erase(app, zubeida.account)

    booking = await app.services.bookings.get(zubeida.done.id, by=by)
    job = await app.services.jobs.get((await app.job(booking)).id, by=by)
    assert (booking.client.name, booking.status, booking.price) == (
        ERASED_NAME, Status.COMPLETED, zubeida.done.price,
    )  # fmt: skip
    assert (booking.brief, booking.developer.name) == ("", zubeida.lucia.name)
    assert (job.client.name, job.developer.name) == (ERASED_NAME, zubeida.lucia.name)
    assert [each.note for each in await app.store.repositories.deliveries.of_job(job.id)] == [
        "First.", "Second.",
    ]  # fmt: skip
    assert await app.balances() == before
    assert (await app.services.audit.verify_all()).flaws == ()


async def test_the_person_gets_one_last_mail_and_is_signed_out_at_once(
    app: MemoryApp, zubeida: PersonWithData
) -> None:
    app.store.repositories.suppressions._table.delete(zubeida.account.email)  # type: ignore[attr-defined]
    await erase(app, zubeida.account)

    assert app.mailer.to(zubeida.account.email)[-1].subject == "Your account is erased"
    with pytest.raises(WrongPassword):
        await app.services.sessions.log_in(
            email=zubeida.account.email, password=PASSWORD, caller=CALLER
        )
    assert [m.to for m in app.mailer.sent if "erased.invalid" in m.to] == []


async def test_the_address_may_be_registered_again_for_a_new_account(
    app: MemoryApp, zubeida: PersonWithData
) -> None:
    await erase(app, zubeida.account)
    app.clock.advance(2 * HOUR)

    await app.services.accounts.register(
        role=Role.CLIENT, name="Somebody New", email=zubeida.account.email, password=PASSWORD,
        timezone="UTC", caller=CALLER,
    )  # fmt: skip
    await app.run()
    signed_in = await app.services.accounts.verify_email(
        email=zubeida.account.email, code=app.code_for(zubeida.account.email), caller=CALLER
    )

    assert signed_in.account.id != zubeida.account.id
    bookings, _ = await app.services.bookings.of_account(by=signed_in.account.id)
    assert bookings == ()


async def test_nobody_can_keep_an_account_from_being_erased_by_taking_its_place(
    app: MemoryApp, zubeida: PersonWithData
) -> None:
    with pytest.raises(Invalid):
        await app.services.accounts.register(
            role=Role.CLIENT, name="Mallory", email=f"{zubeida.account.id}@erased.invalid",
            password=PASSWORD, timezone="UTC", caller=CALLER,
        )  # fmt: skip

    await erase(app, zubeida.account)
    assert (await app.store.repositories.accounts.get(zubeida.account.id)).erased


async def test_erasing_twice_at_once_erases_once(app: MemoryApp, zubeida: PersonWithData) -> None:
    erasing = app.services.personal_data.erase
    current = await app.store.repositories.accounts.get(zubeida.account.id)

    await asyncio.gather(erasing(current, CALLER), erasing(current, CALLER), return_exceptions=True)
    await app.run()

    subjects = [mail.subject for mail in app.mailer.to(current.email)]
    assert subjects.count("Your account is erased") == 1


@pytest.mark.parametrize("side", ["client", "developer"])
@pytest.mark.parametrize("steps", [0, 2, 4, 6, 8, 12, 30])
async def test_a_booking_made_in_the_moment_of_erasing_keeps_no_name_and_no_money(
    app: MemoryApp, side: str, steps: int
) -> None:
    zubeida, _ = await app.client("Zubeida Canaryclient")
    yolanda = await app.developer("Yolanda Canarydev")
    name = {"client": "Zubeida", "developer": "Yolanda"}[side]
    leaving = zubeida.id if side == "client" else AccountId(yolanda.account_id)

    async def leave() -> None:
        for _ in range(steps):
            await asyncio.sleep(0)
        await erase(app, await app.store.repositories.accounts.get(leaving))

    booked, left = await asyncio.gather(
        book(app, zubeida, yolanda), leave(), return_exceptions=True
    )
    assert isinstance(booked, Booking) or left is None
    await app.pass_time(4 * HOUR)

    if left is None:
        assert kept(app, name) - {"outbox"} == set()
        if isinstance(booked, Booking):
            assert (await app.booking(booked.id)).status is Status.EXPIRED
    else:
        assert isinstance(left, StillOpen)


async def test_a_booking_paid_in_the_moment_of_its_developers_leaving_is_paid_back(
    app: MemoryApp,
) -> None:
    meera, _ = await app.client()
    yolanda = await app.developer("Yolanda Canarydev")
    booking = await book(app, meera, yolanda)
    # As if the hold had been written between the check and the erasure.
    row = tables(app)["bookings"].pop(booking.id)  # type: ignore[attr-defined]
    await erase(app, await app.store.repositories.accounts.get(AccountId(yolanda.account_id)))
    tables(app)["bookings"][booking.id] = row  # type: ignore[index]

    requested = await paid(app, booking)
    assert requested.status is Status.REQUESTED
    for _ in range(30):
        await app.pass_time(HOUR)

    ended = await app.booking(booking.id)
    assert ended.status is Status.CANCELLED
    assert await app.balances() == {}
    assert kept(app, "Yolanda") - {"outbox"} == set()
