"""HTTP as bytes: no switch to HTTP/2, and no request that two readers understand differently."""

from __future__ import annotations

import pytest

from tests.process.raw_http import CLOSED, exchange, statuses
from tests.process.running import RunningApp

pytestmark = pytest.mark.process

PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + b"\x00\x00\x00\x04\x00\x00\x00\x00\x00"
"""The beginning of an HTTP/2 connection, with empty settings."""
H2C = b"Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQAAP__\r\n"
CHUNKED = b"Transfer-Encoding: chunked\r\n"
NEXT = b"GET /smuggled HTTP/1.1\r\nHost: x\r\n\r\n"


def request(lines: bytes = b"", *, line: bytes = b"GET /healthz HTTP/1.1") -> bytes:
    return line + b"\r\nHost: onehour.test\r\n" + lines + b"\r\n"


def post(lines: bytes, body: bytes = b"0\r\n\r\n") -> bytes:
    return request(lines, line=b"POST /csp-reports HTTP/1.1") + body + NEXT


@pytest.mark.parametrize("path", [b"/healthz", b"/socket.io/?EIO=4&transport=websocket", b"/"])
@pytest.mark.parametrize("token", [b"h2c", b"H2C", b"h2c, websocket", b"h2"])
async def test_an_offer_of_http_2_is_not_taken(
    running: RunningApp, path: bytes, token: bytes
) -> None:
    line = b"GET " + path + b" HTTP/1.1"

    received = await exchange(
        running.port, request(H2C.replace(b"h2c", token), line=line) + PREFACE
    )

    assert 101 not in statuses(received)
    assert received.startswith(b"HTTP/1.1 ")
    assert received.endswith(CLOSED)


@pytest.mark.parametrize("version", [b"2.0", b"3.0", b"1.9", b"0.9"])
async def test_another_version_of_http_is_refused(running: RunningApp, version: bytes) -> None:
    line = b"GET /healthz HTTP/" + version

    received = await exchange(running.port, request(line=line) + NEXT)

    assert statuses(received) == [505]
    assert received.endswith(CLOSED)


async def test_the_preface_of_http_2_is_refused(running: RunningApp) -> None:
    received = await exchange(running.port, PREFACE)

    assert statuses(received) in ([505], [400])
    assert received.startswith(b"HTTP/1.1 ")
    assert received.endswith(CLOSED)


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        (post(b"Content-Length: 5\r\n" + CHUNKED), 400),
        (post(CHUNKED + b"Content-Length: 5\r\n"), 400),
        (post(CHUNKED + b"Content-Length: 0\r\n"), 400),
        (post(CHUNKED + b"content-length: 5\r\n", b""), 400),
        (post(b"Content-Length: 5\r\nContent-Length: 6\r\n"), 400),
        (post(b"Content-Length: 5, 6\r\n"), 400),
        (post(b"Content-Length: +5\r\n"), 400),
        (post(b"Content-Length: 0x5\r\n"), 400),
        (post(b"Content-Length: 5_0\r\n"), 400),
        (post(b"Content-Length: -1\r\n"), 400),
        (post(b"Content-Length: \r\n"), 400),
        (post(b"Content-Length : 5\r\n"), 400),
        (post(b"Content-Length\t: 5\r\n"), 400),
        (post(b"Transfer-Encoding : chunked\r\n"), 400),
        (post(b"Transfer-Encoding:\r\n chunked\r\n"), 400),
        (post(b"X-Note: one\r\n two\r\n"), 400),
        (post(b"X-Note: one\r\n\tContent-Length: 5\r\n"), 400),
        (post(b" X-Note: one\r\n"), 400),
        (post(b"X-Note: a\rb\r\n"), 400),
        (post(b"X-Note: a\x00b\r\n"), 400),
        (post(b"X Note: a\r\n"), 400),
        (post(b": a\r\n"), 400),
        (post(b"no colon\r\n"), 400),
        (post(b"Host: other.test\r\n"), 400),
        (post(b"Transfer-Encoding: gzip, chunked\r\n"), 501),
        (post(b"Transfer-Encoding: chunked, identity\r\n"), 501),
        (post(b"Transfer-Encoding: identity\r\n"), 501),
        (post(b"Transfer-Encoding: xchunked\r\n"), 501),
        (post(b'Transfer-Encoding: "chunked"\r\n'), 501),
        (post(CHUNKED + CHUNKED), 501),
        (post(CHUNKED).replace(b"HTTP/1.1\r\nHost: o", b"HTTP/1.0\r\nHost: o"), 400),
        (b"GET /healthz HTTP/1.1\r\n\r\n" + NEXT, 400),
        (b" GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n" + NEXT, 400),
        (request(line=b"GET healthz HTTP/1.1") + NEXT, 400),
        (request(line=b"GET ?healthz HTTP/1.1") + NEXT, 400),
        (request(line=b"GET ftp://onehour.test/ HTTP/1.1") + NEXT, 400),
        (request(line=b"CONNECT onehour.test:443 HTTP/1.1") + NEXT, 400),
        (request(line=b"GET /a b HTTP/1.1") + NEXT, 400),
        (request(b"X-Note: " + b"a" * 70_000 + b"\r\n") + NEXT, 431),
    ],
)
async def test_an_ambiguous_request_is_refused_and_ends_the_connection(
    running: RunningApp, sent: bytes, status: int
) -> None:
    received = await exchange(running.port, sent)

    assert statuses(received) == [status], received
    assert received.endswith(CLOSED)


