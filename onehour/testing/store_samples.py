"""Entities for the store's contract: each a whole one, no field left at its default."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import MISSING, Field, fields
from datetime import UTC, datetime, timedelta
from typing import Any

from core.accounts import Account, AccountId, Role
from core.audit import Entry as AuditEntry
from core.audit import Head, RecordEntry, audited, following
from core.availability import Availability, Window
from core.avatars import Avatar
from core.bookings import Booking, BookingId, Party
from core.bookings import Status as BookingStatus
from core.clients import Client, ClientId
from core.codes import Code
from core.deliveries import Delivery, DeliveryId
from core.developers import Developer, DeveloperId, Rating
from core.factors import Totp
from core.identities import LinkedIdentity, OAuthState
from core.jobs import Job, JobId
from core.jobs import Status as JobStatus
from core.money import Money
from core.outbox import OutboxId, OutboxMessage, State
from core.payments import (
    Attempt,
    AttemptStatus,
    OrderId,
    Payment,
    PaymentId,
    Refund,
    RefundId,
    RefundStatus,
)
from core.payments import Status as PaymentStatus
from core.periodic import PeriodicJob
from core.policy import DAY, HOUR, MINUTE, RefundStep, Terms
from core.sessions import Kind as SessionKind
from core.sessions import Session
from core.suppressions import Suppression
from core.timeline import Actor, Entry, MoneyAt, Where
from core.transactions import Kind, Transaction, TransactionId, earnings, escrow, movement
from ports.findings import Finding
from ports.payments import Received

NOW = datetime(2026, 3, 2, 10, 0, 0, 250_000, tzinfo=UTC)
START = datetime(2026, 3, 9, 4, 30, tzinfo=UTC)
GITA = Party("cli_gita", "acc_gita", "Gita Rao", "Europe/Berlin")
DEV = Party("dev_dev", "acc_dev", "Dev Anand", "Asia/Kolkata")
DOLLARS = Money(12_345_678_901, "USD")
TERMS = Terms(12, 48 * HOUR, 7 * DAY, 3, (RefundStep(6 * HOUR, 80),))


class Bell:
    """Remembers what it was rung for."""

    def __init__(self) -> None:
        self.rung: list[str] = []

    async def wake_up(self, message_ids: Sequence[str]) -> None:
        self.rung.extend(message_ids)


def assert_whole(entity: Any) -> None:
    """A field at its default could be lost on the way and never be missed."""
    for part in fields(entity):
        value = getattr(entity, part.name)
        assert part.name == "version" or value != _default(part), part.name


def _default(part: Field[Any]) -> object:
    return part.default_factory() if part.default_factory is not MISSING else part.default


def an_account(number: int = 1, **changes: Any) -> Account:
    values: dict[str, Any] = {
        "id": AccountId(f"acc_{number}"),
        "email": f"gita{number}@example.org",
        "name": "Gita Rao",
        "roles": frozenset({Role.CLIENT, Role.DEVELOPER}),
        "password_hash": "$2b$04$hash",
        "timezone": "Asia/Kolkata",
        "created_at": NOW,
        "email_verified_at": NOW + MINUTE,
        "two_factor": True,
        "totp": Totp("nonce", NOW + HOUR, 58_000_000, (("ab", "$2b$04$rest"), ("cd", "$2b$04$r"))),
        "password_short": True,
        "new_email": "gita.rao@example.org",
        "suspended_at": NOW + DAY,
    }
    return Account(**{**values, **changes})


def a_bare_account() -> Account:
    """Somebody who signs in with another provider and has chosen nothing yet."""
    return Account(AccountId("acc_2"), "b@example.org", "B", frozenset(), None, "UTC", NOW)


def a_session(number: int = 1, **changes: Any) -> Session:
    values: dict[str, Any] = {
        "id": f"digest{number}",
        "account_id": AccountId("acc_1"),
        "csrf_seed": "seed",
        "created_at": NOW,
        "seen_at": NOW + number * MINUTE,
        "kind": SessionKind.PROGRAM,
        "device": "Firefox on Linux",
        "place": "203.0.113.0/24",
        "verified_at": NOW + MINUTE,
        "generation": 3,
    }
    return Session(**{**values, **changes})


def an_identity(number: int = 1, **changes: Any) -> LinkedIdentity:
    values: dict[str, Any] = {
        "issuer": "https://accounts.example",
        "subject": f"sub{number}",
        "account_id": AccountId("acc_1"),
        "provider": "google",
        "email": "gita@example.org",
        "linked_at": NOW + number * MINUTE,
    }
    return LinkedIdentity(**{**values, **changes})


def an_oauth_state(**changes: Any) -> OAuthState:
    values: dict[str, Any] = {
        "id": "hash of the state",
        "provider": "google",
        "nonce": "nonce",
        "verifier": "verifier",
        "visit": "a browser",
        "expires_at": NOW + 10 * MINUTE,
        "role": Role.CLIENT,
        "account_id": AccountId("acc_1"),
        "target": "/developers",
    }
    return OAuthState(**{**values, **changes})


def a_code(**changes: Any) -> Code:
    values: dict[str, Any] = {
        "id": "email:acc_1",
        "digest": "digest",
        "sent_at": NOW,
        "expires_at": NOW + 10 * MINUTE,
        "tries_left": 5,
        "visit": "a browser",
    }
    return Code(**{**values, **changes})


def a_client(number: int = 1) -> Client:
    return Client(ClientId(f"cli_{number}"), f"acc_{number}", "Gita Rao", "9876543210", "/f.webp")


def an_avatar(account_id: str = "acc_1", picture: bytes = b"RIFF\x00\xff") -> Avatar:
    return Avatar.of(account_id, picture, at=NOW)


def a_developer(number: int = 1, **changes: Any) -> Developer:
    values: dict[str, Any] = {
        "id": DeveloperId(f"dev_{number:04d}"),
        "account_id": f"acc_{number}",
        "name": "Asha Nair",
        "availability": Availability(
            "Asia/Kolkata", (Window(0, 540, 1020), Window(6, 0, 1440)), 6 * HOUR, 30 * DAY
        ),
        "headline": "Makes databases quick",
        "bio": "Ten years of PostgreSQL.",
        "skills": ("Python", "PostgreSQL"),
        "languages": ("English", "Malayalam"),
        "rate": Money(150_000),
        "revisions": 3,
        "published": True,
        "avatar": "avatars/1.webp",
        "rating": Rating(470, 31),
        "next_times": (START, START + HOUR),
    }
    return Developer(**{**values, **changes})


def a_booking(number: int = 1, **changes: Any) -> Booking:
    values: dict[str, Any] = {
        "id": BookingId(f"bkg_{number:04d}"),
        "client": GITA,
        "developer": DEV,
        "start": START,
        "hours": 1,
        "brief": "My queries are slow.",
        "rate": DOLLARS,
        "terms": TERMS,
        "created_at": NOW,
        "shown_until": NOW + 15 * MINUTE,
        "hold_ends": NOW + 18 * MINUTE,
        "payment_id": f"pay_{number:04d}",
        "revisions": 2,
    }
    return Booking(**{**values, **changes})


def a_whole_booking() -> Booking:
    return a_booking(
        status=BookingStatus.CONFIRMED,
        paid_at=NOW + MINUTE,
        accept_by=NOW + DAY,
        job_id="job_1",
        reason="We agreed so.",
    )


def a_payment(number: int = 1, **changes: Any) -> Payment:
    values: dict[str, Any] = {
        "id": PaymentId(f"pay_{number:04d}"),
        "booking_id": f"bkg_{number:04d}",
        "client_id": GITA.id,
        "developer_id": DEV.id,
        "amount": DOLLARS,
        "provider": "memory",
        "order_id": OrderId(f"ord_{number:04d}"),
        "order_expires_at": NOW + 16 * MINUTE,
        "created_at": NOW,
    }
    return Payment(**{**values, **changes})


def a_whole_payment() -> Payment:
    return a_payment(
        status=PaymentStatus.REFUNDING,
        checkout_url="https://pay.example/1",
        attempts=(Attempt("at_1", AttemptStatus.SUCCESS, DOLLARS, NOW, "upi"),),
        captured="at_1",
        refunds=(Refund(RefundId("rfd1"), Money(5, "USD"), "declined", RefundStatus.SENT),),
        mismatch=True,
    )


def a_transaction(number: int = 1, **changes: Any) -> Transaction:
    lines = movement(DOLLARS, source=escrow("bkg_0001"), target=earnings(DEV.id))
    values: dict[str, Any] = {
        "id": TransactionId(f"release:pay_{number:04d}"),
        "kind": Kind.RELEASE,
        "at": NOW,
        "lines": lines,
        "description": "Released",
        "booking_id": "bkg_0001",
        "client_id": GITA.id,
        "developer_id": DEV.id,
    }
    return Transaction(**{**values, **changes})


def a_job(number: int = 1, **changes: Any) -> Job:
    values: dict[str, Any] = {
        "id": JobId(f"job_{number:04d}"),
        "booking_id": f"bkg_{number:04d}",
        "client": GITA,
        "developer": DEV,
        "terms": TERMS,
        "created_at": NOW,
        "deliver_by": NOW + 14 * DAY,
        "revisions_allowed": 2,
        "status": JobStatus.DELIVERED,
        "deliveries": 2,
        "revisions_used": 1,
        "approve_by": NOW + 3 * DAY,
    }
    return Job(**{**values, **changes})


def a_delivery(number: int = 1) -> Delivery:
    return Delivery(DeliveryId(f"dlv_{number}"), "job_1", "bkg_1", number, "It is done.", NOW)


def an_entry(number: int = 1, **changes: Any) -> Entry:
    values: dict[str, Any] = {
        "id": f"bkg_1:step{number}",
        "booking_id": "bkg_1",
        "at": NOW,
        "what": "paid",
        "actor": Actor.CLIENT,
        "detail": "By UPI.",
        "money": MoneyAt(Where.HELD, DOLLARS),
    }
    return Entry(**{**values, **changes})


def an_effect(number: int = 1, *, due: timedelta = -MINUTE, **changes: Any) -> OutboxMessage:
    message_id = OutboxId(f"bkg_{number:04d}:2:mail")
    return OutboxMessage(message_id, "mail", NOW + due, {"booking": "bkg_1"}, **changes)


def a_whole_effect() -> OutboxMessage:
    return an_effect(
        state=State.READY,
        attempts=3,
        lease="relay 1",
        lease_until=NOW + MINUTE,
        last_error="No answer.",
    )


def an_audit_entry() -> tuple[AuditEntry, Head]:
    """The first entry of a chain, and the head it leaves."""
    recorded = audited(
        "signed_in",
        "ses_1",
        account="acc_1",
        at=NOW,
        actor="acc_9",
        address="203.0.113.7",
        device="Firefox on Linux",
        session="ses_1",
    )
    return following(None, RecordEntry.decode(recorded.payload), b"a key for seals")


def a_finding() -> Finding:
    return Finding("f:1", "unbalanced", "pay_1", "Off by one.", NOW)


def a_notice() -> Received:
    return Received("cf:pay:1:SUCCESS", "cashfree", "ord_1", "payment", b"{\x00}", NOW)


def a_suppression() -> Suppression:
    return Suppression("gita@example.org", "The mail server knows no such mailbox (550).", NOW)


def a_periodic_job() -> PeriodicJob:
    return PeriodicJob(
        name="outbox.watch",
        every=HOUR,
        due_at=NOW,
        retry_at=NOW + MINUTE,
        lease="worker 1",
        lease_until=NOW + HOUR,
        attempts=2,
        last_started_at=NOW - MINUTE,
        last_finished_at=NOW - HOUR,
        last_error="No answer.",
    )
