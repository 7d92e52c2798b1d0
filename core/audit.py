"""The audit trail: what was changed about an account, by whom and from where, sealed in a chain.

Each account has one chain. An entry's seal covers the entry and the seal before it, under a key
that is not in the database: whoever can write there but has not the key can neither alter,
insert, reorder nor take out an entry unnoticed. A sealed head says where the chain ends.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from ipaddress import IPv6Address, ip_interface, ip_network
from typing import ClassVar, Self

from core.outbox import OutboxMessage, Payload, message

SYSTEM, PROVIDER, ADMIN = "house", "provider", "admin"
"""Actors that are no account: what happens by itself, the payment provider's word, and an
administrator whose account is not told here."""
LONGEST_DEVICE, LONGEST_DETAIL = 80, 200


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing that happened to an account. `seq` counts 1, 2, … in its chain; `key` names the
    fact, so it is kept once. `at` is when it happened, to the millisecond, in UTC: entries are
    chained in the order they are recorded, which may differ from that by a moment.

    `actor` is an account's id, `SYSTEM`, `PROVIDER` or `ADMIN`; `address` the network of the
    browser, never its whole address; `previous` the seal of the entry before, of the first the
    account.
    """

    account_id: str
    seq: int
    key: str
    what: str
    at: datetime
    actor: str
    address: str
    device: str
    detail: Mapping[str, str]
    previous: str
    seal: str = ""

    def sealed(self, key: bytes) -> Self:
        return replace(self, seal=self.expected_seal(key))

    def expected_seal(self, key: bytes) -> str:
        """What the seal must be, unless something was altered."""
        facts = (
            self.account_id, self.seq, self.key, self.what, self.at.isoformat(), self.actor,
            self.address, self.device, dict(self.detail),
        )  # fmt: skip
        return _seal(key, "entry", self.previous, *facts)


@dataclass(frozen=True, slots=True)
class Head:
    """Where a chain ends: the number and the seal of its last entry, sealed itself."""

    account_id: str
    seq: int
    last: str
    seal: str = ""

    def sealed(self, key: bytes) -> Self:
        return replace(self, seal=self.expected_seal(key))

    def expected_seal(self, key: bytes) -> str:
        return _seal(key, "head", self.account_id, self.seq, self.last)


@dataclass(frozen=True, slots=True)
class Flaw:
    """Something in a chain that is not as it was recorded. `seq` is the entry it shows at."""

    account_id: str
    seq: int
    detail: str


def chain_key(secret_key: bytes) -> bytes:
    """The key of the seals, from the house's secret key, for this purpose alone."""
    return hmac.new(secret_key, b"audit", hashlib.sha256).digest()


@dataclass(frozen=True, slots=True)
class RecordEntry(Payload):
    """Append this fact to the chain of `account`; `key` names the fact, `detail` is JSON."""

    kind: ClassVar[str] = "audit.record"
    key: str
    what: str
    account: str
    at: datetime
    actor: str
    address: str
    device: str
    detail: str


def audit_message(
    what: str,
    key: str,
    *,
    account: str,
    at: datetime,
    actor: str | None = None,
    address: str = "",
    device: str = "",
    **detail: str,
) -> OutboxMessage:
    """The message that records `what` about `account`, to add in the transaction of the change
    itself. The same `what`, `key` and account are recorded once.

    `actor` is who did it, the account itself by default. `address` may be the whole network
    address: only its network is stored. `detail` holds no secrets; people and admins read it.
    """
    name = f"{key}:{what}:{account}"
    entry = RecordEntry(
        key=name,
        what=what,
        account=account,
        at=at,
        actor=actor or account,
        address=network(address),
        device=" ".join(device.split())[:LONGEST_DEVICE],
        detail=_canonical({field: text[:LONGEST_DETAIL] for field, text in detail.items()}),
    )
    return message(entry, name, due_at=at)


def next_entry(head: Head | None, fact: RecordEntry, key: bytes) -> tuple[Entry, Head]:
    """The entry of this fact after `head`, and the new head."""
    at = fact.at.astimezone(UTC)
    entry = Entry(
        account_id=fact.account,
        seq=head.seq + 1 if head else 1,
        key=fact.key,
        what=fact.what,
        at=at.replace(microsecond=at.microsecond // 1000 * 1000),
        actor=fact.actor,
        address=fact.address,
        device=fact.device,
        detail=json.loads(fact.detail),
        previous=head.last if head else fact.account,
    ).sealed(key)
    return entry, Head(fact.account, entry.seq, entry.seal).sealed(key)


def flaws(
    account_id: str, chain: Sequence[Entry], head: Head | None, key: bytes
) -> tuple[Flaw, ...]:
    """What is wrong with a chain, in the order of its entries; empty when all of it is sound."""
    found, previous, expected = list[Flaw](), account_id, 1
    for entry in chain:
        if entry.seq != expected:
            found.append(Flaw(account_id, expected, _missing(expected, entry.seq - 1)))
        elif entry.previous != previous:
            found.append(Flaw(account_id, entry.seq, "does not follow the entry before it"))
        if not hmac.compare_digest(entry.seal, entry.expected_seal(key)):
            found.append(Flaw(account_id, entry.seq, "was altered after it was recorded"))
        previous, expected = entry.seal, entry.seq + 1
    end = _flaw_of_end(expected - 1, previous, head, key)
    return (*found, Flaw(account_id, expected - 1, end)) if end else tuple(found)


def _flaw_of_end(seq: int, last: str, head: Head | None, key: bytes) -> str:
    if head is None:
        return "the head of the chain is missing" if seq else ""
    if not hmac.compare_digest(head.seal, head.expected_seal(key)):
        return "the head of the chain was altered"
    if head.seq > seq:
        return f"the chain was cut off: {_missing(seq + 1, head.seq)}"
    if (head.seq, head.last) != (seq, last):
        return "the head of the chain is not that of its last entry"
    return ""


def _missing(first: int, last: int) -> str:
    if first >= last:
        return f"entry {first} is missing"
    return f"entries {first} to {last} are missing"


def network(address: str, *, of_four: int = 24, of_six: int = 48) -> str:
    """The network an address belongs to, by so many bits of IPv4 and IPv6; empty for what is
    no address."""
    try:
        ip = ip_interface(address).ip
    except ValueError:
        return ""
    if isinstance(ip, IPv6Address):
        ip = ip.ipv4_mapped or IPv6Address(int(ip))  # without the name of an interface
    return str(ip_network(f"{ip}/{of_four if ip.version == 4 else of_six}", strict=False))


def _seal(key: bytes, *parts: object) -> str:
    return hmac.new(key, _canonical(parts).encode(), hashlib.sha256).hexdigest()


def _canonical(value: object) -> str:
    """The one way to write it: sorted names, no spaces, ASCII."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"))
