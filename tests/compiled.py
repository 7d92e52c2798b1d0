"""Compiles templates and URL rules once for all applications of a run.

Tests build hundreds of applications, all with the same templates and routes. Compiling these takes
many times as long as the request that a test then makes.
"""

from __future__ import annotations

from types import CodeType
from typing import Any

from jinja2.bccache import Bucket, BytecodeCache

from adapters.jinja.templates import JinjaTemplates
from web.app import WebApplication
from web.shared.rules import Builder, LazyRule

_builders: dict[object, Builder] = {}
_rules: dict[object, dict[str, Any]] = {}
PARSED = ("_parts", "_trace", "_converters", "arguments")
"""What a rule has after it was parsed. Nothing changes it later."""


class CompiledTemplates(BytecodeCache):
    """In memory. A template with another source is compiled anew."""

    def __init__(self) -> None:
        self._codes: dict[tuple[str, str], CodeType | None] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        bucket.code = self._codes.get((bucket.key, bucket.checksum))

    def dump_bytecode(self, bucket: Bucket) -> None:
        self._codes[bucket.key, bucket.checksum] = bucket.code


class CompiledRule(LazyRule):
    """A rule without defaults depends only on its text, and the function that builds its URL only
    on its parts."""

    def compile(self) -> None:
        if self.defaults:
            super().compile()
            return
        key = (self.rule, self.host, self.subdomain, self.merge_slashes)
        if key not in _rules:
            super().compile()
            _rules[key] = {name: getattr(self, name) for name in PARSED}
            return
        vars(self).update(_rules[key])
        self._build = self._compile_builder(False).__get__(self, None)
        self._build_unknown = self._compile_builder(True).__get__(self, None)

    def builder(self, append_unknown: bool) -> Builder:
        if self.defaults:
            return super().builder(append_unknown)
        key = (*self._trace, append_unknown)
        if key not in _builders:
            _builders[key] = super().builder(append_unknown)
        return _builders[key]


def share() -> None:
    """For all applications that are created from now on."""
    JinjaTemplates.compiled = CompiledTemplates()
    WebApplication.jinja_options = {"bytecode_cache": CompiledTemplates()}
    WebApplication.url_rule_class = CompiledRule
