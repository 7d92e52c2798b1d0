"""The contract of every `ports.push.Pusher`; adapter authors inherit `PusherContract`."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Protocol

import pytest

from ports.push import (
    LONGEST,
    Pusher,
    PushReceiver,
    PushRefused,
    PushUnavailable,
    SubscriptionEnded,
)

LIFE = timedelta(days=1)
TEXT = '{"title": "Lucía accepted: 2 hours, ₹4,800.00"}'.encode()


class PusherSetup(Protocol):
    """The pusher under test, and the push service behind it."""

    @property
    def pusher(self) -> Pusher: ...

    def browser(self) -> PushReceiver:
        """A new browser of the push service."""
        ...

    def received(self, browser: PushReceiver) -> list[bytes]:
        """What the browser got, decrypted, oldest first."""
        ...

    def end(self, browser: PushReceiver) -> None:
        """From now on the subscription of the browser does not exist any more."""
        ...

    def set_busy(self, busy: bool) -> None:
        """While true, the push service answers with a temporary error."""
        ...

    def refuse(self, browser: PushReceiver) -> None:
        """From now on messages to this browser are refused for another reason."""
        ...

    async def close(self) -> None:
        """From now on the push service does not answer."""
        ...


class PusherContract:
    """Inherit it and provide the fixture `pusher_setup`."""

    @pytest.fixture
    def pusher_setup(self) -> AsyncIterator[PusherSetup]:
        raise NotImplementedError

    async def test_a_message_arrives_whole_and_at_its_browser_only(
        self, pusher_setup: PusherSetup
    ) -> None:
        first, second = pusher_setup.browser(), pusher_setup.browser()

        await pusher_setup.pusher.send(first, TEXT, topic="a", life=LIFE)

        assert pusher_setup.received(first) == [TEXT]
        assert pusher_setup.received(second) == []

    async def test_a_long_message_arrives_whole(self, pusher_setup: PusherSetup) -> None:
        browser, long = pusher_setup.browser(), b"x" * LONGEST

        await pusher_setup.pusher.send(browser, long, topic="a", life=LIFE)

        assert pusher_setup.received(browser) == [long]

    async def test_a_message_that_is_too_long_is_refused(self, pusher_setup: PusherSetup) -> None:
        browser = pusher_setup.browser()

        with pytest.raises(PushRefused):
            await pusher_setup.pusher.send(browser, b"x" * (LONGEST + 1), topic="a", life=LIFE)

        assert pusher_setup.received(browser) == []

    async def test_a_subscription_that_has_ended_is_told_from_a_refusal(
        self, pusher_setup: PusherSetup
    ) -> None:
        ended, refused = pusher_setup.browser(), pusher_setup.browser()
        pusher_setup.end(ended)
        pusher_setup.refuse(refused)

        with pytest.raises(SubscriptionEnded):
            await pusher_setup.pusher.send(ended, TEXT, topic="a", life=LIFE)
        with pytest.raises(PushRefused) as error:
            await pusher_setup.pusher.send(refused, TEXT, topic="a", life=LIFE)

        assert not isinstance(error.value, SubscriptionEnded)
        assert ended.endpoint not in str(error.value)

    async def test_what_is_put_off_arrives_when_it_is_tried_again(
        self, pusher_setup: PusherSetup
    ) -> None:
        browser = pusher_setup.browser()
        pusher_setup.set_busy(True)
        with pytest.raises(PushUnavailable):
            await pusher_setup.pusher.send(browser, TEXT, topic="a", life=LIFE)

        pusher_setup.set_busy(False)
        await pusher_setup.pusher.send(browser, TEXT, topic="a", life=LIFE)

        assert pusher_setup.received(browser) == [TEXT]

    async def test_no_answer_means_try_again_later(self, pusher_setup: PusherSetup) -> None:
        browser = pusher_setup.browser()
        await pusher_setup.close()

        with pytest.raises(PushUnavailable):
            await pusher_setup.pusher.send(browser, TEXT, topic="a", life=LIFE)
