"""Requirement 51: one event is one line, whatever users have typed."""

from __future__ import annotations

import io
import logging

from onehour.logs import one_line_formatter


def test_requirement_51_no_line_can_be_forged_by_what_is_logged() -> None:
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(one_line_formatter())
    log = logging.getLogger("tests.lines")
    log.propagate = False
    log.addHandler(handler)

    log.warning("refused %s", "x\r\n2026-11-25 INFO accounts: mallory is an admin\u2028\x1b[2J")

    (line,) = stream.getvalue().splitlines()
    assert "\\r\\n2026" in line
    assert "\x1b" not in line


def test_the_trace_of_a_failure_stays_readable() -> None:
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(one_line_formatter())
    log = logging.getLogger("tests.traces")
    log.propagate = False
    log.addHandler(handler)

    try:
        raise ValueError("x")
    except ValueError:
        log.exception("failed")

    assert "\nTraceback" in stream.getvalue()