@pytest.mark.parametrize(
    "body",
    [
        b"5\nhello\r\n0\r\n\r\n",
        b"-5\r\nhello\r\n0\r\n\r\n",
        b"0x5\r\nhello\r\n0\r\n\r\n",
        b"5 \r\nhelloXX0\r\n\r\n",
        b"fffffffffffffffffffff\r\nhello\r\n0\r\n\r\n",
        b"0\r\nX-Note: one\r\n two\r\n\r\n",
    ],
)
async def test_after_a_malformed_chunk_nothing_else_is_read(
    running: RunningApp, body: bytes
) -> None:
    received = await exchange(running.port, post(CHUNKED, body))

    assert b"smuggled" not in received
    assert 404 not in statuses(received)
    assert received.endswith(CLOSED)


async def test_honest_requests_share_a_connection(running: RunningApp) -> None:
    line, kind = b"POST /csp-reports HTTP/1.1", b"Content-Type: application/reports+json\r\n"
    chunked = request(kind + CHUNKED, line=line) + b"2\r\n[]\r\n0\r\n\r\n"
    sized = request(kind + b"Content-Length: 2\r\n", line=line) + b"[]"

    received = await exchange(
        running.port, request(), chunked, sized, request(b"Connection: close\r\n")
    )

    assert statuses(received) == [200, 204, 204, 200]


async def test_a_proxy_may_ask_with_a_whole_url(running: RunningApp) -> None:
    line = b"GET http://onehour.test/healthz?x=1 HTTP/1.1"

    received = await exchange(running.port, request(b"Connection: close\r\n", line=line))

    assert statuses(received) == [200]
    assert received.endswith(b'{"status":"ok"}' + CLOSED)


async def test_the_log_shows_no_traceback_for_any_of_this(running: RunningApp) -> None:
    await exchange(running.port, request(line=b"OPTIONS * HTTP/1.1"), answers=1)
    await exchange(running.port, request(line=b"GET http:/// HTTP/1.1"), answers=1)

    assert "Traceback" not in running.log("web")


@pytest.mark.parametrize(
    "host", [b"evil.example", b"evil.example:8443", b"a" * 300, b"\xff", b"[", b"x@y", b"", b"a b"]
)
async def test_the_header_host_decides_nothing(running: RunningApp, host: bytes) -> None:
    lines = b"GET /developers//evil.example HTTP/1.1", b"Host: " + host, b"Connection: close"

    received = await exchange(running.port, b"\r\n".join((*lines, b"", b"")))

    assert (
        b"\r\nlocation: " + running.base_url.encode() + b"/developers/evil.example\r\n" in received
    )
    assert b"://evil.example" not in received
