"""Every route with an idempotency key acts once, and a repeat gets the answer of the first request:
at the same time, later, and after the server was stopped between the two."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field, replace
from typing import Any

import orjson
import pytest

from tests.web.every_role import Person, SiteWithEveryRole, build_site_with_every_role
from tests.web.matrix import FOREIGN, OWN, Row, prepared, rows, thing_of
from web.shared.access import Who
from web.shared.api import KEY, is_idempotent

PEOPLE = ("client", "client2", "dev", "dev2", "admin")
"""Who sends the requests; the routes for both parties take the one who can."""
Answer = tuple[int, bytes]


@dataclass
class Repeated:
    """One route, and the person whose request it takes."""

    site: SiteWithEveryRole
    row: Row
    person: Person
    thing: str
    path: str = ""
    sent: dict[str, Any] = field(default_factory=dict)

    async def prepare(self) -> None:
        """The state before the request."""
        self.path, self.sent = await prepared(self.site, self.row, self.person, self.thing)

    async def ask(self, *, spaces: str = "") -> Answer:
        """`spaces` make other bytes of the same body."""
        headers, body = {KEY: "key-1"}, orjson.dumps(self.sent["json"]) if self.sent else b""
        if body:
            headers["Content-Type"] = "application/json"
        answer = await self.person.ask(
            self.row.method, self.path, headers=headers, data=spaces.encode() + body
        )
        body = await answer.get_data(as_text=False)
        assert isinstance(body, bytes)
        return answer.status_code, body

    @property
    def counts(self) -> dict[str, int]:
        """How many rows each table has."""
        return {name: len(table) for name, table in self.site._rows.items() if table}

    def lose_answer(self) -> None:
        """As if the server had been stopped after the commit, before the answer."""
        (recorded,) = self.site._rows["idempotency_keys"].items()
        self.site._rows["idempotency_keys"][recorded[0]] = replace(recorded[1], answer=None)


@pytest.fixture(scope="module")
async def site() -> SiteWithEveryRole:
    return await build_site_with_every_role()


def idempotent_rows(site: SiteWithEveryRole) -> Iterator[Row]:
    for row in rows(site):
        view = site.quart_app.view_functions[row.rule.endpoint]
        mine = FOREIGN if row.access.who is Who.ADMIN else OWN
        if (
            is_idempotent(view)
            and row.thing in (mine, "")
            and (row.fresh or not row.access.step_up)
        ):
            yield row


async def requests(site: SiteWithEveryRole) -> AsyncIterator[Repeated]:
    """A request for each route that it takes."""
    for row in idempotent_rows(site):
        yield await _taken(site, row)


async def _taken(site: SiteWithEveryRole, row: Row) -> Repeated:
    for name in PEOPLE:
        person = site.people[name]
        thing = thing_of(site, row, person)
        if thing is None:
            continue
        found = Repeated(site, row, person, thing)
        await found.prepare()
        if (await found.ask())[0] < 300:
            return found
    raise AssertionError(f"nobody can send {row.rule.rule}")


async def test_a_repeat_gets_the_same_answer_and_changes_nothing(site: SiteWithEveryRole) -> None:
    async for request in requests(site):
        await request.prepare()
        first, after = await request.ask(), request.counts

        assert await request.ask() == first, request.row.rule
        assert request.counts == after, request.row.rule


async def test_a_repeat_after_the_answer_was_lost_gets_it(site: SiteWithEveryRole) -> None:
    async for request in requests(site):
        await request.prepare()
        first, after = await request.ask(), request.counts
        request.lose_answer()

        assert await request.ask() == first, request.row.rule
        assert request.counts == after, request.row.rule
        assert await request.ask() == first, request.row.rule


async def test_of_equal_requests_at_once_one_acts(site: SiteWithEveryRole) -> None:
    async for request in requests(site):
        await request.prepare()
        first, after = await request.ask(), request.counts
        await request.prepare()

        answers = await asyncio.gather(*(request.ask() for _ in range(5)))

        assert len(set(answers)) == 1, request.row.rule
        assert answers[0][0] == first[0], request.row.rule
        assert request.counts == after, request.row.rule


async def test_another_body_under_the_key_is_refused(site: SiteWithEveryRole) -> None:
    tried = 0
    async for request in requests(site):
        if not request.sent:
            continue
        await request.prepare()
        await request.ask()
        after = request.counts

        status, text = await request.ask(spaces=" ")

        assert (status, b"idempotency_key_reused" in text) == (422, True), request.row.rule
        assert request.counts == after, request.row.rule
        tried += 1
    assert tried > 10


async def test_the_same_key_of_another_account_is_another_request(site: SiteWithEveryRole) -> None:
    site.restore(fresh=True)
    one, other = site.people["client"], site.people["client2"]
    developer = site.people["dev"].own["developer_id"]
    made = list[str]()
    for person, day in ((one, 5), (other, 6)):
        start = (site.app.clock.now().replace(hour=6, minute=0)).replace(day=day, month=12)
        body = {"developer_id": developer, "start": start.isoformat(), "hours": 1, "brief": "Slow."}
        answer = await person.ask("POST", "/api/v1/bookings", json=body, headers={KEY: "same"})
        assert answer.status_code == 201, await answer.get_data(as_text=True)
        made.append((await answer.get_json())["id"])

    assert len(set(made)) == 2


async def test_a_failed_request_is_not_recorded(site: SiteWithEveryRole) -> None:
    site.restore(fresh=True)
    client = site.people["client"]
    body = {"developer_id": f"dev_{'9' * 26}", "start": "2026-12-05T06:00:00Z", "hours": 1}

    for _ in range(2):
        answer = await client.ask(
            "POST", "/api/v1/bookings", json={**body, "brief": "Slow."}, headers={KEY: "none"}
        )
        assert answer.status_code == 404

    assert not site._rows["idempotency_keys"]
