"""Linked identities, and the state of sign-ins with a provider, in MongoDB."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from pymongo import ASCENDING, IndexModel

from adapters.mongo.mapping import DocumentMapping
from adapters.mongo.repository import TTL_INDEX, MongoRepository
from core.accounts import AccountId
from core.errors import Conflict
from core.identities import IdentityTaken, LinkedIdentity, OAuthState
from ports.identities import Identities, OAuthStates

IDENTITIES = DocumentMapping(
    LinkedIdentity, id_field=None, derived={"_id": lambda identity: identity.id}
)
OAUTH_STATES = DocumentMapping(OAuthState)


class MongoIdentities(MongoRepository, Identities):
    """`_id` is made of issuer and subject, so that it is unique."""

    name = "identities"
    indexes = (IndexModel([("account_id", ASCENDING)], name="of_account"),)
    unique: Mapping[str, type[Conflict]] = {"_id_": IdentityTaken}

    async def find(self, issuer: str, subject: str) -> LinkedIdentity | None:
        document = await self.collection.find_one({"_id": f"{issuer}|{subject}"})
        return IDENTITIES.from_document(document) if document else None

    async def of_account(self, account_id: AccountId) -> Sequence[LinkedIdentity]:
        found = await self.collection.find(
            {"account_id": account_id}, order=[("linked_at", ASCENDING)]
        )
        return [IDENTITIES.from_document(document) for document in found]

    async def add(self, identity: LinkedIdentity) -> None:
        await self.collection.insert(IDENTITIES.to_document(identity))

    async def remove(self, issuer: str, subject: str) -> None:
        await self.collection.remove({"_id": f"{issuer}|{subject}"})


class MongoOAuthStates(MongoRepository, OAuthStates):
    name = "journeys"
    indexes = (IndexModel([("expires_at", ASCENDING)], name=TTL_INDEX, expireAfterSeconds=60),)

    async def add(self, oauth_state: OAuthState) -> None:
        await self.collection.insert(OAUTH_STATES.to_document(oauth_state))

    async def take(self, state_id: str) -> OAuthState | None:
        """Only the caller that removes the document gets it, one of several concurrent ones."""
        document = await self.collection.find_one({"_id": state_id})
        if document is None or not await self.collection.remove({"_id": state_id}):
            return None
        return OAUTH_STATES.from_document(document)
