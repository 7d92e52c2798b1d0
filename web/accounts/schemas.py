"""API schemas of accounts, sessions and sign-ins."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field
from typing_extensions import TypedDict

from core.accounts import Account, Role
from core.factors import Factor
from core.sessions import Kind, Session
from services.accounts import SignedIn
from web.shared.schemas import Moment, moment


class TwoFactorSchema(TypedDict):
    enabled: bool
    method: Factor | None


class AccountSchema(TypedDict):
    id: str
    roles: list[Role]
    name: str
    email: str
    email_verified: bool
    timezone: str
    two_factor: TwoFactorSchema


class SignedInSchema(AccountSchema):
    """The log-in is complete: the account."""

    status: Literal["ok"]


class OtpRequiredSchema(TypedDict):
    """The password was right; `factor` says where the code comes from."""

    status: Literal["otp_required"]
    factor: Factor


SignInSchema = Annotated[SignedInSchema | OtpRequiredSchema, Field(discriminator="status")]
"""The two outcomes of a log-in."""


class SessionSchema(TypedDict):
    id: str
    kind: Kind
    device: str
    place: str
    created_at: Moment
    seen_at: Moment
    current: bool


class UserSchema(AccountSchema):
    """An account, as administrators see it."""

    created_at: Moment
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
    return {"status": "ok", **account(value.account)}


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
