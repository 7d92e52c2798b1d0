"""Trace contexts are read and written as W3C Trace Context says."""

from __future__ import annotations

import pytest

from core.traces import Trace

TRACE_ID, SPAN_ID = "4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7"


@pytest.mark.parametrize(("flags", "sampled"), [("00", False), ("01", True), ("03", True)])
def test_a_header_is_read_and_the_first_flag_says_whether_it_is_sampled(
    flags: str, sampled: bool
) -> None:
    found = Trace.parse(f"00-{TRACE_ID}-{SPAN_ID}-{flags}")

    assert found == Trace(TRACE_ID, SPAN_ID, sampled)


def test_what_is_written_can_be_read() -> None:
    trace = Trace(TRACE_ID, SPAN_ID, sampled=True)

    assert trace.header == f"00-{TRACE_ID}-{SPAN_ID}-01"
    assert Trace.parse(trace.header) == trace


def test_a_later_version_may_have_further_parts() -> None:
    assert Trace.parse(f"01-{TRACE_ID}-{SPAN_ID}-01-more") == Trace(TRACE_ID, SPAN_ID, True)


@pytest.mark.parametrize(
    "header",
    [
        None,
        "",
        "x",
        f"00-{TRACE_ID}-{SPAN_ID}",
        f"00-{TRACE_ID}-{SPAN_ID}-01-more",
        f"ff-{TRACE_ID}-{SPAN_ID}-01",
        f"00-{TRACE_ID.upper()}-{SPAN_ID}-01",
        f"00-{'0' * 32}-{SPAN_ID}-01",
        f"00-{TRACE_ID}-{'0' * 16}-01",
        f"00-{TRACE_ID}-{SPAN_ID}-01\n2026-11-23 INFO forged",
    ],
)
def test_anything_else_is_ignored(header: str | None) -> None:
    assert Trace.parse(header) is None
