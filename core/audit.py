"""The audit trail: what was changed about an account, by whom and from where.

Each account has one hash chain. The `seal` of an entry is an HMAC-SHA256 over the entry and the
seal before it. Its key is not in the database, so a change made only there (an entry altered,
inserted, reordered or removed) is detected. A head, with a seal of its own, stores the number and
the seal of the last entry.
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
"""Actors that are no account: the system itself (a deadline), the payment provider, and an
administrator whose account is not shown. The values are stored."""
LONGEST_DEVICE, LONGEST_DETAIL = 80, 200
"""Characters; longer texts are cut."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One event of an account. `seq` counts 1, 2, … in its chain; `key` identifies the event,
    which is recorded once. `at` is when it happened, in UTC, with millisecond precision. Entries
    are chained in the order they are recorded, which can differ slightly from `at`.

    `actor` is an account id, `SYSTEM`, `PROVIDER` or `ADMIN`. `address` is the network of the
    browser, never its whole IP address. `previous` is the seal of the entry before; for the
    first entry it is the account id.
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
        """The seal of an unaltered entry with these values."""
        facts = (
            self.account_id, self.seq, self.key, self.what, self.at.isoformat(), self.actor,
            self.address, self.device, dict(self.detail),
        )  # fmt: skip
        return _seal(key, "entry", self.previous, *facts)


@dataclass(frozen=True, slots=True)
class Head:
    """The end of a chain: number and seal (`last`) of its last entry, with a seal of its own."""

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
    """A difference between a chain and what was recorded, found at the entry `seq`."""

    account_id: str
    seq: int
    detail: str


def chain_key(secret_key: bytes) -> bytes:
    """The HMAC key of the seals, derived from the application's secret key."""
    return hmac.new(secret_key, b"audit", hashlib.sha256).digest()


@dataclass(frozen=True, slots=True)
class RecordEntry(Payload):
    """Append this event to the chain of `account`. `key` identifies it, `detail` is JSON."""

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
    """The outbox message that records `what` about `account`. Add it in the transaction of the
    change itself. The same `what`, `key` and account are recorded once.

    `actor` is who did it, by default the account itself. `address` may be a whole IP address:
    only its network is stored. `detail` must not contain secrets, because the account's owner
    and administrators can read it.
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
    """The entry that records this event after `head`, and the new head, both sealed with `key`."""
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
    """Everything wrong with a chain, in the order of its entries. Empty for an intact chain."""
    found, previous, expected = list[Flaw](), account_id, 1
    for entry in chain:
        if entry.seq != expected:
            found.append(Flaw(account_id, expected, _missing(expected, entry.seq - 1)))
        elif entry.previous != previous:
            found.append(Flaw(account_id, entry.seq, "does not follow the entry before it"))
        if not hmac.compare_digest(entry.seal, entry.expected_seal(key)):
            found.append(Flaw(account_id, entry.seq, "was altered after it was recorded"))
        previous, expected = entry.seal, entry.seq + 1
    end = _flaw_at_end(expected - 1, previous, head, key)
    return (*found, Flaw(account_id, expected - 1, end)) if end else tuple(found)


def _flaw_at_end(seq: int, last: str, head: Head | None, key: bytes) -> str:
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
    """The network of an IP address, such as '203.0.113.0/24'.

    `of_four` and `of_six` are the prefix lengths in bits for IPv4 and IPv6. Returns an empty text
    for a text that is no IP address.
    """
    try:
        ip = ip_interface(address).ip
    except ValueError:
        return ""
    if isinstance(ip, IPv6Address):
        ip = ip.ipv4_mapped or IPv6Address(int(ip))  # without the zone id
    return str(ip_network(f"{ip}/{of_four if ip.version == 4 else of_six}", strict=False))


def _seal(key: bytes, *parts: object) -> str:
    return hmac.new(key, _canonical(parts).encode(), hashlib.sha256).hexdigest()


def _canonical(value: object) -> str:
    """Canonical JSON: sorted keys, no spaces, ASCII."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"))
