"""URLs are built by functions that are compiled when they are needed."""

from __future__ import annotations

from quart.routing import QuartMap, QuartRule
from werkzeug.routing import MapAdapter

from web.shared.rules import LazyRule

RULES = ("/", "/bookings/<booking_id>", "/files/<path:name>", "/days/<int:day>")


def urls(kind: type[QuartRule]) -> list[str]:
    rules = [kind(rule, endpoint=rule, methods={"GET"}) for rule in RULES]
    rules.append(kind("/first", endpoint="/days/<int:day>", defaults={"day": 1}))
    adapter: MapAdapter = QuartMap(rules, host_matching=False).bind("example.com")
    values = {"booking_id": "bkg é/?", "name": "a/b c", "day": 12, "more": "x y"}
    whole = [adapter.build(rule, values) for rule in RULES]
    first = adapter.build("/days/<int:day>", {"day": 1})
    exact = adapter.build("/files/<path:name>", {"name": "b", "more": "1"}, append_unknown=False)
    return [*whole, *whole, first, exact]


def test_they_are_those_of_other_rules() -> None:
    assert urls(LazyRule) == urls(QuartRule)


def test_a_builder_is_compiled_once_and_only_for_a_url_of_its_rule() -> None:
    compiled: list[str] = []

    class Watched(LazyRule):
        def builder(self, append_unknown: bool):  # type: ignore[no-untyped-def]
            compiled.append(self.rule)
            return super().builder(append_unknown)

    rules = [Watched(rule, endpoint=rule, methods={"GET"}) for rule in RULES]
    adapter = QuartMap(rules, host_matching=False).bind("example.com")
    assert compiled == []

    assert [adapter.build("/days/<int:day>", {"day": day}) for day in (1, 2)] == [
        "/days/1",
        "/days/2",
    ]
    assert compiled == ["/days/<int:day>"]
