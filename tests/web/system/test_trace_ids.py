"""One id, from the answer to the log: that of the W3C trace of the request."""

from __future__ import annotations

import logging
import re

import pytest

from core.accounts_messages import ResetEmail
from onehour.logs import JsonFormatter
from tests.app import MemoryApp
from tests.web.site import Browser, app_of

TRACE_ID = "4bf92f3577b34da6a3ce929d0e0e4736"
CALLER = {"traceparent": f"00-{TRACE_ID}-00f067aa0ba902b7-01"}


class Written(logging.Handler):
    """Keeps the lines as JSON."""

    def __init__(self) -> None:
        super().__init__()
        self.setFormatter(JsonFormatter("web"))
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(self.format(record))


@pytest.fixture
def written() -> Written:
    return Written()


async def test_an_error_of_the_api_has_the_trace_id_of_its_caller(app: MemoryApp) -> None:
    answer = await Browser(app_of(app)).ask("GET", "/api/v1/bookings/none", headers=CALLER)

    assert (await answer.get_json())["trace_id"] == TRACE_ID


@pytest.mark.parametrize("header", ["", "00-1-2-3", f"00-{'0' * 32}-00f067aa0ba902b7-01"])
async def test_without_a_usable_header_each_answer_has_an_id_of_its_own(
    app: MemoryApp, header: str
) -> None:
    browser = Browser(app_of(app))

    ids = {
        (await (await browser.ask("GET", "/api/v1/none", headers={"traceparent": header})).json)[
            "trace_id"
        ]
        for _ in range(2)
    }

    assert len(ids) == 2
    assert all(re.fullmatch("[0-9a-f]{32}", each) for each in ids)


async def test_the_id_on_an_error_page_finds_the_lines_in_the_log(
    app: MemoryApp, written: Written
) -> None:
    browser = Browser(app_of(app))
    log = logging.getLogger("web.shared.errors")
    log.addHandler(written)

    _, page = await browser.look("/broken")

    log.removeHandler(written)
    (line,) = written.lines
    (shown,) = re.findall(r"<code>([0-9a-f]{32})</code>", page)
    assert f'"trace_id":"{shown}"' in line
    assert f"unhandled error {shown} at GET /broken" in line


async def test_the_message_of_a_request_names_its_trace(app: MemoryApp) -> None:
    browser = Browser(app_of(app))
    await browser.look("/forgot")
    form = {"email": "gita@example.com", "csrf_token": browser.token}

    await browser.ask("POST", "/forgot", form=form, headers=CALLER)

    (message,) = await app.store.repositories.outbox.in_state("ready", limit=2)
    assert message.kind == ResetEmail.kind
    assert str(message.trace)[3:35] == TRACE_ID
