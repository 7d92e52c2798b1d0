"""Sends tests of campaigns to the administrators who ask for them."""

from __future__ import annotations

import logging
from dataclasses import dataclass

from plugins.api import AccountId, Mailer, MailRefused, Store, handles
from plugins.campaigns.audience import Candidate, reachable
from plugins.campaigns.consents import CONSENTS
from plugins.campaigns.mails import Mails, message_of
from plugins.campaigns.model import CAMPAIGNS, TrialMail
from plugins.campaigns.people import person_of
from plugins.campaigns.words import EmptyWord, TooMuch

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Trials:
    store: Store
    mailer: Mailer
    mails: Mails

    @handles(TrialMail)
    async def send_test(self, payload: TrialMail) -> None:
        """Raises `MailUnavailable`."""
        repositories = self.store.repositories
        campaign = await repositories.documents(CAMPAIGNS).get(payload.campaign)
        to = await repositories.accounts.get(AccountId(payload.to))
        account = await repositories.accounts.get(AccountId(payload.reader))
        consent = await repositories.documents(CONSENTS).find(account.id)
        if consent is None or not reachable(account):
            return
        known = await person_of(repositories, account.id)
        reader = Candidate(account, consent, known.person, returns=False)
        try:
            mail = await self.mails.make(repositories, campaign, reader, test=to.id)
            test = f"test.{campaign.id}.{campaign.version}.{to.id}"
            await self.mailer.send(message_of(test, to.email, mail, subject="Test: "))
        except (EmptyWord, TooMuch, MailRefused) as error:
            log.warning("the test of campaign %s was not sent: %r", campaign.id, error)
