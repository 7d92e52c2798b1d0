"""Accounts and what belongs to them: sessions, codes, counters, identities, the audit trail."""

from __future__ import annotations

from typing import Any

from core.accounts import Account, AccountId, Role
from core.audit import Entry as AuditEntry
from core.audit import Head, RecordEntry, audit_message, next_entry
from core.codes import Code
from core.factors import Totp
from core.identities import LinkedIdentity, OAuthState
from core.policy import DAY, HOUR, MINUTE
from core.sessions import Kind as SessionKind
from core.sessions import Session
from onehour.testing.samples.sample import NOW, Sample

LIMIT = "login:gita"


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
        "avatar": "/avatars/ava_1.webp",
        "credentials_changed_at": NOW + HOUR,
    }
    return Account(**{**values, **changes})


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
        "renewed_at": NOW + MINUTE,
        "renewed_by": "hash of a client",
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


def a_bare_account() -> Account:
    """An account of a user who signs in with another provider and has set nothing else."""
    return Account(AccountId("acc_2"), "b@example.org", "B", frozenset(), None, "UTC", NOW)


def an_audit_entry() -> tuple[AuditEntry, Head]:
    """The first entry of a chain, and the head of the chain after it."""
    recorded = audit_message(
        "signed_in",
        "ses_1",
        account="acc_1",
        at=NOW,
        actor="acc_9",
        address="203.0.113.7",
        device="Firefox on Linux",
        session="ses_1",
    )
    return next_entry(None, RecordEntry.decode(recorded.payload), b"a key for seals")


SAMPLES = (
    Sample(
        "accounts",
        an_account(),
        lambda repositories: repositories.accounts.add(an_account()),
        lambda repositories: repositories.accounts.get(an_account().id),
    ),
    Sample(
        "accounts",
        a_bare_account(),
        lambda repositories: repositories.accounts.add(a_bare_account()),
        lambda repositories: repositories.accounts.get(a_bare_account().id),
    ),
    Sample(
        "sessions",
        a_session(),
        lambda repositories: repositories.sessions.add(a_session()),
        lambda repositories: repositories.sessions.find(a_session().id),
    ),
    Sample(
        "session_changes",
        {a_session().id},
        lambda repositories: repositories.sessions.remove(a_session().id),
        lambda repositories: repositories.sessions.outdated([(an_account(), a_session())]),
    ),
    Sample(
        "codes",
        a_code(),
        lambda repositories: repositories.codes.put(a_code()),
        lambda repositories: repositories.codes.find(a_code().id),
    ),
    Sample(
        "throttles",
        {LIMIT: 1},
        lambda repositories: repositories.throttles.increment(LIMIT, window=HOUR, now=NOW),
        lambda repositories: repositories.throttles.counts([LIMIT], now=NOW),
    ),
    Sample(
        "identities",
        an_identity(),
        lambda repositories: repositories.identities.add(an_identity()),
        lambda repositories: repositories.identities.find(
            an_identity().issuer, an_identity().subject
        ),
    ),
    Sample(
        "journeys",
        an_oauth_state(),
        lambda repositories: repositories.oauth_states.add(an_oauth_state()),
        lambda repositories: repositories.oauth_states.take(an_oauth_state().id),
    ),
    Sample(
        "audit",
        an_audit_entry()[0],
        lambda repositories: repositories.audit.append(*an_audit_entry()),
        lambda repositories: repositories.audit.last(an_audit_entry()[0].account_id),
    ),
    Sample(
        "audit_heads",
        an_audit_entry()[1],
        lambda repositories: repositories.audit.append(*an_audit_entry()),
        lambda repositories: repositories.audit.head(an_audit_entry()[1].account_id),
    ),
)
