"""Reports of browsers about our pages reach the log: short, masked and limited in number."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest

from tests.log_lines import lines_of
from tests.web.site import Browser, SiteWithBooking, build_site_with_booking
from web.shared.log_allowance import LINES_A_MINUTE
from web.system.reports import LARGEST

OLD = "application/csp-report"
NEW = "application/reports+json"
LOGGER = "web"


@pytest.fixture
async def site() -> SiteWithBooking:
    return await build_site_with_booking()


async def send(site: SiteWithBooking, report: object, kind: str = OLD) -> int:
    body = report if isinstance(report, bytes) else json.dumps(report).encode()
    headers = {"Content-Type": kind}
    answer = await Browser(site.quart_app).ask("POST", "/csp-reports", data=body, headers=headers)
    return answer.status_code


def a_report(**said: object) -> dict[str, object]:
    return {
        "csp-report": {
            "document-uri": "https://onehour.test/bookings/bkg_secret?code=123456",
            "effective-directive": "script-src-elem",
            "blocked-uri": "https://meera:pw@evil.example/x.js?token=secret",
            "source-file": "https://onehour.test/static/shared/js/live.js",
            **said,
        }
    }


async def test_a_violation_is_one_line_without_ids_and_queries(
    site: SiteWithBooking, caplog: pytest.LogCaptureFixture
) -> None:
    assert await send(site, a_report()) == 204

    assert lines_of(caplog, LOGGER) == [
        "a browser blocked https://evil.example by script-src-elem on /bookings/<booking_id>,"
        " from /static/<path:filename>"
    ]


async def test_the_reporting_apis_lists_are_read_too(
    site: SiteWithBooking, caplog: pytest.LogCaptureFixture
) -> None:
    body = {
        "documentURL": "https://onehour.test/login",
        "effectiveDirective": "script-src-attr",
        "blockedURL": "inline",
    }
    report = [{"type": "csp-violation", "body": body}, {"type": "deprecation", "body": {}}]

    assert await send(site, report, NEW) == 204

    assert lines_of(caplog, LOGGER) == [
        "a browser blocked inline by script-src-attr on /login, from ?"
    ]


@pytest.mark.parametrize(
    "said",
    [
        {"blocked-uri": "x\nERROR forged: line"},
        {"blocked-uri": "https://evil.example\r\nERROR forged"},
        {"effective-directive": "\nERROR forged: line"},
        {"document-uri": "https://onehour.test/\nERROR"},
        {"document-uri": "https://[broken"},
        {"blocked-uri": ["a", {"b": 1}], "effective-directive": 7},
        {"source-file": "https://onehour.test/" + "x" * 9000},
    ],
)
async def test_a_report_cannot_forge_a_line(
    site: SiteWithBooking, caplog: pytest.LogCaptureFixture, said: dict[str, object]
) -> None:
    assert await send(site, a_report(**said)) == 204

    (line,) = lines_of(caplog, LOGGER)
    assert line.isprintable()
    assert len(line) < 300
    assert "ERROR" not in line


@pytest.mark.parametrize(
    ("report", "kind", "status"),
    [
        (a_report(), "text/plain", 415),
        (a_report(), "application/x-www-form-urlencoded", 415),
        (b"{not json", OLD, 400),
        (b"[" * 20_000, NEW, 400),
        (b" " * (LARGEST + 1), OLD, 413),
        (b" " * 2_000_000, OLD, 413),
        ([], NEW, 204),
        ("words", OLD, 204),
        ({"csp-report": "words"}, OLD, 204),
        ([None, 1, [], {"type": "csp-violation"}], NEW, 204),
    ],
)
async def test_what_is_no_report_leaves_no_line(
    site: SiteWithBooking, caplog: pytest.LogCaptureFixture, report: object, kind: str, status: int
) -> None:
    before = site.changes

    assert await send(site, report, kind) == status

    assert lines_of(caplog, LOGGER) == []
    assert site.changes == before


async def test_a_flood_is_counted_and_not_written(
    site: SiteWithBooking, caplog: pytest.LogCaptureFixture
) -> None:
    flood = [{"type": "csp-violation", "body": {"blockedURL": "eval"}}] * (LINES_A_MINUTE + 20)
    await send(site, flood, NEW)
    await send(site, a_report())
    assert len(lines_of(caplog, LOGGER)) == LINES_A_MINUTE
    caplog.clear()

    site.app.clock.advance(timedelta(minutes=1))
    await send(site, a_report())

    assert lines_of(caplog, LOGGER)[0] == "21 more CSP reports were dropped"
    assert len(lines_of(caplog, LOGGER)) == 2
