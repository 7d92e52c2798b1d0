"""Calls to providers: the connections that the transport keeps, and its errors."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import pytest

from onehour.provider_transport import ProviderTransport
from tests.contracts.tls import localhost_certificate

OK = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}"
LATE = b"HTTP/1.1 408 Request Timeout\r\ncontent-length: 0\r\n\r\n"
Streams = tuple[asyncio.StreamReader, asyncio.StreamWriter]


@dataclass
class Provider:
    """A server that answers each request with the same bytes. `connections` are those it got."""

    answer: bytes = OK
    ends: bool = False
    port: int = 0
    connections: list[Streams] = field(default_factory=list)
    requests: list[bytes] = field(default_factory=list)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections.append((reader, writer))
        while head := await _head(reader):
            self.requests.append(head)
            writer.write(self.answer)
            if self.ends:
                writer.close()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/orders"


async def _head(reader: asyncio.StreamReader) -> bytes:
    try:
        head = await reader.readuntil(b"\r\n\r\n")
        length = next(
            (int(line[15:]) for line in head.lower().split(b"\r\n") if line[:15] == LENGTH), 0
        )
        return head + await reader.readexactly(length)
    except (asyncio.IncompleteReadError, ConnectionError):
        return b""


LENGTH = b"content-length:"


@asynccontextmanager
async def serving(provider: Provider, tls: ssl.SSLContext | None = None) -> AsyncIterator[Provider]:
    server = await asyncio.start_server(provider.serve, "127.0.0.1", 0, ssl=tls)
    provider.port = server.sockets[0].getsockname()[1]
    yield provider
    server.close()
    for _, writer in provider.connections:
        writer.transport.abort()


def client(tls: ssl.SSLContext | None = None, seconds: float = 5.0) -> httpx.AsyncClient:
    return httpx.AsyncClient(transport=ProviderTransport(tls), timeout=seconds)


async def test_requests_go_over_one_connection_with_their_bodies() -> None:
    async with serving(Provider()) as provider, client() as http:
        for number in range(3):
            answer = await http.post(provider.url, json={"number": number})
            assert (answer.status_code, answer.json()) == (200, {})

    assert len(provider.connections) == 1
    bodies = [request.partition(b"\r\n\r\n")[2] for request in provider.requests]
    assert bodies == [b'{"number":0}', b'{"number":1}', b'{"number":2}']


async def test_a_body_in_chunks_is_joined() -> None:
    begin = b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n"
    chunks = b"3\r\none\r\n3\r\ntwo\r\n0\r\n\r\n"
    async with serving(Provider(begin + chunks)) as provider, client() as http:
        assert (await http.get(provider.url)).text == "onetwo"


async def _closes(provider: Provider) -> None:
    provider.connections[0][1].close()


async def _says_something(provider: Provider) -> None:
    provider.connections[0][1].write(LATE)


async def _says_something_and_closes(provider: Provider) -> None:
    await _says_something(provider)
    await _closes(provider)


@pytest.mark.parametrize("event", [_closes, _says_something, _says_something_and_closes])
async def test_a_connection_that_is_no_longer_idle_gets_no_request(
    event: Callable[[Provider], Awaitable[None]],
) -> None:
    async with serving(Provider()) as provider, client() as http:
        await http.get(provider.url)
        await event(provider)
        await asyncio.sleep(0.05)

        answer = await http.get(provider.url)

    assert (answer.status_code, len(provider.connections)) == (200, 2)


async def test_what_follows_an_answer_is_not_the_next_one() -> None:
    async with serving(Provider(OK + LATE)) as provider, client() as http:
        answers = [(await http.get(provider.url)).status_code for _ in range(3)]

    assert answers == [200, 200, 200]


async def test_an_answer_that_was_not_read_to_its_end_ends_the_connection() -> None:
    half = b"HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\n{}"
    async with serving(Provider(half)) as provider, client() as http:
        for _ in range(2):
            async with http.stream("GET", provider.url):
                pass

    assert len(provider.connections) == 2


@pytest.mark.parametrize(
    ("answer", "ends", "error"),
    [
        (b"", True, httpx.RemoteProtocolError),
        (b"", False, httpx.ReadTimeout),
        (b"hello\r\n\r\n", False, httpx.RemoteProtocolError),
        (b"HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\n{}", True, httpx.RemoteProtocolError),
    ],
)
async def test_a_wrong_answer_raises_the_error_of_httpx(
    answer: bytes, ends: bool, error: type[httpx.HTTPError]
) -> None:
    async with serving(Provider(answer, ends)) as provider, client(seconds=0.3) as http:
        with pytest.raises(error):
            await http.get(provider.url)


async def test_nobody_listens() -> None:
    async with serving(Provider()) as provider:
        pass
    async with client() as http:
        with pytest.raises(httpx.ConnectError):
            await http.get(provider.url)
        with pytest.raises(httpx.ConnectError):
            await http.get("http://nowhere.invalid/")
        with pytest.raises(httpx.UnsupportedProtocol):
            await http.get("ftp://127.0.0.1/")


async def test_a_cancelled_request_gives_its_place_back() -> None:
    transport = ProviderTransport()
    async with serving(Provider(b"")) as provider, httpx.AsyncClient(transport=transport) as http:
        async with asyncio.TaskGroup() as calls:
            for _ in range(120):  # more than there are places
                calls.create_task(_cancelled(http, provider.url))
        provider.answer = OK

        answers = await asyncio.gather(*(http.get(provider.url) for _ in range(100)))

    assert {answer.status_code for answer in answers} == {200}


async def _cancelled(http: httpx.AsyncClient, url: str) -> None:
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.2):
            await http.get(url)


async def test_the_certificate_is_that_of_the_name(tmp_path: Path) -> None:
    certificate = localhost_certificate(tmp_path)
    served = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    served.load_cert_chain(certificate)
    trusted = ssl.create_default_context(cafile=certificate)
    async with serving(Provider(), served) as provider:
        url = f"https://127.0.0.1:{provider.port}/"
        named = httpx.Request("GET", url, extensions={"sni_hostname": "localhost"})
        other = httpx.Request("GET", url, extensions={"sni_hostname": "example.com"})
        async with client(trusted) as http, client() as strange:
            assert (await http.send(named)).status_code == 200
            with pytest.raises(httpx.ConnectError):
                await http.send(other)
            with pytest.raises(httpx.ConnectError):
                await strange.send(named)


async def test_a_server_that_does_not_read_is_left_in_time() -> None:
    """Bodies that fit into no buffer of the system."""

    async def never_read(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writers.append(writer)

    writers: list[asyncio.StreamWriter] = []
    server = await asyncio.start_server(never_read, "127.0.0.1", 0, limit=1)
    url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/"
    async with client(seconds=0.1) as http:
        with pytest.raises(httpx.TimeoutException):
            await http.post(url, content=b"x" * 50_000_000)
    server.close()
    for writer in writers:
        writer.transport.abort()
