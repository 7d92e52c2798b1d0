"""Chains of the audit trail: a valid one verifies, and each kind of change is found."""

from __future__ import annotations

from dataclasses import fields, replace
from datetime import UTC, datetime, timedelta, timezone

import pytest

from core.audit import (
    Entry,
    Flaw,
    Head,
    RecordEntry,
    audit_message,
    chain_key,
    flaws,
    network,
    next_entry,
)
from core.outbox import OutboxId

KEY = chain_key(b"our key")
AT = datetime(2026, 3, 2, 10, 0, 0, 250_999, tzinfo=UTC)
WHATS = ("registered", "signed_in", "password_changed", "signed_out")


def a_chain(key: bytes = KEY) -> tuple[list[Entry], Head]:
    chain, head = list[Entry](), None
    for number, what in enumerate(WHATS):
        message = audit_message(
            what, f"ses_{number}", account="acc_1", at=AT, address="203.0.113.7",
            device="Firefox", before="a", after="b",
        )  # fmt: skip
        entry, head = next_entry(head, RecordEntry.decode(message.payload), key)
        chain.append(entry)
    assert head
    return chain, head


def seen(chain: list[Entry], head: Head | None) -> list[tuple[int, str]]:
    return [(flaw.seq, flaw.detail) for flaw in flaws("acc_1", chain, head, KEY)]


def test_a_chain_as_it_was_recorded_is_sound() -> None:
    chain, head = a_chain()

    assert flaws("acc_1", chain, head, KEY) == ()
    assert [entry.seq for entry in chain] == [1, 2, 3, 4]
    assert [entry.previous for entry in chain] == ["acc_1", *(e.seal for e in chain[:-1])]
    assert (head.seq, head.last) == (4, chain[-1].seal)


def test_an_account_without_a_chain_is_sound() -> None:
    assert flaws("acc_1", [], None, KEY) == ()


OTHER: dict[str, object] = {
    "account_id": "acc_2", "seq": 7, "key": "another", "what": "signed_out",
    "at": AT + timedelta(milliseconds=1), "actor": "acc_2", "address": "198.51.100.0/24",
    "device": "Safari", "detail": {"before": "a", "after": "c"}, "previous": "0" * 64,
    "seal": "0" * 64,
}  # fmt: skip


@pytest.mark.parametrize("field", [field.name for field in fields(Entry)])
def test_a_change_of_any_field_shows(field: str) -> None:
    chain, head = a_chain()
    chain[1] = replace(chain[1], **{field: OTHER[field]})  # type: ignore[arg-type]

    assert "was altered after it was recorded" in [detail for _, detail in seen(chain, head)]


def test_an_entry_resealed_without_the_key_is_detected() -> None:
    chain, head = a_chain()
    chain[3] = replace(chain[3], what="exported").sealed(chain_key(b"a guess"))

    assert (4, "was altered after it was recorded") in seen(chain, head)


def test_an_entry_taken_out_of_the_middle_shows() -> None:
    chain, head = a_chain()
    del chain[1]

    assert seen(chain, head) == [(2, "entry 2 is missing")]


def test_entries_that_were_reordered_are_found() -> None:
    chain, head = a_chain()
    chain[1], chain[2] = replace(chain[2], seq=2), replace(chain[1], seq=3)

    assert {seq for seq, _ in seen(chain, head)} == {2, 3, 4}


def test_an_entry_of_another_account_put_in_shows() -> None:
    chain, head = a_chain()
    message = audit_message("role_added", "acc_2:1", account="acc_2", at=AT)
    foreign, _ = next_entry(None, RecordEntry.decode(message.payload), KEY)

    found = flaws("acc_1", [replace(foreign, account_id="acc_1"), *chain[1:]], head, KEY)

    assert Flaw("acc_1", 1, "was altered after it was recorded") in found


def test_an_end_that_was_cut_off_shows() -> None:
    chain, head = a_chain()

    assert seen(chain[:2], head) == [(2, "the chain was cut off: entries 3 to 4 are missing")]
    assert seen([], head) == [(0, "the chain was cut off: entries 1 to 4 are missing")]


def test_a_head_that_was_made_to_fit_the_cut_shows() -> None:
    chain, head = a_chain()
    fitting = replace(head, seq=2, last=chain[1].seal)

    assert seen(chain[:2], fitting) == [(2, "the head of the chain was altered")]


def test_a_head_that_was_removed_or_set_back_is_found() -> None:
    chain, _ = a_chain()
    earlier = Head("acc_1", 2, chain[1].seal).sealed(KEY)

    assert seen(chain, None) == [(4, "the head of the chain is missing")]
    assert seen(chain, earlier) == [(4, "the head of the chain is not that of its last entry")]


def test_with_another_key_nothing_is_sound() -> None:
    chain, head = a_chain(chain_key(b"another key"))

    assert {seq for seq, _ in seen(chain, head)} == {1, 2, 3, 4}


def test_the_key_of_seals_is_for_this_purpose_alone() -> None:
    assert chain_key(b"our key") != b"our key"
    assert chain_key(b"our key") != chain_key(b"our other key")
    assert len(chain_key(b"x")) == 32


def test_there_is_one_audit_message_per_fact_and_account() -> None:
    message = audit_message("signed_in", "ses_1", account="acc_1", at=AT)
    same = audit_message(
        "signed_in", "ses_1", account="acc_1", at=AT + timedelta(hours=1), actor="x"
    )
    others = [
        audit_message("signed_in", "ses_2", account="acc_1", at=AT),
        audit_message("signed_out", "ses_1", account="acc_1", at=AT),
        audit_message("signed_in", "ses_1", account="acc_2", at=AT),
    ]

    assert message.id == same.id == OutboxId("ses_1:signed_in:acc_1:audit.record")
    assert message.id not in {other.id for other in others}
    assert (message.kind, message.due_at, message.payload["actor"]) == ("audit.record", AT, "acc_1")


def test_what_came_from_outside_is_kept_short_and_on_one_line() -> None:
    message = audit_message(
        "signed_in", "s", account="acc_1", at=AT, device="Fire\r\n fox " + "x" * 500,
        note="y" * 5000,
    )  # fmt: skip
    entry, _ = next_entry(None, RecordEntry.decode(message.payload), KEY)

    assert entry.device == ("Fire fox " + "x" * 500)[:80]
    assert entry.detail == {"note": "y" * 200}


def test_times_are_kept_in_utc_and_to_the_millisecond() -> None:
    india = AT.astimezone(timezone(timedelta(hours=5, minutes=30)))
    entry, _ = next_entry(
        None, RecordEntry.decode(audit_message("exported", "s", account="a", at=india).payload), KEY
    )

    assert entry.at == datetime(2026, 3, 2, 10, 0, 0, 250_000, tzinfo=UTC)
    assert entry.at.tzinfo is UTC


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("203.0.113.77", "203.0.113.0/24"),
        ("203.0.113.0/24", "203.0.113.0/24"),
        ("::ffff:203.0.113.77", "203.0.113.0/24"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1::/48"),
        ("2001:db8:1::/48", "2001:db8:1::/48"),
        ("fe80::1%eth0", "fe80::/48"),
        ("", ""),
        ("unix socket", ""),
    ],
)
def test_of_an_address_only_its_network_is_kept(address: str, expected: str) -> None:
    assert network(address) == expected
