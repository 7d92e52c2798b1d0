"""The second factor: which one is asked for, and what of it is used up."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from core.accounts import Account, AccountId, FactorNeeded, Role
from core.factors import Factor, Totp

NOW = datetime(2026, 11, 23, 6, 0, tzinfo=UTC)
SET_UP = Totp("nonce").confirm(now=NOW, step=100, recovery=(("aa", "hash 1"), ("bb", "hash 2")))
CLIENT = Account(
    id=AccountId("acc_1"), email="meera@example.com", name="Meera", roles=frozenset({Role.CLIENT}),
    password_hash="hash", timezone="Asia/Kolkata", created_at=NOW,
)  # fmt: skip


@pytest.mark.parametrize(
    ("account", "factor"),
    [
        (CLIENT, None),
        (replace(CLIENT, two_factor=True), Factor.EMAIL),
        (replace(CLIENT, roles=frozenset({Role.ADMIN})), Factor.EMAIL),
        (replace(CLIENT, two_factor=True, totp=Totp("waits for its code")), Factor.EMAIL),
        (replace(CLIENT, totp=Totp("waits for its code")), None),
        (replace(CLIENT, totp=SET_UP), Factor.TOTP),
        (replace(CLIENT, two_factor=True, totp=SET_UP), Factor.TOTP),
    ],
)
def test_the_stronger_factor_that_is_there_is_asked_for(
    account: Account, factor: Factor | None
) -> None:
    assert account.factor is factor


def test_a_recovery_code_is_spent_and_the_others_stay() -> None:
    left = SET_UP.use_recovery_code("aa")

    assert left.recovery_hash("aa") is None
    assert left.recovery_hash("bb") == "hash 2"
    assert SET_UP.use_recovery_code("cc") == SET_UP


def test_a_used_code_moves_the_step_on() -> None:
    assert SET_UP.last_step == 100
    assert SET_UP.use(101).last_step == 101


def test_off_takes_the_app_away_and_on_keeps_it() -> None:
    guarded = replace(CLIENT, two_factor=True, totp=SET_UP)

    assert guarded.turn_two_factor(False).factor is None
    assert guarded.turn_two_factor(True) == guarded


@pytest.mark.parametrize(
    "account",
    [replace(CLIENT, roles=frozenset({Role.ADMIN})), replace(CLIENT, password_short=True)],
)
def test_who_needs_a_second_factor_cannot_turn_it_off(account: Account) -> None:
    with pytest.raises(FactorNeeded):
        replace(account, two_factor=True).turn_two_factor(False)


def test_a_new_app_needs_the_old_one_removed() -> None:
    with pytest.raises(FactorNeeded):
        replace(CLIENT, totp=SET_UP).begin_totp("another")

    again = replace(CLIENT, totp=Totp("never confirmed")).begin_totp("another")
    assert again.totp == Totp("another")
