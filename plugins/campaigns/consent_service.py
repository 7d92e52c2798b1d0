"""The use cases of people: agree to mails, choose, and stop them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from plugins.api import Account, AccountId, Clock, Formats, Repositories, Store
from plugins.campaigns.consents import CONSENTS, Consent, Topic, Way, no_consent
from plugins.campaigns.model import RECIPIENTS, recipient_id
from plugins.campaigns.numbers import save_row, transact
from plugins.campaigns.people import remember_last_booking
from plugins.campaigns.tokens import Tokens, UnknownLink


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsentService:
    store: Store
    formats: Formats
    tokens: Tokens
    clock: Clock

    async def find(self, account: str) -> Consent:
        """What the account agreed to; to nothing if it was never asked."""
        found = await self.store.repositories.documents(CONSENTS).find(account)
        language = self.formats.locale
        return found or no_consent(account, language=language, at=self.clock.now())

    async def choose(
        self, topics: Iterable[Topic], *, clicks: bool, by: str, way: Way = Way.PAGE
    ) -> Consent:
        """Agree to exactly these topics, from now on. None of them withdraws the consent."""
        chosen = tuple(topics)

        async def step(repositories: Repositories) -> Consent:
            if chosen:
                await remember_last_booking(repositories, by)
            return await self._write(repositories, by, chosen, clicks=clicks, way=way)

        return await self.store.transact(step)

    async def opened(self, token: str) -> tuple[Account, Consent]:
        """Whose link this is, and what they agreed to; changes nothing. Raises `UnknownLink`."""
        _, account_id = self.tokens.read(token)
        account = await self.store.repositories.accounts.find(AccountId(account_id))
        if account is None or account.erased:
            raise UnknownLink
        return account, await self.find(account_id)

    async def stop(self, token: str, *, way: Way) -> Account:
        """No campaign mail to this person from now on, also of campaigns that are being sent.
        Raises `UnknownLink`."""
        account, _ = await self.opened(token)
        campaign, _ = self.tokens.read(token)
        now = self.clock.now()

        async def step(repositories: Repositories) -> None:
            before = await repositories.documents(CONSENTS).find(account.id)
            if before and before.topics:
                await self._write(repositories, account.id, (), clicks=False, way=way)
            rows = repositories.documents(RECIPIENTS)
            row = await rows.find(recipient_id(campaign, account.id))
            if row and row.withdrew_at is None:
                await save_row(repositories, row, replace(row, withdrew_at=now))

        await transact(self.store, step)
        return account

    async def _write(
        self,
        repositories: Repositories,
        account: str,
        topics: tuple[Topic, ...],
        *,
        clicks: bool,
        way: Way,
    ) -> Consent:
        consents, now = repositories.documents(CONSENTS), self.clock.now()
        stored = await consents.find(account)
        before = stored or no_consent(account, language=self.formats.locale, at=now)
        after = before.choose(topics, clicks=clicks, at=now, way=way)
        after = replace(after, language=self.formats.locale) if topics else after
        return await (consents.save(after) if stored else consents.add(after))
