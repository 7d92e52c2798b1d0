"""Linked identities, and sign-ins with a provider under way, in MongoDB."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import ClassVar

from pymongo import ASCENDING, IndexModel

from adapters.mongo.collection import Kept
from adapters.mongo.rows import Document
from core.accounts import AccountId, Role
from core.errors import Conflict
from core.identities import IdentityTaken, LinkedIdentity, OAuthState
from ports.identities import Identities, OAuthStates


def to_document(identity: LinkedIdentity) -> Document:
    return {
        "_id": identity.id,
        "issuer": identity.issuer,
        "subject": identity.subject,
        "account_id": identity.account_id,
        "provider": identity.provider,
        "email": identity.email,
        "linked_at": identity.linked_at,
    }


def from_document(document: Document) -> LinkedIdentity:
    return LinkedIdentity(
        issuer=document["issuer"],
        subject=document["subject"],
        account_id=AccountId(document["account_id"]),
        provider=document["provider"],
        email=document["email"],
        linked_at=document["linked_at"],
    )


class MongoIdentities(Kept, Identities):
    """`_id` is issuer and subject: the index every collection has keeps it unique."""

    name = "identities"
    indexes = (IndexModel([("account_id", ASCENDING)], name="of_account"),)
    unique: ClassVar[Mapping[str, type[Conflict]]] = {"_id_": IdentityTaken}

    async def find(self, issuer: str, subject: str) -> LinkedIdentity | None:
        document = await self.rows.find_one({"_id": f"{issuer}|{subject}"})
        return from_document(document) if document else None

    async def of_account(self, account_id: AccountId) -> Sequence[LinkedIdentity]:
        found = await self.rows.find({"account_id": account_id}, order=[("linked_at", ASCENDING)])
        return [from_document(document) for document in found]

    async def add(self, identity: LinkedIdentity) -> None:
        await self.rows.insert(to_document(identity))

    async def remove(self, issuer: str, subject: str) -> None:
        await self.rows.remove({"_id": f"{issuer}|{subject}"})


def oauth_state_to_document(oauth_state: OAuthState) -> Document:
    return {
        "_id": oauth_state.id,
        "provider": oauth_state.provider,
        "nonce": oauth_state.nonce,
        "verifier": oauth_state.verifier,
        "visit": oauth_state.visit,
        "expires_at": oauth_state.expires_at,
        "role": oauth_state.role,
        "account_id": oauth_state.account_id,
        "target": oauth_state.target,
    }


def oauth_state_from_document(document: Document) -> OAuthState:
    return OAuthState(
        id=document["_id"],
        provider=document["provider"],
        nonce=document["nonce"],
        verifier=document["verifier"],
        visit=document["visit"],
        expires_at=document["expires_at"],
        role=Role(document["role"]) if document["role"] else None,
        account_id=AccountId(document["account_id"]) if document["account_id"] else None,
        target=document["target"],
    )


class MongoOAuthStates(Kept, OAuthStates):
    name = "journeys"
    indexes = (IndexModel([("expires_at", ASCENDING)], name="rubbish", expireAfterSeconds=60),)

    async def add(self, oauth_state: OAuthState) -> None:
        await self.rows.insert(oauth_state_to_document(oauth_state))

    async def take(self, state_id: str) -> OAuthState | None:
        """Who removes the row has it: of two that come back at once, one."""
        document = await self.rows.find_one({"_id": state_id})
        if document is None or not await self.rows.remove({"_id": state_id}):
            return None
        return oauth_state_from_document(document)
