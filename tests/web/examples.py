"""The examples of the OpenAPI document: a real request and its answer for each operation.

`python -m tests.web.examples` writes `web/shared/openapi/examples.json` from the answers of the
site with a user of every role. The tests compare the examples with the description.
"""

from __future__ import annotations

import asyncio
from typing import Any

import orjson

from tests.web.every_role import SiteWithEveryRole, build_site_with_every_role
from tests.web.matrix import ABSENT, HIDDEN, UNSIGNED, Row, rows, send, thing_of
from web.shared.openapi.description import api_routes
from web.shared.openapi.examples import FILE, Examples
from web.shared.openapi.routes import Route

LONGEST_LIST = 2
"""Items of a list that an example shows."""


async def collect() -> Examples:
    """The first successful exchange of each operation, by its id."""
    site = await build_site_with_every_role()
    routes = {(route.rule.rule, route.method): route for route in api_routes(site.quart_app)}
    found: Examples = {}
    for row in rows(site):
        route = routes.get((row.rule.rule, row.method))
        unusual = row.thing in (ABSENT, HIDDEN, UNSIGNED)
        if route and route.id not in found and not unusual:
            exchange = await _exchange(site, route, row)
            if exchange:
                found[route.id] = exchange
    return found


async def _exchange(site: SiteWithEveryRole, route: Route, row: Row) -> dict[str, Any] | None:
    for person in site.people.values():
        thing = thing_of(site, row, person)
        if thing is None:
            continue
        answer, sent = await send(site, row, person, thing)
        if answer.status_code in route.answers:
            exchange: dict[str, Any] = {"status": answer.status_code}
            if isinstance(sent.get("json"), dict):
                exchange["request"] = sent["json"]
            if answer.mimetype == "application/json":
                exchange["response"] = _shortened(await answer.get_json())
            return exchange
    return None


def _shortened(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _shortened(part) for name, part in value.items()}
    return [_shortened(each) for each in value[:LONGEST_LIST]] if isinstance(value, list) else value


def main() -> None:
    options = orjson.OPT_INDENT_2 | orjson.OPT_SORT_KEYS
    FILE.write_bytes(orjson.dumps(asyncio.run(collect()), option=options) + b"\n")


if __name__ == "__main__":
    main()
