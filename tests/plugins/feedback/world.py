"""The application with the plugin, on memory adapters, and approved jobs to review."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from core.accounts import Account, AccountId
from core.developers import Developer
from core.jobs import Job
from plugins.feedback import Feedback
from plugins.feedback.model import Review
from plugins.feedback.moderation import ModerationService
from plugins.feedback.service import FeedbackService
from plugins.manager import Plugins
from tests.app import MemoryApp
from tests.plugins.site import app_with, switched_on
from tests.web.site import Browser, app_of

NO_ASPECTS = (0, 0, 0)
ASPECTS = (5, 4, 3)


@dataclass
class World:
    app: MemoryApp
    plugins: Plugins
    client: Account
    developer: Developer
    jobs: int = 0

    @property
    def moderation(self) -> ModerationService:
        return self.app.services.built[ModerationService]

    async def developer_account(self) -> Account:
        return await self.app.store.repositories.accounts.get(AccountId(self.developer.account_id))

    @property
    def feedback(self) -> FeedbackService:
        return self.app.services.built[FeedbackService]

    async def approved(
        self, client: Account | None = None, developer: Developer | None = None
    ) -> Job:
        """A job of these two, approved by the client, with everything done that follows."""
        client, developer = client or self.client, developer or self.developer
        self.jobs += 1  # each at another time
        job = await self.app.delivered(
            client, developer, starts_in=timedelta(hours=70 + 2 * self.jobs)
        )
        approved = await self.app.services.jobs.approve(job.id, by=client.id)
        await self.app.run()
        assert approved.job
        return approved.job

    async def from_client(
        self, job: Job, rating: int = 5, text: str = "Clear and quick."
    ) -> Review:
        return await self.feedback.write(
            job.id, by=job.client.account_id, rating=rating, aspects=ASPECTS, text=text
        )

    async def from_developer(
        self, job: Job, rating: int = 4, text: str = "Well prepared."
    ) -> Review:
        return await self.feedback.write(
            job.id, by=job.developer.account_id, rating=rating, aspects=NO_ASPECTS, text=text
        )

    async def browser(self, account: Account | None = None) -> Browser:
        """Of a visitor, or of an account that is logged in."""
        browser = Browser(app_of(self.app, added=self.plugins.web))
        if account:
            await browser.look("/login")
            await browser.log_in(account)
        if account and account.factor:
            await self.app.run()
            await browser.look("/login/code")
            form = {"code": self.app.code_for(account.email), "csrf_token": browser.token}
            await browser.ask("POST", "/login/code", form=form)
        return browser

    async def page(self, path: str, account: Account | None = None) -> str:
        """The HTML of a page for an account, or a visitor."""
        answer, html = await (await self.browser(account)).look(path)
        assert answer.status_code == 200, (path, answer.status_code)
        return html


async def new_world(settings: Mapping[str, str] | None = None) -> World:
    plugins = switched_on(Feedback, "feedback", settings)
    app = app_with(plugins)
    client, _ = await app.client()
    return World(app, plugins, client, await app.developer())
