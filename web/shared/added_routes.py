"""Checks the routes that plugins add: none of them may stand in the way of others."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from quart import Quart
from werkzeug.routing import Rule

from services.shared.capabilities import WrongCapability
from web.shared.capabilities import WebCapability

VARIABLE = re.compile("<[^>]*>")
OF_ALL = frozenset({"HEAD", "OPTIONS"})
"""Methods that routes have without saying so."""
APPLICATION = "the application"


def check_added_routes(
    app: Quart, records: Sequence[WebCapability], added: Sequence[WebCapability]
) -> None:
    """Raises `WrongCapability` for a route of `added` that another one has too, and for a limit of
    bodies that is not for routes of its own alone. `records` are all, with `added`."""
    blueprints = {
        blueprint.name: record.name
        for record in records
        for blueprint in (*record.pages, *record.api)
    }
    rules = [
        (rule, blueprints.get(rule.endpoint.partition(".")[0], APPLICATION))
        for rule in app.url_map.iter_rules()
    ]
    names = {record.name for record in added}
    owners = dict[str, str]()
    for rule, owner in rules:
        for route in _routes(rule):
            other = owners.setdefault(route, owner)
            if other != owner and {other, owner} & names:
                raise WrongCapability(
                    f"The route {route} is declared twice, by {other} and {owner}."
                )
    for record in added:
        for path in record.body_limits:
            if {owner for rule, owner in rules if _limits(path, rule)} != {record.name}:
                raise WrongCapability(
                    f"The body limit {path} of the capability {record.name} must be for routes of"
                    " its own."
                )


def _routes(rule: Rule) -> Iterator[str]:
    """With a method each; the names of variables do not matter."""
    path = VARIABLE.sub("<…>", rule.rule)
    return (f"{method} {path}" for method in sorted((rule.methods or set()) - OF_ALL))


def _limits(path: str, rule: Rule) -> bool:
    """Whether the limit of this path is that of requests to the rule."""
    return rule.rule == path or (path.endswith("/") and rule.rule.startswith(path))
