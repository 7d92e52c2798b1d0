"""Accounts: profile data for sign-in, roles, password and second factor."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import NewType, Self

from core.email_addresses import readable_address
from core.errors import Conflict, Forbidden, Invalid
from core.factors import Factor, Totp
from core.timezones import ZoneName

AccountId = NewType("AccountId", str)


def first_name(name: str) -> str:
    """'Lucía' of 'Lucía Fernández'; a name of one word is returned unchanged."""
    return name.split()[0] if name.split() else name


class Role(StrEnum):
    CLIENT = "client"
    DEVELOPER = "developer"
    ADMIN = "admin"


class AccountActivity(StrEnum):
    """Kinds of audit entries about an account. The values are stored."""

    REGISTERED = "registered"
    EMAIL_CONFIRMED = "email_confirmed"
    EMAIL_UNCONFIRMED = "email_unconfirmed"
    SIGNED_IN = "signed_in"
    SIGN_IN_REFUSED = "sign_in_refused"
    SIGNED_OUT = "signed_out"
    SESSION_ENDED = "session_ended"
    STEP_UP = "step_up"
    PASSWORD_CHANGED = "password_changed"  # noqa: S105 - the name of an entry
    PASSWORD_RESET = "password_reset"  # noqa: S105 - the name of an entry
    EMAIL_CHANGED = "email_changed"
    TWO_FACTOR_ON = "two_factor_on"
    TWO_FACTOR_OFF = "two_factor_off"
    TOTP_ON = "totp_on"
    TOTP_OFF = "totp_off"
    RECOVERY_CODES_MADE = "recovery_codes_made"
    RECOVERY_CODE_USED = "recovery_code_used"
    TOKEN_ISSUED = "token_issued"  # noqa: S105 - the name of an entry
    TOKEN_REUSED = "token_reused"  # noqa: S105 - the name of an entry
    TOKEN_REVOKED = "token_revoked"  # noqa: S105 - the name of an entry
    IDENTITY_LINKED = "identity_linked"
    IDENTITY_UNLINKED = "identity_unlinked"
    ROLE_ADDED = "role_added"
    ROLES_CHANGED = "roles_changed"
    SUSPENDED = "suspended"
    UNSUSPENDED = "unsuspended"
    EXPORTED = "exported"
    ERASED = "erased"
    ADMIN_CREATED = "admin_created"
    ADMIN_READ = "admin_read"
    LIST_EXPORTED = "list_exported"


class EmailTaken(Conflict):
    """There is already an account with this e-mail address."""

    code = "email_taken"


class WrongPassword(Forbidden):
    """The e-mail address or the password is wrong."""

    code = "wrong_password"


class TooManyAttempts(Forbidden):
    """Too many attempts in a short time. Wait five minutes, then try again."""

    code = "too_many_tries"


class MailboxCodeNeeded(Forbidden):
    """Many wrong passwords came from your network. Enter the code that we sent to this address."""

    code = "mailbox_code_required"


class EmailUnverified(Forbidden):
    """Confirm your e-mail address first: enter the code we sent you."""

    code = "email_unverified"


class Suspended(Forbidden):
    """This account is suspended. Write to us if you think this is a mistake."""

    code = "suspended"


class AccountErased(Conflict):
    """This account is erased and cannot be restored."""

    code = "account_erased"


class LastAdministrator(Conflict):
    """This is the last administrator. Make another account an administrator first."""

    code = "last_administrator"


class FactorNeeded(Conflict):
    """This account needs a second factor, so it cannot be turned off."""

    code = "second_factor_needed"


@dataclass(frozen=True, slots=True)
class Account:
    """A person who can sign in. `email` is the log-in name in its canonical form
    (`ports/email_addresses.py`); accounts of version 0.1.0 may have that of `folded_email`.

    `password_hash` is None for a person who only signs in with an identity provider.
    `password_short` is True for a password that is too short to be the only factor, so the
    second factor cannot be turned off. `new_email` is an address that is not confirmed yet.
    `two_factor` requires a code sent by e-mail at log-in; a confirmed `totp` requires a code of
    the authenticator app instead. Times are in UTC.
    """

    id: AccountId
    email: str
    name: str
    roles: frozenset[Role]
    password_hash: str | None
    timezone: ZoneName
    created_at: datetime
    email_verified_at: datetime | None = None
    two_factor: bool = False
    totp: Totp | None = None
    password_short: bool = False
    new_email: str | None = None
    suspended_at: datetime | None = None
    avatar: str | None = None
    """The URL path of the profile picture, as in the profiles."""
    credentials_changed_at: datetime | None = None
    """When the owner, or somebody who acts as the owner, last changed the password, the e-mail
    address, the second factor or the linked sign-ins."""
    version: int = 0

    @property
    def shown_email(self) -> str:
        """The address in the letters of its language."""
        return readable_address(self.email)

    @property
    def email_verified(self) -> bool:
        return self.email_verified_at is not None

    @property
    def suspended(self) -> bool:
        return self.suspended_at is not None

    @property
    def erased(self) -> bool:
        return self.email == f"{self.id}{NO_MAILBOX}"

    @property
    def is_admin(self) -> bool:
        return Role.ADMIN in self.roles

    @property
    def can_administer(self) -> bool:
        """Whether the person is an administrator who can sign in."""
        return self.is_admin and self.email_verified and not self.suspended

    @property
    def factor(self) -> Factor | None:
        """The second factor a log-in requires: TOTP if it is set up, else e-mail, else None."""
        if self.totp and self.totp.confirmed_at:
            return Factor.TOTP
        return Factor.EMAIL if self.two_factor or self.is_admin else None

    def verify_email(self, *, now: datetime) -> Self:
        """The account with its e-mail address confirmed at `now`."""
        return self if self.email_verified else replace(self, email_verified_at=now)

    def with_password(self, hashed: str, *, short: bool) -> Self:
        return replace(self, password_hash=hashed, password_short=short)

    def with_changed_credentials(self, *, now: datetime) -> Self:
        """To be called with every change of the password, the address or the second factor."""
        return replace(self, credentials_changed_at=now)

    def add_role(self, role: Role) -> Self:
        """The account with `role` added.

        Developers and administrators get the second factor turned on (docs/rules.md, default on
        for developers). It stays on when the administrator role is removed, because their
        password may be too short to be the only factor.
        """
        if role in self.roles:
            return self
        on = self.two_factor or role in (Role.DEVELOPER, Role.ADMIN)
        return replace(self, roles=self.roles | {role}, two_factor=on)

    def with_roles(self, roles: frozenset[Role]) -> Self:
        """The account with exactly these roles; new ones are added as `add_role` does."""
        added = self
        for role in roles:
            added = added.add_role(role)
        return replace(added, roles=roles)

    def turn_two_factor(self, on: bool) -> Self:
        """Turn the second factor on or off. Off also removes the authenticator app.

        Raises `FactorNeeded` for an administrator, and for a password that is too short to be
        the only factor.
        """
        if not on and self.is_admin:
            raise FactorNeeded("Administrators always sign in with a second factor.")
        if not on and self.password_short:
            raise FactorNeeded(
                "Your password is too short to be the only factor. Choose a longer one first."
            )
        return replace(self, two_factor=on, totp=self.totp if on else None)

    def begin_totp(self, nonce: str) -> Self:
        """Set up an authenticator app; it is in use once `Totp.confirm` was called.

        Raises `FactorNeeded` if one is in use already.
        """
        if self.totp and self.totp.confirmed_at:
            raise FactorNeeded("Remove the authenticator app first, then set up another.")
        return replace(self, totp=Totp(nonce))

    def move_to(self, email: str) -> Self:
        """Replace the e-mail address by a confirmed new one."""
        return replace(self, email=email, new_email=None)

    def suspend(self, *, now: datetime) -> Self:
        return self if self.suspended else replace(self, suspended_at=now)

    def restore(self) -> Self:
        return replace(self, suspended_at=None)

    def erase(self, *, now: datetime) -> Self:
        """The account without personal data. Its id stays, for bookings and ledger entries."""
        return replace(
            self,
            email=f"{self.id}{NO_MAILBOX}",
            name=ERASED_NAME,
            roles=frozenset(),
            password_hash=None,
            two_factor=False,
            totp=None,
            new_email=None,
            suspended_at=now,
            avatar=None,
        )


def name_words(text: str) -> frozenset[str]:
    """The words of a name for comparison: in lower case, without accents."""
    plain = unicodedata.normalize("NFKD", text.casefold())
    kept = "".join(char for char in plain if not unicodedata.combining(char))
    return frozenset(re.findall(r"\w+", kept))


ERASED_NAME = "Former member"
NO_MAILBOX = "@erased.invalid"
"""A reserved domain (RFC 2606): no mailbox can exist there, so nobody can register it."""


def folded_email(email: str) -> str:
    """The address in lower case without outer spaces, as version 0.1.0 stored it. New addresses
    are stored in the form of `ports/email_addresses.py`.

    Raises `Invalid` for a text that cannot be an e-mail address.
    """
    folded = email.strip().lower()
    if not folded:
        raise Invalid(email="Enter your e-mail address.")
    name, _, domain = folded.partition("@")
    if (
        not name
        or not all(domain.split("."))
        or "." not in domain
        or "@" in domain
        or folded.endswith(NO_MAILBOX)
        or len(folded) > 254
        or not folded.isprintable()
        or set(folded) & set(" ,;<>")
    ):
        raise Invalid(
            email="This does not look like an e-mail address. Check for a missing @ or dot."
        )
    return folded
