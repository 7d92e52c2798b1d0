"""Quart runs functions that are not coroutine functions in a thread: a switch for each request."""

from __future__ import annotations

from collections.abc import Iterator
from inspect import iscoroutinefunction
from typing import Any

from quart import Quart

from tests.app import MemoryApp
from tests.web.site import app_of


def functions(app: Quart) -> Iterator[Any]:
    """What runs for requests and pages."""
    yield from app.view_functions.values()
    for by_blueprint in (
        app.before_request_funcs,
        app.after_request_funcs,
        app.teardown_request_funcs,
        app.template_context_processors,
    ):
        for added in by_blueprint.values():
            yield from added
    for by_status in app.error_handler_spec.values():
        for handlers in by_status.values():
            yield from handlers.values()


async def test_no_function_of_a_request_runs_in_a_thread(app: MemoryApp) -> None:
    found = list(functions(app_of(app)))

    assert len(found) > 300
    assert [each for each in found if not iscoroutinefunction(each)] == []
