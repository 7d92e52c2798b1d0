"""Every socket event answers whatever data it gets: with a reason, and without an exception."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from typing import Any

import pytest

from tests.web.every_role import SiteWithEveryRole, build_site_with_every_role
from tests.web.route_samples import all_samples
from tests.web.sockets import open_socket, sockets_of
from web.app import WEB
from web.shared.records import events_of

VALUES: tuple[Any, ...] = (
    None, True, -1, 0, 1.5, 2**53, 10**30, "", " ", "\0", "\x1b", "x" * 30_000, "bkg_\u202e",
    "\u2800", [], ["x"], [[[]]], [None] * 200, {}, {"$ne": ""}, {"a.b": {"c": []}}, {"": None},
)  # fmt: skip
"""Of any type, for the data as a whole and in the place of each field."""


@pytest.fixture(scope="module")
async def site() -> SiteWithEveryRole:
    return await build_site_with_every_role()


def malformed(sample: object) -> Iterator[object]:
    yield from VALUES
    if not isinstance(sample, dict):
        return
    yield {**sample, "more": 1}
    for name in sample:
        yield {key: value for key, value in sample.items() if key != name}
        for value in VALUES:
            yield {**sample, name: value}
            if isinstance(sample[name], dict):
                yield {**sample, name: {**sample[name], "more": value}}


@pytest.mark.parametrize("event", sorted(events_of(WEB)))
@pytest.mark.parametrize("who", ["anon", "client"])
async def test_malformed_data_is_answered(
    site: SiteWithEveryRole, event: str, who: str, caplog: pytest.LogCaptureFixture
) -> None:
    person, sample = site.people[who], all_samples().events[event]
    data = sample(person) if callable(sample) else sample
    codes = set()

    async with sockets_of(site) as sockets:
        for each in malformed(data):
            async with open_socket(sockets, person) as opened:
                answer = await opened.send(event, each)
                assert isinstance(answer["ok"], bool), each
                codes.add("" if answer["ok"] else answer["code"])

    assert codes & {"invalid", "sign_in_first", "malformed_event", "session_over"}
    assert "internal" not in codes
    assert not [line for line in caplog.records if line.exc_info or line.levelno >= logging.ERROR]
