"""Requirement 51: one event is one line, whatever users have typed."""

from __future__ import annotations

import io
import logging
import os
import subprocess
import sys
from typing import Any

import orjson
import pytest

from core.traces import Trace
from onehour.logs import JsonFormatter, one_line_formatter
from ports.telemetry import NO_TELEMETRY, Kind

TYPED = "x\r\n2026-11-25 INFO accounts: mallory is an admin\u2028\x1b[2J\ud800"
CALLER = Trace("4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7")


class Lines:
    """What a handler has written. It gets the records directly, not by way of a logger, because
    pytest also keeps what is logged and cannot pass on a lone surrogate."""

    def __init__(self, formatter: logging.Formatter) -> None:
        self._stream = io.StringIO()
        self.handler = logging.StreamHandler(self._stream)
        self.handler.setFormatter(formatter)

    def warning(self, text: str, *values: object, error: Exception | None = None) -> None:
        trace = (type(error), error, error.__traceback__) if error else None
        self.handler.handle(
            logging.LogRecord("tests.lines", logging.WARNING, "", 0, text, values, trace)
        )

    @property
    def text(self) -> str:
        return self._stream.getvalue()

    def objects(self) -> list[dict[str, Any]]:
        return [orjson.loads(line) for line in self.text.splitlines()]


@pytest.fixture
def text() -> Lines:
    return Lines(one_line_formatter())


@pytest.fixture
def json() -> Lines:
    return Lines(JsonFormatter("web-1"))


def test_requirement_51_no_line_can_be_forged_by_what_is_logged(text: Lines) -> None:
    text.warning("refused %s", TYPED)

    (line,) = text.text.splitlines()
    assert "\\r\\n2026" in line
    assert "\x1b" not in line


def test_the_trace_of_a_failure_stays_readable(text: Lines) -> None:
    try:
        raise ValueError("x")
    except ValueError as error:
        text.warning("failed", error=error)

    assert "\nTraceback" in text.text


def test_a_line_of_text_ends_with_the_trace_of_the_request(text: Lines) -> None:
    with NO_TELEMETRY.operation(Kind.REQUEST, parent=CALLER):
        text.warning("inside")
    text.warning("outside")

    inside, outside = text.text.splitlines()
    assert inside.endswith(f"tests.lines: inside [{CALLER.trace_id}]")
    assert outside.endswith("tests.lines: outside")


def test_a_line_of_json_has_all_fields(json: Lines) -> None:
    record = logging.LogRecord("tests.lines", logging.ERROR, "", 0, "%s left", (3,), None)
    record.created = 1796032800.25
    with NO_TELEMETRY.operation(Kind.REQUEST, parent=CALLER):
        json.handler.emit(record)

    assert json.objects() == [
        {
            "time": "2026-11-30T10:00:00.250Z",
            "level": "ERROR",
            "logger": "tests.lines",
            "message": "3 left",
            "process": "web-1",
            "pid": os.getpid(),
            "trace_id": CALLER.trace_id,
        }
    ]


def test_a_line_about_a_message_also_names_the_request_that_added_it(json: Lines) -> None:
    with NO_TELEMETRY.operation(Kind.MESSAGE, cause=CALLER) as message:
        json.warning("failed")

    (line,) = json.objects()
    assert message.trace
    assert (line["trace_id"], line["cause_trace_id"]) == (message.trace.trace_id, CALLER.trace_id)


def test_requirement_51_no_object_can_be_forged_by_what_is_logged(json: Lines) -> None:
    json.warning('refused %s"}\n{"level": "INFO"}', TYPED)

    (line,) = json.objects()
    assert line["level"] == "WARNING"
    assert "\\r\\n2026" in line["message"]
    assert line["message"].isprintable()


def test_an_exception_that_ends_the_process_is_a_line_of_json() -> None:
    program = """
from onehour.logs import log_to_stderr
log_to_stderr("info", "json", process="worker")
raise ValueError("nobody has caught this")
"""
    ended = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)

    (line,) = map(orjson.loads, ended.stderr.splitlines())
    assert ended.returncode == 1
    assert (line["level"], line["process"]) == ("CRITICAL", "worker")
    assert line["traceback"].endswith("ValueError: nobody has caught this")


def test_a_traceback_is_a_field_with_lines_whatever_its_error_says(json: Lines) -> None:
    try:
        raise ValueError(TYPED)
    except ValueError as error:
        json.warning("failed", error=error)

    (line,) = json.objects()
    assert line["message"] == "failed"
    assert line["traceback"].startswith("Traceback (most recent call last):\n")
    assert "ValueError: x" in line["traceback"]
    assert line["traceback"].endswith("\\ud800")
