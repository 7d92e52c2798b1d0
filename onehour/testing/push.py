"""The contract of every `ports.push.Pusher`; adapter authors inherit `PusherContract`."""

from __future__ import annotations

import asyncio
from base64 import urlsafe_b64decode
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from typing import Protocol

import pytest

from onehour.testing.suite import Contract, shown_by, since
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


class PusherContract(Contract):
    """Inherit it and provide the fixture `pusher_setup`."""

    port = "push"

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

    @since(2)
    @pytest.mark.parametrize(
        "content", [b"", bytes(range(256)), b"ends with \x02", b"\0\0", b"\r\n\r\n"]
    )
    async def test_every_byte_arrives(self, pusher_setup: PusherSetup, content: bytes) -> None:
        browser = pusher_setup.browser()

        await pusher_setup.pusher.send(browser, content, topic="a", life=LIFE)

        assert pusher_setup.received(browser) == [content]

    @since(2)
    async def test_browsers_can_subscribe_with_its_key(self, pusher_setup: PusherSetup) -> None:
        """An uncompressed point of P-256, the same each time: else all subscriptions end."""
        text = pusher_setup.pusher.public_key

        key = urlsafe_b64decode(text + "=" * (-len(text) % 4))
        assert (len(key), key[0], "=" in text) == (65, 4, False)
        assert pusher_setup.pusher.public_key == text

    @since(2)
    @pytest.mark.parametrize("topic", ["", "booking:bk_7", "ü/+= ✓", "long" * 50, "a\r\nttl: 0"])
    async def test_a_topic_is_any_text(self, pusher_setup: PusherSetup, topic: str) -> None:
        browser = pusher_setup.browser()

        await pusher_setup.pusher.send(browser, TEXT, topic=topic, life=LIFE)

        assert pusher_setup.received(browser) == [TEXT]

    @since(2)
    @pytest.mark.parametrize("life", [timedelta(), timedelta(seconds=1.5), timedelta(days=28)])
    async def test_a_life_is_any_time(self, pusher_setup: PusherSetup, life: timedelta) -> None:
        browser = pusher_setup.browser()

        await pusher_setup.pusher.send(browser, TEXT, topic="a", life=life)

        assert pusher_setup.received(browser) == [TEXT]

    @since(2)
    async def test_messages_at_the_same_time_reach_each_its_browser(
        self, pusher_setup: PusherSetup
    ) -> None:
        browsers = [pusher_setup.browser() for _ in range(8)]

        await asyncio.gather(
            *(
                pusher_setup.pusher.send(each, f"{number}".encode(), topic="a", life=LIFE)
                for number, each in enumerate(browsers)
            )
        )

        assert [pusher_setup.received(each) for each in browsers] == [
            [f"{number}".encode()] for number in range(8)
        ]

    @since(2)
    async def test_messages_to_one_browser_arrive_in_order(self, pusher_setup: PusherSetup) -> None:
        browser = pusher_setup.browser()

        for content in (b"1", b"2", b"2", b"3"):
            await pusher_setup.pusher.send(browser, content, topic="a", life=LIFE)

        assert pusher_setup.received(browser) == [b"1", b"2", b"2", b"3"]

    @since(2)
    @pytest.mark.parametrize(
        "endpoint",
        [
            "http://push.example.com/1", "https://127.0.0.1/1", "https://10.0.0.1/1",
            "https://[::1]/1", "https://169.254.169.254/latest/meta-data", "https://localhost/1",
            "file:///etc/passwd", "", "https://",
        ],
    )  # fmt: skip
    async def test_an_address_that_is_no_public_server_is_refused(
        self, pusher_setup: PusherSetup, endpoint: str
    ) -> None:
        somewhere = replace(pusher_setup.browser(), endpoint=endpoint)

        with pytest.raises(PushRefused):
            await pusher_setup.pusher.send(somewhere, TEXT, topic="a", life=LIFE)

    @since(2)
    @pytest.mark.parametrize("key", [b"", b"\x04" + bytes(64), b"\x05" * 65, b"\x04" * 64])
    async def test_a_key_that_is_none_is_refused(
        self, pusher_setup: PusherSetup, key: bytes
    ) -> None:
        """People send them. No retry mends a key."""
        browser = pusher_setup.browser()
        self.needs("encryption for the browser", bool(browser.key))
        browser = replace(browser, key=key)

        with pytest.raises(PushRefused):
            await pusher_setup.pusher.send(browser, TEXT, topic="a", life=LIFE)

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

    @since(2)
    async def test_the_end_of_one_subscription_is_not_that_of_others(
        self, pusher_setup: PusherSetup
    ) -> None:
        ended, other = pusher_setup.browser(), pusher_setup.browser()
        pusher_setup.end(ended)

        for _ in range(2):
            with pytest.raises(SubscriptionEnded):
                await pusher_setup.pusher.send(ended, TEXT, topic="a", life=LIFE)
        await pusher_setup.pusher.send(other, TEXT, topic="a", life=LIFE)

        assert pusher_setup.received(other) == [TEXT]

    @since(2)
    async def test_no_error_tells_the_address_of_a_browser(self, pusher_setup: PusherSetup) -> None:
        """Whoever knows it can find out when the browser is used."""
        pusher, browsers = pusher_setup.pusher, [pusher_setup.browser() for _ in range(3)]
        pusher_setup.end(browsers[0])
        pusher_setup.refuse(browsers[1])

        shown = [await shown_by(pusher.send(each, TEXT, topic="a", life=LIFE)) for each in browsers]
        pusher_setup.set_busy(True)
        shown.append(await shown_by(pusher.send(browsers[2], TEXT, topic="a", life=LIFE)))

        assert not any(each.endpoint in text for text in shown for each in browsers)

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
