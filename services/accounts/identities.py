"""Sign-in with Google, GitHub, or another OpenID provider of the operator.

An account is found by issuer and subject, never by the e-mail address of the provider. An address
links an identity to an account only when both the provider and the account have confirmed it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from core.accounts import (
    Account,
    AccountActivity,
    AccountId,
    EmailTaken,
    EmailUnverified,
    Role,
    TooManyAttempts,
)
from core.accounts_policy import AccountPolicy
from core.errors import Invalid, NotFound
from core.identities import (
    IdentityTaken,
    IdentityUnproven,
    LinkedIdentity,
    NoAccountYet,
    OAuthState,
    OnlySignInMethod,
)
from core.sessions import Caller
from core.text import checked_name
from core.timezones import checked_timezone
from ports.clock import Clock, Ids
from ports.identity import Attempt, Identity, IdentityProvider, IdentityRefused
from ports.store import Repositories, Store
from services.accounts.addresses import AccountAddresses, find_account
from services.accounts.rate_limits import RateLimits
from services.accounts.registration import AccountRegistration
from services.accounts.session_writer import SessionWriter
from services.accounts.sessions import SessionService, SignedIn


@dataclass(frozen=True, slots=True)
class OAuthResult:
    """The result of a callback: signed in, or only linked when `signed_in` is None. `target` is
    the path to redirect to; `new`: the account was created by this sign-in."""

    signed_in: SignedIn | None
    target: str
    new: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class IdentityService:
    """OAuth and OpenID sign-ins; `providers` by name, `site` is the base URL."""

    store: Store
    providers: Mapping[str, IdentityProvider]
    sessions: SessionService
    registration: AccountRegistration
    session_writer: SessionWriter
    rate_limits: RateLimits
    addresses: AccountAddresses
    clock: Clock
    ids: Ids
    policy: AccountPolicy
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
        """The provider's authorization URL. `role` is the role of a new account, `link_to` the
        signed-in account to link. Raises `NotFound`, `IdentityUnavailable`, or `TooManyAttempts`
        for a network address that starts too many sign-ins in an hour."""
        at = self._provider(provider)
        if not await self.rate_limits.allow(
            f"identity-from:{caller.source}", most=self.policy.registrations_per_hour
        ):
            raise TooManyAttempts("Too many sign-ins from your network. Try again in an hour.")
        state = self.ids.secret()
        oauth_state = OAuthState(
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
        address = await at.authorization_url(self._attempt(oauth_state, state))
        await self.store.repositories.oauth_states.add(oauth_state)
        return address

    async def finish(
        self,
        provider: str,
        answer: Mapping[str, str],
        *,
        timezone: str,
        caller: Caller,
        by: AccountId | None = None,
    ) -> OAuthResult:
        """Complete a sign-in or a link with the query of the callback: once, in the browser that
        started it. `by` is the account signed in there; only it can be linked.

        Raises `IdentityRefused`, `IdentityUnavailable`, `IdentityUnproven`, `IdentityTaken`,
        `NoAccountYet` or `Suspended`.
        """
        state = answer.get("state", "")
        oauth_state = await self.store.repositories.oauth_states.take(_hashed(state))
        if (
            oauth_state is None
            or oauth_state.provider != provider
            or oauth_state.visit != caller.visit
            or oauth_state.account_id not in (None, by)
            or oauth_state.expires_at <= self.clock.now()
        ):
            raise IdentityRefused(
                "This sign-in has expired or was started in another browser. Please start again."
            )
        found = await self._provider(provider).identify(self._attempt(oauth_state, state), answer)
        if oauth_state.account_id:
            await self._link(oauth_state, found, caller)
            return OAuthResult(None, oauth_state.target)
        account, new = await self._account_of(oauth_state, found, timezone, caller)
        if not account.email_verified:  # its confirmation was withdrawn
            raise EmailUnverified
        signed_in = await self.sessions.sign_in(account, caller, how=oauth_state.provider)
        return OAuthResult(signed_in, oauth_state.target, new)

    async def list_linked(self, account_id: AccountId) -> Sequence[LinkedIdentity]:
        """The identities linked to the account."""
        return await self.store.repositories.identities.of_account(account_id)

    async def unlink(self, account: Account, provider: str, caller: Caller) -> None:
        """Unlink all identities of this provider. Raises `NotFound`, or `OnlySignInMethod` when the
        account has no other sign-in method."""

        async def step(repositories: Repositories) -> None:
            current = await repositories.accounts.get(account.id)
            linked = await repositories.identities.of_account(account.id)
            own = [one for one in linked if one.provider == provider]
            if not own:
                raise NotFound
            others = {one.provider for one in linked} - {provider}
            if current.password_hash is None and not others & self.providers.keys():
                raise OnlySignInMethod
            for one in own:
                await repositories.identities.remove(one.issuer, one.subject)
            # Concurrent calls conflict on the account, so the second one sees the first.
            saved = await self._save_changed(repositories, current)
            await self._record_change(
                repositories, saved, AccountActivity.IDENTITY_UNLINKED, provider, caller
            )

        await self.store.transact(step)

    async def _account_of(
        self, oauth_state: OAuthState, found: Identity, timezone: str, caller: Caller
    ) -> tuple[Account, bool]:
        """The account of this sign-in, and whether it was created for it."""
        try:
            return await self._find_or_create(oauth_state, found, timezone, caller)
        except (EmailTaken, IdentityTaken):  # a concurrent sign-in was first
            return await self._find_or_create(oauth_state, found, timezone, caller)

    async def _find_or_create(
        self, oauth_state: OAuthState, found: Identity, timezone: str, caller: Caller
    ) -> tuple[Account, bool]:
        linked = await self.store.repositories.identities.find(found.issuer, found.subject)
        if linked:
            return await self.store.repositories.accounts.get(linked.account_id), False
        if not found.email or not found.email_verified:
            raise IdentityUnproven
        email = self._canonical(found.email)
        wanted = self._new_account(oauth_state, found, email, timezone)

        async def step(repositories: Repositories) -> tuple[Account, bool]:
            owner = await find_account(repositories, email)
            new = owner is None or not owner.email_verified
            if owner is not None and owner.email_verified:
                account = await self._save_changed(repositories, owner)
            elif wanted is None:
                raise NoAccountYet
            elif owner is not None:
                account = await self._replace_unconfirmed(repositories, owner, wanted)
            else:
                account = wanted
                await self.registration.create_account(repositories, account, caller)
            await repositories.identities.add(self._linked(oauth_state, found, account.id))
            await self._record_change(
                repositories,
                account,
                AccountActivity.IDENTITY_LINKED,
                oauth_state.provider,
                caller,
            )
            return account, new

        return await self.store.transact(step)

    async def _replace_unconfirmed(
        self, repositories: Repositories, unconfirmed: Account, wanted: Account
    ) -> Account:
        """The address of the stored account was never confirmed: none of its data is retained."""
        claimed = replace(wanted, id=unconfirmed.id, version=unconfirmed.version)
        saved = await repositories.accounts.save(claimed)
        await self.registration.create_profiles(repositories, saved)
        await self.session_writer.end_all(repositories, saved.id)
        for identity in await repositories.identities.of_account(saved.id):
            await repositories.identities.remove(identity.issuer, identity.subject)
        return saved

    def _canonical(self, email: str) -> str:
        try:
            return self.addresses.canonical(email)
        except Invalid as error:
            raise IdentityUnproven from error

    def _new_account(
        self, oauth_state: OAuthState, found: Identity, email: str, timezone: str
    ) -> Account | None:
        if oauth_state.role is None:
            return None
        now = self.clock.now()
        return Account(
            id=AccountId(self.ids.new("acc")),
            email=email,
            name=_name(found, email),
            roles=frozenset({oauth_state.role}),
            password_hash=None,
            timezone=checked_timezone(timezone),
            created_at=now,
            email_verified_at=now,
            two_factor=oauth_state.role is Role.DEVELOPER,
        )

    async def _link(self, oauth_state: OAuthState, found: Identity, caller: Caller) -> None:
        account_id = oauth_state.account_id
        assert account_id is not None

        async def step(repositories: Repositories) -> None:
            linked = await repositories.identities.find(found.issuer, found.subject)
            if linked and linked.account_id == account_id:
                return
            if linked:
                raise IdentityTaken
            account = await self._save_changed(
                repositories, await repositories.accounts.get(account_id)
            )
            await repositories.identities.add(self._linked(oauth_state, found, account_id))
            await self._record_change(
                repositories,
                account,
                AccountActivity.IDENTITY_LINKED,
                oauth_state.provider,
                caller,
            )

        await self.store.transact(step)

    async def _save_changed(self, repositories: Repositories, account: Account) -> Account:
        """Save it with the time at which a way to sign in was added or removed, for which
        withdrawals wait."""
        return await repositories.accounts.save(
            account.with_changed_credentials(now=self.clock.now())
        )

    async def _record_change(
        self,
        repositories: Repositories,
        account: Account,
        what: AccountActivity,
        provider: str,
        caller: Caller,
    ) -> None:
        """An audit entry, and the e-mail of the same name."""
        label = self._provider(provider).label
        await repositories.outbox.add(
            self.session_writer.audit_message(account, caller, what, provider=label),
            self.session_writer.security_notice(account, what, provider=label),
        )

    def _linked(
        self, oauth_state: OAuthState, found: Identity, account_id: AccountId
    ) -> LinkedIdentity:
        return LinkedIdentity(
            issuer=found.issuer,
            subject=found.subject,
            account_id=account_id,
            provider=oauth_state.provider,
            email=found.email,
            linked_at=self.clock.now(),
        )

    def _provider(self, name: str) -> IdentityProvider:
        if name not in self.providers:
            raise NotFound
        return self.providers[name]

    def _attempt(self, oauth_state: OAuthState, state: str) -> Attempt:
        back = f"{self.site}/api/v1/auth/oauth/{oauth_state.provider}/callback"
        return Attempt(state, oauth_state.nonce, oauth_state.verifier, back)


def _hashed(state: str) -> str:
    """Only a hash is stored: a reader of the database cannot complete a sign-in."""
    return hashlib.sha256(state.encode(errors="replace")).hexdigest()


def _name(found: Identity, email: str) -> str:
    """The name from the provider, otherwise the local part of the address."""
    for name in (found.name, email.partition("@")[0]):
        try:
            return checked_name(name[:80])
        except Invalid:
            continue
    return "New user"
