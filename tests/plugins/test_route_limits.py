"""Routes of plugins end in time, and end no process."""

from __future__ import annotations

import asyncio
import sys

import pytest
from quart import Blueprint, Response

from onehour.api import API, NotFound, WebCapability, Who, allow, implements, json_response
from onehour.testing.plugins import Browser, MemoryApp, application, enabled, site

FOREVER = 3600


class Routes:
    @implements
    def onehour_web(self) -> list[WebCapability]:
        pages = Blueprint("routes", __name__)
        api = Blueprint("api_routes", __name__, url_prefix=API)

        @pages.get("/routes/hangs")
        @allow(Who.ANYONE)
        async def hangs() -> str:
            await asyncio.sleep(FOREVER)
            return "late"

        @pages.get("/routes/times-out")
        @allow(Who.ANYONE)
        async def times_out() -> str:
            raise TimeoutError("of something else")

        @pages.get("/routes/exits")
        @allow(Who.ANYONE)
        async def exits() -> str:
            sys.exit(3)

        @pages.get("/routes/plain")
        @allow(Who.ANYONE)
        def plain() -> str:
            return "plain"

        @pages.get("/routes/missing")
        @allow(Who.ANYONE)
        async def missing() -> str:
            raise NotFound

        @pages.get("/routes/for-clients")
        @allow(Who.CLIENT)
        async def for_clients() -> str:
            return "for clients"

        @api.get("/routes")
        @allow(Who.ANYONE)
        async def answers() -> Response:
            await asyncio.sleep(FOREVER)
            return json_response({})

        return [WebCapability(name="routes", pages=(pages,), api=(api,))]


@pytest.fixture
def short_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("plugins.guards.ROUTE_S", 0.05)


@pytest.fixture
def world() -> tuple[MemoryApp, Browser]:
    plugins = enabled(Routes, "routes")
    app = application(plugins)
    return app, Browser(site(app, plugins))


async def failures(app: MemoryApp) -> list[str]:
    await app.extensions.health.told()  # type: ignore[attr-defined]
    state = (await app.services.plugin_states.all())["routes"]
    return [state.last_failure] * len(state.failures)


@pytest.mark.usefixtures("short_limit")
async def test_one_that_hangs_is_cancelled_and_counted(world: tuple[MemoryApp, Browser]) -> None:
    app, browser = world

    answer, html = await browser.look("/routes/hangs")

    assert answer.status_code == 503
    assert "This takes too long" in html
    assert await failures(app) == ["route routes.hangs: took more than 0.05 s"]


@pytest.mark.usefixtures("short_limit")
async def test_the_api_says_so_as_a_problem(world: tuple[MemoryApp, Browser]) -> None:
    _, browser = world

    answer = await browser.ask("GET", f"{API}/routes")

    assert (answer.status_code, (await answer.get_json())["code"]) == (503, "unavailable")


async def test_one_that_exits_ends_no_process(world: tuple[MemoryApp, Browser]) -> None:
    app, browser = world

    answer, _ = await browser.look("/routes/exits")

    assert answer.status_code == 500
    assert await failures(app) == ["route routes.exits: SystemExit(3)"]


@pytest.mark.parametrize(
    ("path", "status"),
    [("plain", 200), ("missing", 404), ("for-clients", 303), ("times-out", 500)],
)
async def test_others_are_as_without_the_limit(
    world: tuple[MemoryApp, Browser], path: str, status: int
) -> None:
    app, browser = world

    answer, _ = await browser.look(f"/routes/{path}")

    assert answer.status_code == status
    assert await failures(app) == []
