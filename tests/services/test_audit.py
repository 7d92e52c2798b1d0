"""The audit trail: written with the change, recorded once by relays, and verified."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace

import pytest

from adapters.memory.store import MemoryStore
from adapters.memory.tables import Rows
from core.audit import Entry, Head, audited, chain_key
from core.errors import Forbidden
from core.money import Money
from core.policy import HOUR
from core.transactions import Kind
from onehour.audit import TrailBroken
from onehour.audit import verify as verify_command
from ports.store import Books
from services.accounts.audit import AuditService, Verdict
from services.payments.ledger import AUDITED_AS
from tests.house import MONDAY, MemoryHouse

KEY = chain_key(b"a key for tests")


def rows(house: MemoryHouse) -> Rows[Entry]:
    """What somebody who can write the database can write."""
    assert isinstance(house.store, MemoryStore)
    return house.store.books.audit.rows


async def on_record(house: MemoryHouse, account: str, *whats: str) -> None:
    owed = (audited(what, "a fact", account=account, at=house.clock.now()) for what in whats)
    await house.store.books.effects.add(*owed)
    await house.run()


async def chain_of(house: MemoryHouse, account: str) -> list[Entry]:
    return [entry async for entry in house.store.books.audit.chain(account)]


async def money_of(house: MemoryHouse, account: str) -> list[tuple[str, str, int]]:
    """What moved, by whom, how many paise; sorted, since relays record in any order."""
    return sorted(
        (entry.what, entry.actor, int(entry.detail["amount"]))
        for entry in await chain_of(house, account)
        if "amount" in entry.detail
    )


async def test_a_change_that_is_rolled_back_is_not_on_record(house: MemoryHouse) -> None:
    async def step(books: Books) -> None:
        await books.effects.add(audited("exported", "1", account="acc_x", at=house.clock.now()))
        raise Forbidden

    with pytest.raises(Forbidden):
        await house.store.transact(step)
    await house.run()

    assert await chain_of(house, "acc_x") == []


async def test_a_fact_that_is_told_again_is_recorded_once(house: MemoryHouse) -> None:
    owed = audited("exported", "1", account="acc_x", at=house.clock.now())
    await house.store.books.effects.add(owed)
    await house.run()

    await house.services.audit.record(owed.payload)
    await asyncio.gather(*(house.services.audit.record(owed.payload) for _ in range(5)))

    assert [entry.what for entry in await chain_of(house, "acc_x")] == ["exported"]


async def test_fifty_relays_append_to_one_chain_without_gap_or_loss(house: MemoryHouse) -> None:
    now = house.clock.now()
    facts = [audited("step_up", f"{n}", account="acc_x", at=now).payload for n in range(50)]

    await asyncio.gather(*map(house.services.audit.record, facts))

    chain = await chain_of(house, "acc_x")
    assert [entry.seq for entry in chain] == list(range(1, 51))
    assert {entry.key for entry in chain} == {fact["key"] for fact in facts}
    assert await house.services.audit.verify("acc_x") == ()


async def test_people_read_their_own_chain_and_admins_all(house: MemoryHouse) -> None:
    await on_record(house, "acc_x", "totp_on")
    await on_record(house, "acc_y", "totp_on", "exported")
    audit = house.services.audit

    mine, _ = await audit.recent(by="acc_x")
    every, _ = await audit.all()
    exports, _ = await audit.all(what="exported")

    assert [entry.account_id for entry in mine] == ["acc_x"]
    assert {(entry.account_id, entry.what) for entry in every} >= {
        ("acc_x", "totp_on"), ("acc_y", "totp_on"), ("acc_y", "exported"),
    }  # fmt: skip
    assert [entry.account_id for entry in exports] == ["acc_y"]


# Money


async def test_each_movement_is_on_record_for_those_whose_money_it_is(house: MemoryHouse) -> None:
    (client, _), developer = await house.client(), await house.developer()
    job = await house.delivered(client, developer)
    await house.services.jobs.approve(job.id, by=client.id)
    await house.run()

    booking = await house.booking(job.booking_id)
    price, earning = booking.price.amount, booking.earning.amount
    assert await money_of(house, client.id) == [
        ("booking_paid", client.id, price),
        ("money_released", client.id, price),
    ]
    assert await money_of(house, developer.account_id) == [("money_released", client.id, earning)]
    paid = next(e for e in await chain_of(house, client.id) if e.what == "booking_paid")
    assert paid.detail == {"amount": str(price), "currency": "INR", "booking": booking.id}


async def test_a_release_by_deadline_is_nobodys_doing(house: MemoryHouse) -> None:
    (client, _), developer = await house.client(), await house.developer()
    job = await house.delivered(client, developer)
    assert job.approve_by

    await house.pass_time(job.approve_by - house.clock.now())

    earning = (await house.booking(job.booking_id)).earning.amount
    assert await money_of(house, developer.account_id) == [("money_released", "house", earning)]


async def test_a_refund_is_on_record_when_it_is_owed_and_when_it_is_made(
    house: MemoryHouse,
) -> None:
    (client, _), developer = await house.client(), await house.developer()
    booking = await house.paid(client, developer)
    await house.services.answers.decline(booking.id, by=developer.account_id)
    await house.run()

    price = booking.price.amount
    assert await money_of(house, client.id) == [
        ("booking_paid", client.id, price),
        ("money_refunded", "provider", price),
        ("refund_owed", developer.account_id, price),
    ]
    assert await money_of(house, developer.account_id) == []


async def test_a_late_cancellation_puts_both_parts_on_record(house: MemoryHouse) -> None:
    (client, _), developer = await house.client(), await house.developer()
    booking = await house.confirmed(client, developer)
    house.clock.advance(booking.start - 13 * HOUR - house.clock.now())
    await house.services.answers.cancel(booking.id, by=client.id)
    await house.run()

    half = booking.price.percent(50).amount
    assert await money_of(house, client.id) == [
        ("booking_paid", client.id, booking.price.amount),
        ("money_refunded", "provider", half),
        ("money_released", client.id, half),
        ("refund_owed", client.id, half),
    ]
    share = half - booking.fee.amount // 2
    assert await money_of(house, developer.account_id) == [("money_released", client.id, share)]


async def test_a_second_payment_is_on_record(house: MemoryHouse) -> None:
    (client, _), developer = await house.client(), await house.developer()
    booking = await house.paid(client, developer)
    await house.pay(booking)
    await house.settle(booking)
    await house.run()

    assert ("paid_twice", "provider", booking.price.amount) in await money_of(house, client.id)


async def test_money_of_a_wrong_amount_is_on_record(house: MemoryHouse) -> None:
    (client, _), developer = await house.client(), await house.developer()
    booking = await house.hold(client, developer)
    house.gateway.pay(await house.order_of(booking), amount=Money(100))
    await house.settle(booking)
    await house.settle(booking)
    await house.run()

    assert await money_of(house, client.id) == [("money_held_back", "provider", 100)]


def test_every_kind_of_ledger_entry_has_its_word() -> None:
    assert set(AUDITED_AS) == set(Kind)


# Verifying


async def test_a_sound_trail_is_counted(
    house: MemoryHouse, capsys: pytest.CaptureFixture[str]
) -> None:
    await on_record(house, "acc_x", "totp_on", "totp_off")
    await on_record(house, "acc_y", "exported")

    assert await house.services.audit.verify_all() == Verdict(2, 3, ())
    told = await verify_command(house.store, house.clock, KEY)

    assert told == "The audit trail is sound: 2 chains, 3 entries."
    assert capsys.readouterr().out == ""
    assert await house.store.books.findings.open() == ()


def altered(house: MemoryHouse, entry: Entry) -> None:
    rows(house).put(entry.key, replace(entry, address="198.51.100.0/24"))


def taken_out(house: MemoryHouse, entry: Entry) -> None:
    rows(house).drop(entry.key)


@pytest.mark.parametrize(
    ("harm", "place", "told"),
    [
        (altered, 1, "acc_x, entry 2: was altered after it was recorded"),
        (taken_out, 1, "acc_x, entry 2: entry 2 is missing"),
        (taken_out, 2, "acc_x, entry 2: the chain was cut off: entry 3 is missing"),
    ],
)
async def test_harm_done_in_the_database_is_told_and_reported(
    house: MemoryHouse,
    capsys: pytest.CaptureFixture[str],
    harm: Callable[[MemoryHouse, Entry], None],
    place: int,
    told: str,
) -> None:
    await on_record(house, "acc_x", "totp_on", "totp_off", "exported")
    await on_record(house, "acc_y", "exported")
    harm(house, (await chain_of(house, "acc_x"))[place])

    with pytest.raises(TrailBroken):
        await verify_command(house.store, house.clock, KEY)

    assert capsys.readouterr().out == f"{told}\n"
    (finding,) = await house.store.books.findings.open()
    assert (finding.kind, finding.subject, finding.at) == ("audit_broken", "acc_x", MONDAY)


async def test_a_chain_that_is_gone_as_a_whole_is_missed(house: MemoryHouse) -> None:
    await on_record(house, "acc_x", "totp_on", "totp_off")
    for entry in await chain_of(house, "acc_x"):
        taken_out(house, entry)

    (flaw,) = (await house.services.audit.verify_all()).flaws

    assert flaw.detail == "the chain was cut off: entries 1 to 2 are missing"


async def test_after_harm_what_follows_is_still_recorded(house: MemoryHouse) -> None:
    await on_record(house, "acc_x", "totp_on", "totp_off", "exported")
    altered(house, (await chain_of(house, "acc_x"))[0])

    await on_record(house, "acc_x", "erased")

    assert [e.what for e in await chain_of(house, "acc_x")][-1] == "erased"
    assert [flaw.seq for flaw in await house.services.audit.verify("acc_x")] == [1]


async def test_recording_while_verifying_raises_no_alarm(house: MemoryHouse) -> None:
    audit, now = house.services.audit, house.clock.now()
    facts = [audited("step_up", f"{n}", account="acc_x", at=now).payload for n in range(30)]
    await audit.record(facts[0])

    verdicts = list[Verdict]()

    async def verify_again_and_again() -> None:
        for _ in range(30):
            verdicts.append(await audit.verify_all())

    await asyncio.gather(verify_again_and_again(), *map(audit.record, facts[1:]))

    assert {verdict.flaws for verdict in verdicts} == {()}
    assert len({verdict.entries for verdict in verdicts}) > 1


async def test_another_key_can_neither_verify_nor_pass_for_the_house(house: MemoryHouse) -> None:
    await on_record(house, "acc_x", "totp_on")
    stranger = AuditService(house.store, chain_key(b"a guess"))
    await stranger.record(audited("erased", "1", account="acc_x", at=MONDAY).payload)

    told = await house.services.audit.verify("acc_x")

    assert [(flaw.seq, flaw.detail) for flaw in told] == [
        (2, "was altered after it was recorded"),
        (2, "the head of the chain was altered"),
    ]
    head = await house.store.books.audit.head("acc_x")
    assert head != Head("acc_x", 2, head.last if head else "").sealed(KEY)
