"""How long a session lasts, and what is shown of where it is used."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from core.accounts import Account, AccountId, Role
from core.accounts_policy import AccountPolicy
from core.policy import DAY, HOUR, MINUTE
from core.sessions import Caller, Kind, Session, is_signed_in

NOW = datetime(2026, 11, 23, 6, 0, tzinfo=UTC)
SECOND = timedelta(seconds=1)
POLICY = AccountPolicy()
CLIENT = Account(
    id=AccountId("acc_1"), email="meera@example.com", name="Meera", roles=frozenset({Role.CLIENT}),
    password_hash="hash", timezone="Asia/Kolkata", created_at=NOW,
)  # fmt: skip
ADMIN = replace(CLIENT, roles=frozenset({Role.ADMIN}))


def a_session(kind: Kind = Kind.BROWSER, *, seen_after: timedelta = timedelta()) -> Session:
    return Session("0" * 64, CLIENT.id, "seed", NOW, NOW + seen_after, kind=kind)


@pytest.mark.parametrize(
    ("account", "kind", "idle", "absolute"),
    [
        (CLIENT, Kind.BROWSER, 14 * DAY, 30 * DAY),
        (CLIENT, Kind.PROGRAM, 30 * DAY, 365 * DAY),
        (ADMIN, Kind.BROWSER, 30 * MINUTE, 12 * HOUR),
        (ADMIN, Kind.PROGRAM, 30 * MINUTE, 12 * HOUR),
    ],
)
def test_a_session_ends_idle_and_ends_at_last(
    account: Account, kind: Kind, idle: timedelta, absolute: timedelta
) -> None:
    unused, used = a_session(kind), a_session(kind, seen_after=absolute - SECOND)

    assert is_signed_in(unused, account, now=NOW + idle - SECOND, policy=POLICY)
    assert not is_signed_in(unused, account, now=NOW + idle, policy=POLICY)
    assert is_signed_in(used, account, now=NOW + absolute - SECOND, policy=POLICY)
    assert not is_signed_in(used, account, now=NOW + absolute, policy=POLICY)


@pytest.mark.parametrize("account", [CLIENT, ADMIN])
def test_a_second_factor_must_be_given_within_ten_minutes(account: Account) -> None:
    pending = a_session(Kind.PENDING, seen_after=9 * MINUTE)

    assert is_signed_in(pending, account, now=NOW + 10 * MINUTE - SECOND, policy=POLICY)
    assert not is_signed_in(pending, account, now=NOW + 10 * MINUTE, policy=POLICY)


def test_who_is_suspended_is_not_signed_in() -> None:
    session, suspended = a_session(), CLIENT.suspend(now=NOW)

    assert is_signed_in(session, CLIENT, now=NOW, policy=POLICY)
    assert not is_signed_in(session, suspended, now=NOW, policy=POLICY)


def test_a_code_is_fresh_for_a_quarter_of_an_hour() -> None:
    session = replace(a_session(), verified_at=NOW)

    assert session.recently_verified(now=NOW + 15 * MINUTE - SECOND, policy=POLICY)
    assert not session.recently_verified(now=NOW + 15 * MINUTE, policy=POLICY)
    assert not a_session().recently_verified(now=NOW, policy=POLICY)


@pytest.mark.parametrize(
    ("address", "place"),
    [
        ("203.0.113.77", "203.0.113.0/24"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1::/48"),
        ("", ""),
        ("<script>", ""),
    ],
)
def test_a_place_is_the_network_and_never_the_address(address: str, place: str) -> None:
    assert Caller(address=address).place == place


def test_the_name_of_a_session_is_not_enough_to_find_it() -> None:
    session = replace(a_session(), id="0123456789abcdef" * 4)

    assert session.name == "ses_6789abcdef0123456789abcdef"
    assert len(session.name) < len(session.id)
