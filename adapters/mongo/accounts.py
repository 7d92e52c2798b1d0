"""Accounts in MongoDB. `codes.py` holds what is counted, `sessions.py` who is signed in."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from pymongo import ASCENDING, IndexModel

from adapters.mongo.collection import Collection
from adapters.mongo.rows import Document, View
from core.accounts import Account, AccountId, EmailTaken, Role
from core.errors import Conflict
from core.factors import Totp
from ports.accounts import Accounts

LAST = "\U0010ffff"
"""Behind every letter an address can have."""


def to_document(account: Account) -> Document:
    return {
        "_id": account.id,
        "version": account.version,
        "email": account.email,
        "name": account.name,
        "roles": sorted(account.roles),
        "password_hash": account.password_hash,
        "timezone": account.timezone,
        "created_at": account.created_at,
        "email_verified_at": account.email_verified_at,
        "two_factor": account.two_factor,
        "totp": _totp_to_document(account.totp) if account.totp else None,
        "password_short": account.password_short,
        "new_email": account.new_email,
        "suspended_at": account.suspended_at,
    }


def from_document(document: Document) -> Account:
    return Account(
        id=AccountId(document["_id"]),
        version=document["version"],
        email=document["email"],
        name=document["name"],
        roles=frozenset(Role(role) for role in document["roles"]),
        password_hash=document["password_hash"],
        timezone=document["timezone"],
        created_at=document["created_at"],
        email_verified_at=document["email_verified_at"],
        two_factor=document.get("two_factor", False),
        totp=_totp_from_document(document["totp"]) if document.get("totp") else None,
        password_short=document.get("password_short", False),
        new_email=document.get("new_email"),
        suspended_at=document.get("suspended_at"),
    )


def _totp_to_document(totp: Totp) -> Document:
    return {
        "nonce": totp.nonce,
        "confirmed_at": totp.confirmed_at,
        "last_step": totp.last_step,
        "recovery": [list(pair) for pair in totp.recovery],
    }


def _totp_from_document(document: Document) -> Totp:
    return Totp(
        nonce=document["nonce"],
        confirmed_at=document["confirmed_at"],
        last_step=document["last_step"],
        recovery=tuple((handle, rest) for handle, rest in document["recovery"]),
    )


class MongoAccounts(Collection[Account], Accounts):
    name = "accounts"
    indexes = (IndexModel([("email", ASCENDING)], name="email_once", unique=True),)
    unique: ClassVar[Mapping[str, type[Conflict]]] = {"email_once": EmailTaken}

    def __init__(self, view: View) -> None:
        super().__init__(view, to_document, from_document)

    async def find_by_email(self, email: str) -> Account | None:
        return await self.find_where({"email": email})

    async def page(
        self, *, start: str, limit: int, cursor: str | None
    ) -> tuple[tuple[Account, ...], str | None]:
        after = {"$gt": cursor} if cursor is not None else {"$gte": start}
        found = await self.rows.find(
            {"email": {**after, "$lt": start + LAST}},
            order=[("email", ASCENDING)],
            limit=limit + 1,
        )
        page = tuple(from_document(document) for document in found[:limit])
        return page, page[-1].email if len(found) > limit else None
