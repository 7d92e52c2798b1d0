"""The audit trail: written with the change, recorded once by relays, and verified."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace

import pytest

from adapters.memory.store import MemoryStore
from adapters.memory.tables import Table
from core.audit import Entry, Head, RecordEntry, audit_message, chain_key
from core.errors import Forbidden
from core.money import Money
from core.policy import HOUR
from core.transactions import Kind
from onehour.audit import AuditTrailBroken
from onehour.audit import verify as verify_command
from ports.store import Repositories
from services.accounts.audit import AuditService, VerificationReport
from services.payments.ledger import ACTIVITY_OF
from tests.app import MONDAY, MemoryApp

KEY = chain_key(b"a key for tests")


def rows(app: MemoryApp) -> Table[Entry]:
    """What somebody who can write the database can write."""
    assert isinstance(app.store, MemoryStore)
    stored: Table[Entry] = app.store.repositories.audit.table
    return stored


async def on_record(app: MemoryApp, account: str, *whats: str) -> None:
    message = (audit_message(what, "a fact", account=account, at=app.clock.now()) for what in whats)
    await app.store.repositories.outbox.add(*message)
    await app.run()


async def chain_of(app: MemoryApp, account: str) -> list[Entry]:
    return [entry async for entry in app.store.repositories.audit.chain(account)]


async def money_of(app: MemoryApp, account: str) -> list[tuple[str, str, int]]:
    """What moved, by whom, how many paise; sorted, since relays record in any order."""
    return sorted(
        (entry.what, entry.actor, int(entry.detail["amount"]))
        for entry in await chain_of(app, account)
        if "amount" in entry.detail
    )


async def test_a_change_that_is_rolled_back_is_not_recorded(app: MemoryApp) -> None:
    async def step(repositories: Repositories) -> None:
        await repositories.outbox.add(
            audit_message("exported", "1", account="acc_x", at=app.clock.now())
        )
        raise Forbidden

    with pytest.raises(Forbidden):
        await app.store.transact(step)
    await app.run()

    assert await chain_of(app, "acc_x") == []


async def test_a_fact_delivered_twice_is_recorded_once(app: MemoryApp) -> None:
    message = audit_message("exported", "1", account="acc_x", at=app.clock.now())
    await app.store.repositories.outbox.add(message)
    await app.run()

    await app.services.audit.record(RecordEntry.decode(message.payload))
    await asyncio.gather(
        *(app.services.audit.record(RecordEntry.decode(message.payload)) for _ in range(5))
    )

    assert [entry.what for entry in await chain_of(app, "acc_x")] == ["exported"]


async def test_fifty_relays_append_to_one_chain_without_gap_or_loss(app: MemoryApp) -> None:
    now = app.clock.now()
    facts = [
        RecordEntry.decode(audit_message("step_up", f"{n}", account="acc_x", at=now).payload)
        for n in range(50)
    ]

    await asyncio.gather(*map(app.services.audit.record, facts))

    chain = await chain_of(app, "acc_x")
    assert [entry.seq for entry in chain] == list(range(1, 51))
    assert {entry.key for entry in chain} == {fact.key for fact in facts}
    assert await app.services.audit.verify("acc_x") == ()


async def test_people_read_their_own_chain_and_admins_all(app: MemoryApp) -> None:
    await on_record(app, "acc_x", "totp_on")
    await on_record(app, "acc_y", "totp_on", "exported")
    audit = app.services.audit

    mine, _ = await audit.recent(by="acc_x")
    every, _ = await audit.all()
    exports, _ = await audit.all(what="exported")

    assert [entry.account_id for entry in mine] == ["acc_x"]
    assert {(entry.account_id, entry.what) for entry in every} >= {
        ("acc_x", "totp_on"), ("acc_y", "totp_on"), ("acc_y", "exported"),
    }  # fmt: skip
    assert [entry.account_id for entry in exports] == ["acc_y"]


# Money


async def test_each_movement_is_on_record_for_those_whose_money_it_is(app: MemoryApp) -> None:
    (client, _), developer = await app.client(), await app.developer()
    job = await app.delivered(client, developer)
    await app.services.jobs.approve(job.id, by=client.id)
    await app.run()

    booking = await app.booking(job.booking_id)
    price, earning = booking.price.amount, booking.earning.amount
    assert await money_of(app, client.id) == [
        ("booking_paid", client.id, price),
        ("money_released", client.id, price),
    ]
    assert await money_of(app, developer.account_id) == [("money_released", client.id, earning)]
    paid = next(e for e in await chain_of(app, client.id) if e.what == "booking_paid")
    assert paid.detail == {
        "amount": str(price),
        "currency": "INR",
        "booking": booking.id,
        "number": booking.number,
    }


async def test_a_release_by_deadline_is_recorded_without_an_actor(app: MemoryApp) -> None:
    (client, _), developer = await app.client(), await app.developer()
    job = await app.delivered(client, developer)
    assert job.approve_by

    await app.pass_time(job.approve_by - app.clock.now())

    earning = (await app.booking(job.booking_id)).earning.amount
    assert await money_of(app, developer.account_id) == [("money_released", "house", earning)]


async def test_a_refund_is_recorded_when_it_is_requested_and_when_it_is_made(
    app: MemoryApp,
) -> None:
    (client, _), developer = await app.client(), await app.developer()
    booking = await app.paid(client, developer)
    await app.services.answers.decline(booking.id, by=developer.account_id)
    await app.run()

    price = booking.price.amount
    assert await money_of(app, client.id) == [
        ("booking_paid", client.id, price),
        ("money_refunded", "provider", price),
        ("refund_owed", developer.account_id, price),
    ]
    assert await money_of(app, developer.account_id) == []


async def test_a_late_cancellation_puts_both_parts_on_record(app: MemoryApp) -> None:
    (client, _), developer = await app.client(), await app.developer()
    booking = await app.confirmed(client, developer)
    app.clock.advance(booking.start - 13 * HOUR - app.clock.now())
    await app.services.answers.cancel(booking.id, by=client.id)
    await app.run()

    half = booking.price.percent(50).amount
    assert await money_of(app, client.id) == [
        ("booking_paid", client.id, booking.price.amount),
        ("money_refunded", "provider", half),
        ("money_released", client.id, half),
        ("refund_owed", client.id, half),
    ]
    share = half - booking.fee.amount // 2
    assert await money_of(app, developer.account_id) == [("money_released", client.id, share)]


async def test_a_second_payment_is_on_record(app: MemoryApp) -> None:
    (client, _), developer = await app.client(), await app.developer()
    booking = await app.paid(client, developer)
    await app.pay(booking)
    await app.settle(booking)
    await app.run()

    assert ("paid_twice", "provider", booking.price.amount) in await money_of(app, client.id)


async def test_money_of_a_wrong_amount_is_on_record(app: MemoryApp) -> None:
    (client, _), developer = await app.client(), await app.developer()
    booking = await app.hold(client, developer)
    app.gateway.pay(await app.order_of(booking), amount=Money(100))
    await app.settle(booking)
    await app.settle(booking)
    await app.run()

    assert await money_of(app, client.id) == [("money_held_back", "provider", 100)]


AUDITED_ELSEWHERE = {
    Kind.CLEAR,
    Kind.TAKE_BACK,
    Kind.GIVE_BACK,
    Kind.CHARGEBACK,
    Kind.CHARGEBACK_WON,
    Kind.CHARGEBACK_LOST,
    Kind.CHARGEBACK_FEE,
    Kind.WITHDRAW,
    Kind.PAYOUT,
    Kind.PAYOUT_REVERSAL,
    Kind.PAYOUT_FEE,
    Kind.REFUND_OTHERWISE,
}
"""Each step of a withdrawal or chargeback and each decision of an administrator has an audit entry
of its own, and money becomes ready at the time that its release has named."""


def test_every_kind_of_ledger_entry_has_an_audit_kind() -> None:
    assert set(ACTIVITY_OF) | AUDITED_ELSEWHERE == set(Kind)
    assert not set(ACTIVITY_OF) & AUDITED_ELSEWHERE


# Verifying


async def test_a_sound_trail_is_counted(app: MemoryApp, capsys: pytest.CaptureFixture[str]) -> None:
    await on_record(app, "acc_x", "totp_on", "totp_off")
    await on_record(app, "acc_y", "exported")

    assert await app.services.audit.verify_all() == VerificationReport(2, 3, ())
    found = await verify_command(app.store, app.clock, KEY)

    assert found == "The audit trail is intact: 2 chains, 3 entries."
    assert capsys.readouterr().out == ""
    assert await app.store.repositories.findings.open() == ()


def altered(app: MemoryApp, entry: Entry) -> None:
    rows(app).put(entry.key, replace(entry, address="198.51.100.0/24"))


def taken_out(app: MemoryApp, entry: Entry) -> None:
    rows(app).delete(entry.key)


@pytest.mark.parametrize(
    ("harm", "place", "found"),
    [
        (altered, 1, "acc_x, entry 2: was altered after it was recorded"),
        (taken_out, 1, "acc_x, entry 2: entry 2 is missing"),
        (taken_out, 2, "acc_x, entry 2: the chain was cut off: entry 3 is missing"),
    ],
)
async def test_changes_made_in_the_database_are_found_and_reported(
    app: MemoryApp,
    capsys: pytest.CaptureFixture[str],
    harm: Callable[[MemoryApp, Entry], None],
    place: int,
    found: str,
) -> None:
    await on_record(app, "acc_x", "totp_on", "totp_off", "exported")
    await on_record(app, "acc_y", "exported")
    harm(app, (await chain_of(app, "acc_x"))[place])

    with pytest.raises(AuditTrailBroken):
        await verify_command(app.store, app.clock, KEY)

    assert capsys.readouterr().out == f"{found}\n"
    (finding,) = await app.store.repositories.findings.open()
    assert (finding.kind, finding.subject, finding.at) == ("audit_broken", "acc_x", MONDAY)


async def test_a_chain_that_is_gone_as_a_whole_is_missed(app: MemoryApp) -> None:
    await on_record(app, "acc_x", "totp_on", "totp_off")
    for entry in await chain_of(app, "acc_x"):
        taken_out(app, entry)

    (flaw,) = (await app.services.audit.verify_all()).flaws

    assert flaw.detail == "the chain was cut off: entries 1 to 2 are missing"


async def test_after_harm_what_follows_is_still_recorded(app: MemoryApp) -> None:
    await on_record(app, "acc_x", "totp_on", "totp_off", "exported")
    altered(app, (await chain_of(app, "acc_x"))[0])

    await on_record(app, "acc_x", "erased")

    assert [e.what for e in await chain_of(app, "acc_x")][-1] == "erased"
    assert [flaw.seq for flaw in await app.services.audit.verify("acc_x")] == [1]


async def test_recording_while_verifying_raises_no_alarm(app: MemoryApp) -> None:
    audit, now = app.services.audit, app.clock.now()
    facts = [
        RecordEntry.decode(audit_message("step_up", f"{n}", account="acc_x", at=now).payload)
        for n in range(30)
    ]
    await audit.record(facts[0])

    verdicts = list[VerificationReport]()

    async def verify_again_and_again() -> None:
        for _ in range(30):
            verdicts.append(await audit.verify_all())

    await asyncio.gather(verify_again_and_again(), *map(audit.record, facts[1:]))

    assert {verdict.flaws for verdict in verdicts} == {()}
    assert len({verdict.entries for verdict in verdicts}) > 1


async def test_another_key_can_neither_verify_nor_make_valid_entries(app: MemoryApp) -> None:
    await on_record(app, "acc_x", "totp_on")
    other_key = AuditService(store=app.store, key=chain_key(b"a guess"))
    await other_key.record(
        RecordEntry.decode(audit_message("erased", "1", account="acc_x", at=MONDAY).payload)
    )

    found = await app.services.audit.verify("acc_x")

    assert [(flaw.seq, flaw.detail) for flaw in found] == [
        (2, "was altered after it was recorded"),
        (2, "the head of the chain was altered"),
    ]
    head = await app.store.repositories.audit.head("acc_x")
    assert head != Head("acc_x", 2, head.last if head else "").sealed(KEY)
