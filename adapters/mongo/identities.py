"""Linked identities, and sign-ins with a provider under way, in MongoDB."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import ClassVar

from pymongo import ASCENDING, IndexModel

from adapters.mongo.collection import Kept
from adapters.mongo.rows import Document
from core.accounts import AccountId, Role
from core.errors import Conflict
from core.identities import IdentityTaken, Journey, LinkedIdentity
from ports.identities import Identities, Journeys


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


def journey_to_document(journey: Journey) -> Document:
    return {
        "_id": journey.id,
        "provider": journey.provider,
        "nonce": journey.nonce,
        "verifier": journey.verifier,
        "visit": journey.visit,
        "expires_at": journey.expires_at,
        "role": journey.role,
        "account_id": journey.account_id,
        "target": journey.target,
    }


def journey_from_document(document: Document) -> Journey:
    return Journey(
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


class MongoJourneys(Kept, Journeys):
    name = "journeys"
    indexes = (IndexModel([("expires_at", ASCENDING)], name="rubbish", expireAfterSeconds=60),)

    async def add(self, journey: Journey) -> None:
        await self.rows.insert(journey_to_document(journey))

    async def take(self, journey_id: str) -> Journey | None:
        """Who removes the row has it: of two that come back at once, one."""
        document = await self.rows.find_one({"_id": journey_id})
        if document is None or not await self.rows.remove({"_id": journey_id}):
            return None
        return journey_from_document(document)
