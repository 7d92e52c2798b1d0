"""Rules of URLs that compile what builds their URLs when the first one is built."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from quart.routing import QuartRule

Builder = Callable[..., tuple[str, str]]


class LazyRule(QuartRule):
    """Each rule has two functions that build URLs. To compile those of all rules took half of the
    time in which the application is created, and most are never called."""

    def _compile_builder(self, append_unknown: bool = True) -> Builder:
        name = "_build_unknown" if append_unknown else "_build"

        def first(rule: LazyRule, /, **values: Any) -> tuple[str, str]:
            build: Builder = rule.builder(append_unknown).__get__(rule, None)
            setattr(rule, name, build)
            return build(**values)

        return first

    def builder(self, append_unknown: bool) -> Builder:
        """The compiled function, to be bound to a rule. `append_unknown`: values that the rule has
        no place for are appended as a query."""
        return super()._compile_builder(append_unknown)
