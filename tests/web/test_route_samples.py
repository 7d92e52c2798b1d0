"""Every route has what the tests of all routes need, or one sentence says what is missing."""

from __future__ import annotations

from collections import Counter

import pytest
from quart import Quart
from werkzeug.routing import Rule

from tests.app import MemoryApp
from tests.web.route_samples import all_samples, samples_by_module
from tests.web.site import app_of
from web.app import WEB
from web.shared.cookies import SAFE
from web.shared.records import events_of


@pytest.fixture
def quart_app(app: MemoryApp) -> Quart:
    return app_of(app)


def home_of(quart_app: Quart, rule: Rule) -> str:
    """The file in which samples of the route belong."""
    module = quart_app.view_functions[rule.endpoint].__module__
    capability = module.split(".")[1] if module.startswith("web.") else "shared"
    return f"tests/web/{capability}/samples.py"


def test_every_route_that_changes_something_has_a_body(quart_app: Quart) -> None:
    missing = [
        f"{rule.rule} has no request body: add {rule.endpoint!r} to the bodies in "
        f"{home_of(quart_app, rule)} (NO_BODY if it takes none)."
        for rule in quart_app.url_map.iter_rules()
        if (rule.methods or set()) - SAFE and rule.endpoint not in all_samples().bodies
    ]

    assert not missing, "\n".join(missing)


def test_every_variable_of_a_path_has_values(quart_app: Quart) -> None:
    missing = [
        f"{rule.rule} has no values for {name!r}: add it to the variables in "
        f"{home_of(quart_app, rule)}."
        for rule in quart_app.url_map.iter_rules()
        for name in sorted(rule.arguments - all_samples().variables.keys())
    ]

    assert not missing, "\n".join(missing)


def test_every_socket_event_has_data() -> None:
    missing = [
        f"The event {event!r} has no data: add it to the events of a samples.py in tests/web/."
        for event in sorted(events_of(WEB).keys() - all_samples().events.keys())
    ]

    assert not missing, "\n".join(missing)


def test_no_sample_is_of_a_route_that_is_gone(quart_app: Quart) -> None:
    endpoints = {rule.endpoint for rule in quart_app.url_map.iter_rules()}
    variables = {name for rule in quart_app.url_map.iter_rules() for name in rule.arguments}

    assert (all_samples().bodies.keys() | all_samples().states.keys()) - endpoints == set()
    assert all_samples().variables.keys() - variables == set()


def test_no_two_capabilities_have_a_sample_of_one_name() -> None:
    kinds = ("bodies", "states", "variables", "events")
    names = Counter(
        (kind, name)
        for _, samples in samples_by_module()
        for kind in kinds
        for name in getattr(samples, kind)
    )

    assert [name for name, count in names.items() if count > 1] == []
