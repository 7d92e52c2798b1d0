"""Signing in with Google, GitHub, or an operator's own OpenID provider.

An account is found by issuer and subject, never by what a provider calls the e-mail address;
an address links only when both sides have confirmed it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from core.accounts import (
    Account,
    AccountId,
    EmailTaken,
    EmailUnverified,
    Role,
    TooManyTries,
    folded_email,
)
from core.availability import checked_timezone
from core.errors import Invalid, NotFound
from core.identities import (
    IdentityTaken,
    IdentityUnproven,
    Journey,
    LastDoor,
    LinkedIdentity,
    NoAccountYet,
)
from core.policy import Policy
from core.sessions import Caller
from ports.clock import Clock, Ids
from ports.identity import Attempt, Identity, IdentityProvider, IdentityRefused
from ports.store import Books, Store
from services.accounts.rate_limits import Doors
from services.accounts.registration import Registering
from services.accounts.service import checked_name
from services.accounts.sessions import SessionService, SignedIn
from services.accounts.signing import Signing


@dataclass(frozen=True, slots=True)
class Arrived:
    """Back from the provider: signed in, or (`signed_in` None) only linked. `target` is the
    page the person wanted; `new` says that the account was just made."""

    signed_in: SignedIn | None
    target: str
    new: bool = False


@dataclass(frozen=True, slots=True)
class IdentityService:
    store: Store
    providers: Mapping[str, IdentityProvider]
    sessions: SessionService
    registering: Registering
    signing: Signing
    doors: Doors
    clock: Clock
    ids: Ids
    policy: Policy
    site: str

    async def start(
        self,
        provider: str,
        *,
        caller: Caller,
        role: Role | None = None,
        link_to: AccountId | None = None,
        target: str = "",
    ) -> str:
        """The provider's address to send the browser to. `role` is what a new account may be,
        `link_to` the signed-in account to connect. Raises `NotFound`, `IdentityUnavailable`, or
        `TooManyTries` for a network that begins one after the other."""
        at = self._provider(provider)
        if not await self.doors.pass_one(
            f"identity-from:{caller.source}", most=self.policy.registrations_per_hour
        ):
            raise TooManyTries("Too many sign-ins from your network. Try again in an hour.")
        state = self.ids.secret()
        journey = Journey(
            id=_hashed(state),
            provider=provider,
            nonce=self.ids.secret(),
            verifier=self.ids.secret(),
            visit=caller.visit,
            expires_at=self.clock.now() + self.policy.code_life,
            role=role,
            account_id=link_to,
            target=target,
        )
        address = await at.address(self._attempt(journey, state))
        await self.store.books.journeys.add(journey)
        return address

    async def finish(
        self,
        provider: str,
        answer: Mapping[str, str],
        *,
        timezone: str,
        caller: Caller,
        by: AccountId | None = None,
    ) -> Arrived:
        """The browser is back with the provider's answer; once, and only the same browser. `by`
        is who is signed in there: a link is made for them alone, so not after their session has
        ended.

        Raises `IdentityRefused`, `IdentityUnavailable`, `IdentityUnproven`, `IdentityTaken`,
        `NoAccountYet` or `Suspended`.
        """
        state = answer.get("state", "")
        journey = await self.store.books.journeys.take(_hashed(state))
        if (
            journey is None
            or journey.provider != provider
            or journey.visit != caller.visit
            or journey.account_id not in (None, by)
            or journey.expires_at <= self.clock.now()
        ):
            raise IdentityRefused("This sign-in is too old, or was begun elsewhere. Begin again.")
        found = await self._provider(provider).identify(self._attempt(journey, state), answer)
        if journey.account_id:
            await self._link(journey, found, caller)
            return Arrived(None, journey.target)
        account, new = await self._account_of(journey, found, timezone, caller)
        if not account.email_verified:  # taken back since: by this door, too, nobody comes in
            raise EmailUnverified
        signed_in = await self.sessions.enter(account, caller, how=journey.provider)
        return Arrived(signed_in, journey.target, new)

    async def of(self, account_id: AccountId) -> Sequence[LinkedIdentity]:
        return await self.store.books.identities.of_account(account_id)

    async def unlink(self, account: Account, provider: str, caller: Caller) -> None:
        """Disconnect all there is of this provider. Raises `LastDoor` when there is no other way
        in, or `NotFound`."""

        async def step(books: Books) -> None:
            current = await books.accounts.get(account.id)
            linked = await books.identities.of_account(account.id)
            mine = [one for one in linked if one.provider == provider]
            if not mine:
                raise NotFound
            others = {one.provider for one in linked} - {provider}
            if current.password_hash is None and not others & self.providers.keys():
                raise LastDoor
            for one in mine:
                await books.identities.remove(one.issuer, one.subject)
            # Of two disconnected at once, the second sees the first: both write the account.
            await books.accounts.save(current)
            await self._tell(books, current, "identity_unlinked", provider, caller)

        await self.store.transact(step)

    async def _account_of(
        self, journey: Journey, found: Identity, timezone: str, caller: Caller
    ) -> tuple[Account, bool]:
        """Whose sign-in this is, and whether the account was just made for it."""
        try:
            return await self._known_or_new(journey, found, timezone, caller)
        except (EmailTaken, IdentityTaken):  # a twin came in between our look and our write
            return await self._known_or_new(journey, found, timezone, caller)

    async def _known_or_new(
        self, journey: Journey, found: Identity, timezone: str, caller: Caller
    ) -> tuple[Account, bool]:
        known = await self.store.books.identities.find(found.issuer, found.subject)
        if known:
            return await self.store.books.accounts.get(known.account_id), False
        if not found.email or not found.email_verified:
            raise IdentityUnproven
        email = folded_email(found.email)
        wanted = self._new_account(journey, found, email, timezone)

        async def step(books: Books) -> tuple[Account, bool]:
            owner = await books.accounts.find_by_email(email)
            new = owner is None or not owner.email_verified
            if owner is not None and owner.email_verified:
                account = owner
            elif wanted is None:
                raise NoAccountYet
            elif owner is not None:
                account = await self._claimed(books, owner, wanted)
            else:
                account = wanted
                await self.registering.open(books, account, caller)
            await books.identities.add(self._linked(journey, found, account.id))
            await self._tell(books, account, "identity_linked", journey.provider, caller)
            return account, new

        return await self.store.transact(step)

    async def _claimed(self, books: Books, squatter: Account, wanted: Account) -> Account:
        """Somebody typed this address and never confirmed it: nothing of theirs stays."""
        claimed = replace(wanted, id=squatter.id, version=squatter.version)
        saved = await books.accounts.save(claimed)
        await self.registering.open_profile(books, saved)
        await self.signing.end_all(books, saved.id)
        for identity in await books.identities.of_account(saved.id):
            await books.identities.remove(identity.issuer, identity.subject)
        return saved

    def _new_account(
        self, journey: Journey, found: Identity, email: str, timezone: str
    ) -> Account | None:
        if journey.role is None:
            return None
        now = self.clock.now()
        return Account(
            id=AccountId(self.ids.new("acc")),
            email=email,
            name=_name(found, email),
            roles=frozenset({journey.role}),
            password_hash=None,
            timezone=checked_timezone(timezone),
            created_at=now,
            email_verified_at=now,
            two_factor=journey.role is Role.DEVELOPER,
        )

    async def _link(self, journey: Journey, found: Identity, caller: Caller) -> None:
        account_id = journey.account_id
        assert account_id is not None

        async def step(books: Books) -> None:
            known = await books.identities.find(found.issuer, found.subject)
            if known and known.account_id == account_id:
                return
            if known:
                raise IdentityTaken
            account = await books.accounts.get(account_id)
            await books.identities.add(self._linked(journey, found, account_id))
            await self._tell(books, account, "identity_linked", journey.provider, caller)

        await self.store.transact(step)

    async def _tell(
        self, books: Books, account: Account, what: str, provider: str, caller: Caller
    ) -> None:
        label = self._provider(provider).label
        await books.effects.add(
            self.signing.note(account, caller, what, provider=label),
            self.signing.notice(account, what, provider=label),
        )

    def _linked(self, journey: Journey, found: Identity, account_id: AccountId) -> LinkedIdentity:
        return LinkedIdentity(
            issuer=found.issuer,
            subject=found.subject,
            account_id=account_id,
            provider=journey.provider,
            email=found.email,
            linked_at=self.clock.now(),
        )

    def _provider(self, name: str) -> IdentityProvider:
        if name not in self.providers:
            raise NotFound
        return self.providers[name]

    def _attempt(self, journey: Journey, state: str) -> Attempt:
        back = f"{self.site}/api/v1/auth/oauth/{journey.provider}/callback"
        return Attempt(state, journey.nonce, journey.verifier, back)


def _hashed(state: str) -> str:
    """Only a hash is kept: who reads the database cannot finish somebody's sign-in."""
    return hashlib.sha256(state.encode(errors="replace")).hexdigest()


def _name(found: Identity, email: str) -> str:
    """What the provider calls them; else the beginning of the address."""
    for name in (found.name, email.partition("@")[0]):
        try:
            return checked_name(name[:80])
        except Invalid:
            continue
    return "Somebody"
