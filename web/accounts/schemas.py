"""API schemas of accounts, sessions and sign-ins."""

from __future__ import annotations

from typing_extensions import TypedDict

from core.accounts import Account
from core.sessions import Kind, Session
from services.accounts import SignedIn
from web.shared.schemas import moment


class FactorSchema(TypedDict):
    enabled: bool
    method: str | None


class AccountSchema(TypedDict):
    id: str
    roles: list[str]
    name: str
    email: str
    email_verified: bool
    timezone: str
    two_factor: FactorSchema


class SignInSchema(TypedDict, total=False):
    """`status` is `ok`, with the account's fields, or `otp_required`, with the `factor`."""

    status: str
    factor: str
    id: str
    roles: list[str]
    name: str
    email: str
    email_verified: bool
    timezone: str
    two_factor: FactorSchema


class SessionSchema(TypedDict):
    id: str
    kind: str
    device: str
    place: str
    created_at: str
    seen_at: str
    current: bool


class UserSchema(AccountSchema):
    """An account, as administrators see it."""

    created_at: str
    suspended: bool


def account(value: Account) -> AccountSchema:
    return {
        "id": value.id,
        "roles": sorted(value.roles),
        "name": value.name,
        "email": value.email,
        "email_verified": value.email_verified,
        "timezone": value.timezone,
        "two_factor": {"enabled": value.factor is not None, "method": value.factor},
    }


def sign_in(value: SignedIn) -> SignInSchema:
    if value.pending_factor:
        return {"status": "otp_required", "factor": value.pending_factor}
    signed_in: SignInSchema = {"status": "ok"}
    signed_in.update(account(value.account))  # type: ignore[typeddict-item]
    return signed_in


def session(value: Session, *, current: Session) -> SessionSchema:
    return {
        "id": value.name,
        "kind": Kind(value.kind),
        "device": value.device,
        "place": value.place,
        "created_at": moment(value.created_at),
        "seen_at": moment(value.seen_at),
        "current": value.id == current.id,
    }


def user(value: Account) -> UserSchema:
    return {
        **account(value),
        "created_at": moment(value.created_at),
        "suspended": value.suspended,
    }
