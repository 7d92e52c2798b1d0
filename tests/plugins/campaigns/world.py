"""The application with campaigns, an administrator, and people who agreed to mails."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta

from quart import Quart

from core.accounts import Account
from plugins.campaigns import Campaigns
from plugins.campaigns.consent_service import ConsentService
from plugins.campaigns.consents import Topic
from plugins.campaigns.mails import Mails
from plugins.campaigns.model import RECIPIENTS, Campaign, Segment, Target, Words
from plugins.campaigns.sending import Sending
from plugins.campaigns.service import CampaignService
from plugins.manager import Plugins
from ports.mail import Message
from tests.app import CALLER, MemoryApp
from tests.plugins.site import app_with, switched_on
from tests.web.site import Browser, app_of

HELLO = Words(
    subject="Hello {{ name }}",
    line="Something new",
    text="Dear {{ name }},\n\nthere is news.",
    button="See it",
    target=Target.DEVELOPERS,
)
HOUR = timedelta(hours=1)


@dataclass
class World:
    app: MemoryApp
    plugins: Plugins
    admin: Account
    made: int = field(default=0)

    @property
    def campaigns(self) -> CampaignService:
        return self.app.services.built[CampaignService]

    @property
    def consents(self) -> ConsentService:
        return self.app.services.built[ConsentService]

    @property
    def sending(self) -> Sending:
        return self.app.services.built[Sending]

    @property
    def mails(self) -> Mails:
        return self.sending.mails

    async def person(self, name: str, *topics: Topic, clicks: bool = False) -> Account:
        """A client who agreed to these topics."""
        account, _ = await self.app.client(name)
        if topics:
            await self.consents.choose(topics, clicks=clicks, by=account.id)
        return account

    async def draft(
        self, words: Words = HELLO, segment: Segment | None = None, topic: Topic = Topic.NEWS
    ) -> Campaign:
        self.made += 1
        made = await self.campaigns.create(f"Campaign {self.made}", by=self.admin, caller=CALLER)
        return await self.campaigns.write(
            made.id,
            name=made.name,
            topic=topic,
            segment=segment or Segment(),
            words=words,
            by=self.admin,
        )

    async def scheduled(
        self, words: Words = HELLO, segment: Segment | None = None, rate: int = 3_600
    ) -> Campaign:
        draft = await self.draft(words, segment)
        return await self.campaigns.schedule(
            draft.id, starts_at=None, rate=rate, by=self.admin, caller=CALLER
        )

    async def sent(self, **options: object) -> Campaign:
        """A campaign that has reached everybody."""
        campaign = await self.scheduled(**options)  # type: ignore[arg-type]
        await self.let_run()
        return await self.campaigns.get(campaign.id)

    async def let_run(self, hours: int = 2) -> None:
        """Time passes in small steps, as it does for workers."""
        await self.app.run()
        for _ in range(hours * 12):
            await self.app.pass_time(timedelta(minutes=5))

    async def outcomes(self, campaign: Campaign) -> dict[str, str]:
        """How far each mail is, by the name of the person."""
        rows = self.app.store.repositories.documents(RECIPIENTS).each(campaign=campaign.id)
        accounts = self.app.store.repositories.accounts
        return {(await accounts.get(row.account)).name: str(row.progress) async for row in rows}  # type: ignore[arg-type]

    def mails_of(self, account: Account) -> list[Message]:
        """The campaign mails that the account got."""
        return [mail for mail in self.app.mailer.to(account.email) if mail.unsubscribe]

    def site(self) -> Quart:
        return app_of(self.app, added=self.plugins.web)

    async def browser(self, account: Account) -> Browser:
        browser = Browser(self.site())
        await browser.look("/login")
        await browser.log_in(account)
        await self.app.run()
        if account.factor:
            form = {"code": self.app.code_for(account.email), "csrf_token": browser.token}
            await browser.ask("POST", "/login/code", form=form)
        return browser


async def a_world(**settings: str) -> World:
    given = {f"ONEHOUR_PLUGIN_CAMPAIGNS_{name.upper()}": text for name, text in settings.items()}
    plugins = switched_on(Campaigns, "campaigns", given)
    app = app_with(plugins)
    return World(app, plugins, await app.admin("Asha Menon"))
