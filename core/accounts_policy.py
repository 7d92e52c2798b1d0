"""The limits of accounts, sessions, tokens and codes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import ClassVar

from core.policy import DAY, HOUR, MINUTE


@dataclass(frozen=True, slots=True)
class AccountPolicy:
    """What operators may tune; defaults and their sources: docs/rules.md."""

    AT_MOST: ClassVar[tuple[tuple[str, str], ...]] = (
        ("code_resend_after", "code_life"),
        ("password_minimum_with_otp", "password_minimum"),
        ("password_minimum", "password_maximum"),
        ("session_idle", "session_life"),
        ("admin_idle", "admin_life"),
        ("access_life", "refresh_life"),
        ("refresh_life", "program_life"),
    )
    MAY_BE_ZERO: ClassVar[frozenset[str]] = frozenset({"code_resend_after"})

    code_life: timedelta = 10 * MINUTE
    code_tries: int = 5
    code_resend_after: timedelta = 60 * timedelta(seconds=1)
    codes_per_hour: int = 5
    password_minimum: int = 15
    password_minimum_with_otp: int = 8
    password_maximum: int = 128
    session_idle: timedelta = 14 * DAY
    session_life: timedelta = 30 * DAY
    admin_idle: timedelta = 30 * MINUTE
    admin_life: timedelta = 12 * HOUR
    step_up_life: timedelta = 15 * MINUTE
    """How long after a one-time code was entered no new one is required, for money and changes of
    identity."""
    access_life: timedelta = 15 * MINUTE
    refresh_life: timedelta = 30 * DAY
    refresh_repeat: timedelta = 30 * timedelta(seconds=1)
    """How long the same client gets the same pair again for a used refresh token: its answer may
    have been lost."""
    program_life: timedelta = 365 * DAY
    reset_life: timedelta = 30 * MINUTE
    logins_failed: int = 10
    logins_failed_counted: int = 3
    """Failed log-ins of one account from one network address that count for the network."""
    logins_window: timedelta = 5 * MINUTE
    logins_shut_longest: timedelta = HOUR
    """Each lock of the same log-in lasts twice as long as the one before, up to this."""
    logins_in_row: int = 100
    """Wrong passwords of one account in a row, before the right password alone is no longer
    accepted: a mailed code is required, too."""
    codes_failed: int = 20
    """Wrong second factors of one account in a day: a million codes, so 1 in 50,000."""
    registrations_per_hour: int = 200
    resets_per_hour: int = 5
    kept_form_life: timedelta = 30 * MINUTE
    """How long the input of a form is kept while its sender logs in or enters a code."""
    kept_forms_per_hour: int = 200
    """How many forms of one network address are kept in an hour."""
