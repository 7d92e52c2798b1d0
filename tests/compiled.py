"""Compiles templates and URL rules once for all applications of a run.

Tests build hundreds of applications, all with the same templates and routes. Compiling these takes
many times as long as the request that a test then makes.
"""

from __future__ import annotations

from collections.abc import Callable
from types import CodeType
from typing import Any

from jinja2.bccache import Bucket, BytecodeCache
from quart.routing import QuartRule

from web.app import WebApplication

_builders: dict[object, Callable[..., Any]] = {}


class CompiledTemplates(BytecodeCache):
    """In memory. A template with another source is compiled anew."""

    def __init__(self) -> None:
        self._codes: dict[tuple[str, str], CodeType | None] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        bucket.code = self._codes.get((bucket.key, bucket.checksum))

    def dump_bytecode(self, bucket: Bucket) -> None:
        self._codes[bucket.key, bucket.checksum] = bucket.code


class CompiledRule(QuartRule):
    """The function that builds an URL depends only on the parts of the rule, except where a
    variable has a default."""

    def _compile_builder(self, append_unknown: bool = True) -> Callable[..., Any]:
        if self.defaults:
            return super()._compile_builder(append_unknown)
        key = (*self._trace, append_unknown)
        if key not in _builders:
            _builders[key] = super()._compile_builder(append_unknown)
        return _builders[key]


def share() -> None:
    """For all applications that are created from now on."""
    WebApplication.jinja_options = {"bytecode_cache": CompiledTemplates()}
    WebApplication.url_rule_class = CompiledRule
