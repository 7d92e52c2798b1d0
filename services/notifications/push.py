"""Messages to the browsers of a person: who asked for them, and how they are sent."""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from datetime import datetime

from core.accounts import AccountId
from core.errors import Conflict
from core.outbox import message
from core.policy import DAY
from core.push_subscriptions import (
    MOST_OF_ACCOUNT,
    BrowserDelivery,
    PushDelivery,
    PushSubscription,
    subscription_id,
)
from ports.clock import Clock
from ports.push import Pusher, PushReceiver, PushRefused, SubscriptionEnded
from ports.store import Repositories, Store
from ports.templates import Templates
from services.notifications.contexts import NoticeContexts
from services.notifications.documents import NOTIFICATIONS, SUBSCRIPTIONS
from services.shared.notices import Notice
from services.shared.outbox import handles

log = logging.getLogger(__name__)

LIFE = DAY
"""How long a push service keeps a message for a browser that is off."""
TITLE_AT_MOST = 200
"""Characters."""


class PushOff(Conflict):
    """This site sends no messages to browsers."""

    code = "push_off"


@dataclass(frozen=True, slots=True, kw_only=True)
class PushService:
    """`pusher` is None where the operator has not turned push messages on."""

    store: Store
    pusher: Pusher | None
    templates: Templates
    notices: Mapping[str, Notice]
    contexts: NoticeContexts
    clock: Clock
    site: str

    @property
    def public_key(self) -> str:
        """The key that browsers subscribe with; empty where push messages are off."""
        return self.pusher.public_key if self.pusher else ""

    async def subscribe(
        self, *, by: str, endpoint: str, key: str, secret: str, device: str
    ) -> PushSubscription:
        """Send messages to this browser from now on; it belongs to the account that asked last.
        An eleventh browser replaces the oldest. Raises `Invalid` and `PushOff`."""
        if self.pusher is None:
            raise PushOff
        wanted = PushSubscription.of(
            by, endpoint=endpoint, key=key, secret=secret, device=device, at=self.clock.now()
        )

        async def step(repositories: Repositories) -> PushSubscription:
            documents = repositories.documents(SUBSCRIPTIONS)
            stored = await documents.find(wanted.id)
            if stored:
                return await documents.save(replace(wanted, version=stored.version))
            others = [each async for each in documents.each(account_id=by)]
            for old in sorted(others, key=_age)[: max(len(others) - MOST_OF_ACCOUNT + 1, 0)]:
                await documents.remove(old.id)
            return await documents.add(wanted)

        return await self.store.transact(step)

    async def unsubscribe(self, endpoint: str, *, by: str) -> None:
        """Without effect for a browser of another account."""
        documents = self.store.repositories.documents(SUBSCRIPTIONS)
        stored = await documents.find(subscription_id(endpoint))
        if stored and stored.account_id == by:
            await documents.remove(stored.id)

    @handles(PushDelivery)
    async def deliver(self, payload: PushDelivery) -> None:
        """Write one message for each browser of the account, unless it was read in the list."""
        repositories, now = self.store.repositories, self.clock.now()
        entry = await repositories.documents(NOTIFICATIONS).find(payload.key)
        if self.pusher is None or (entry and entry.read_at):
            return
        browsers = repositories.documents(SUBSCRIPTIONS).each(account_id=payload.account)
        messages = [
            message(
                BrowserDelivery(**asdict(payload), subscription=browser.id),
                f"{payload.key}:{browser.id}",
                due_at=now,
            )
            async for browser in browsers
        ]
        await repositories.outbox.add(*messages)

    @handles(BrowserDelivery)
    async def send(self, payload: BrowserDelivery) -> None:
        """Send to one browser. A subscription that has ended is removed. Raises
        `PushUnavailable`."""
        repositories = self.store.repositories
        documents = repositories.documents(SUBSCRIPTIONS)
        browser = await documents.find(payload.subscription)
        if self.pusher is None or browser is None or browser.account_id != payload.account:
            return
        content = await self._content(payload)
        if content is None:
            return
        receiver = PushReceiver(browser.endpoint, browser.key, browser.secret)
        try:
            await self.pusher.send(receiver, content, topic=payload.key, life=LIFE)
        except SubscriptionEnded:
            await documents.remove(browser.id)
        except PushRefused as error:
            log.warning("a push message to %s was refused: %s", browser.id, error)

    async def _content(self, payload: BrowserDelivery) -> bytes | None:
        """What the service worker shows: the subject of the e-mail, and the page it opens."""
        reader = await self.store.repositories.accounts.get(AccountId(payload.account))
        context = None if reader.erased else await self.contexts.read(payload, reader)
        if context is None:
            return None
        template = self.notices[payload.notice].template
        email = self.templates.email(template, context, zone=reader.timezone)
        url = getattr(context, "url", f"{self.site}/notifications")
        title = email.subject[:TITLE_AT_MOST]
        return json.dumps({"title": title, "url": url, "id": payload.key}).encode()


def _age(subscription: PushSubscription) -> datetime:
    return subscription.added_at
