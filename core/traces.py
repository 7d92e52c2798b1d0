"""Trace contexts as in W3C Trace Context (level 1): which piece of work something belongs to."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import Self

HEADER = re.compile(r"(?!ff)([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(-.*)?")
VERSION = "00"
NO_TRACE, NO_SPAN = "0" * 32, "0" * 16
"""Ids that the standard calls invalid."""


@dataclass(frozen=True, slots=True)
class Trace:
    """A position in a trace. `trace_id` has 32 hexadecimal digits, `span_id` 16. `sampled`: the
    spans are recorded. `cause` is the id of the trace that led to this one, "" if there is none."""

    trace_id: str
    span_id: str
    sampled: bool = False
    cause: str = ""

    @classmethod
    def parse(cls, header: str | None) -> Self | None:
        """The position that a header `traceparent` names; None if it is missing or malformed."""
        found = HEADER.fullmatch(header or "")
        if found is None:
            return None
        version, trace_id, span_id, flags, more = found.groups()
        if trace_id == NO_TRACE or span_id == NO_SPAN or (version == VERSION and more):
            return None
        return cls(trace_id, span_id, bool(int(flags, 16) & 1))

    @property
    def header(self) -> str:
        """The header `traceparent`, which is also the stored form."""
        return f"{VERSION}-{self.trace_id}-{self.span_id}-{'01' if self.sampled else '00'}"

    def caused_by(self, other: Trace | None) -> Trace:
        return replace(self, cause=other.trace_id) if other else self
