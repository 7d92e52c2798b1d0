"""Sockets as bytes: any packet is answered or ends the connection, and nothing fills the memory."""

from __future__ import annotations

import json
from contextlib import AsyncExitStack, suppress

import psutil
import pytest
import socketio

from onehour.container import CHANNEL
from tests.api_client import until
from tests.process.raw_http import exchange, statuses
from tests.process.raw_socket import BINARY, CONTINUATION, PING, TEXT, frame, raw_socket
from tests.process.running import RunningApp
from web.shared.log_allowance import LINES_A_MINUTE
from web.shared.socket_server import LARGEST_FRAME

pytestmark = pytest.mark.process

MEGABYTE = 1_000_000
DEEP = "[" * 500 + "]" * 500
EVENT = '421["slots:watch",{"developer":"dev_1"}]'


def memory(app: RunningApp) -> int:
    """The resident bytes of the web process."""
    web = app.child("web")
    assert isinstance(web, psutil.Process)
    return int(web.memory_info().rss)


@pytest.mark.parametrize(
    ("packet", "code"),
    [
        ('421["nothing:here"]', "unknown_event"),
        ('421["connect"]', "unknown_event"),
        ('421["connect",{"HTTP_COOKIE":"x"}]', "unknown_event"),
        ('421["disconnect"]', "unknown_event"),
        ('421["disconnect","because"]', "unknown_event"),
        ('421["*"]', "unknown_event"),
        ('421["message",{}]', "unknown_event"),
        ('421["connect",1,2]', "malformed_event"),
        ('421["slots:watch",1,2]', "malformed_event"),
        ('421["slots:watch",{},{},{}]', "malformed_event"),
        ("421[]", "malformed_event"),
        ("421[1]", "malformed_event"),
        ("421[null]", "malformed_event"),
        ('421[["slots:watch"]]', "malformed_event"),
        ('421[{"a":1}]', "malformed_event"),
        ('421[""]', "malformed_event"),
        ("421{}", "malformed_event"),
        ('421"slots:watch"', "malformed_event"),
        ("421true", "malformed_event"),
        ("421", "malformed_event"),
        (f'421["{"x" * 50_000}"]', "malformed_event"),
        (f'421["slots:watch",{DEEP}]', "malformed_event"),
        ('421["slots:watch",{"a":' + DEEP + "}]", "malformed_event"),
        ('421["slots:watch","\\ud800"]', "malformed_event"),
        ('421["slots:watch",{"\\udfff":1}]', "malformed_event"),
        ('421["\\ud800"]', "malformed_event"),
        ('421["slots:watch",NaN]', "malformed_event"),
        ('421["slots:watch",1e999]', "malformed_event"),
        (f'421["slots:watch",{"9" * 40}]', "malformed_event"),
        ('42/admin,1["slots:watch"]', "not_connected"),
    ],
)
async def test_an_event_that_no_handler_can_take_is_refused_in_its_answer(
    running: RunningApp, packet: str, code: str
) -> None:
    async with raw_socket(running.port) as socket:
        await socket.connect()

        await socket.send(frame(packet))

        answer = await socket.next()
        assert answer is not None
        (refused,) = json.loads(answer[answer.index("[") :])
        assert (refused["ok"], refused["code"]) == (False, code)
        await socket.send(frame('427["nothing:here"]'))
        assert (await socket.next() or "").startswith("437[")


@pytest.mark.parametrize("data", ["null", "1", '"x"', "[]", "{}", '{"a":{"$ne":1}}', "true", "1.5"])
async def test_a_handler_answers_whatever_type_its_data_has(running: RunningApp, data: str) -> None:
    async with raw_socket(running.port) as socket:
        await socket.connect()

        await socket.send(frame(f'421["slots:watch",{data}]'))

        assert (await socket.next() or "").startswith('431[{"ok":')


async def test_an_event_before_the_connection_is_refused(running: RunningApp) -> None:
    async with raw_socket(running.port) as socket:
        await socket.send(frame('421["slots:watch",{}]'))

        assert json.loads((await socket.next() or "").removeprefix("431"))[0]["ok"] is False


@pytest.mark.parametrize(
    "sent",
    [
        *("", "0", "2", "2probe", "5", "6", "7", "x", "3x", "3" + "[" * 60_000, "²", "b!", "bAAAA"),
        *("4", "4x", "4[", "4" + "[" * 60_000, '4["a"]', "4²", "44", '45-["a"]', "46", "47"),
        '451-["a",{"_placeholder":true,"num":0}]',
        '459999999999-["a"]',
        *("42{", '42["a"', '42["a",', "421[" + "[" * 60_000, "42" + "1" * 200, "42²[]"),
        *(f'421["slots:watch",{"9" * 5_000}]', "40{", '40["'),
        *("43", "43{}", "431", '431{"a":1}'),
        b"\x04binary",
        b"",
    ],
)
async def test_what_is_no_packet_ends_the_connection_or_is_ignored(
    running: RunningApp, sent: str | bytes
) -> None:
    async with raw_socket(running.port) as socket:
        await socket.connect()
        opcode = TEXT if isinstance(sent, str) else BINARY

        await socket.send(frame(sent, opcode=opcode), frame('427["nothing:here"]'))

        assert (await socket.next() or "437").startswith("437")


@pytest.mark.parametrize("sent", ["", "x", '45-["a"]', "42{", "421[" + "[" * 60_000, b"binary"])
async def test_a_malformed_packet_ends_the_connection(
    running: RunningApp, sent: str | bytes
) -> None:
    async with raw_socket(running.port) as socket:
        await socket.connect()

        await socket.send(frame(sent, opcode=TEXT if isinstance(sent, str) else BINARY))

        assert await socket.is_closed()


@pytest.mark.parametrize("namespace", ["/admin", "/" + "x" * 10_000, "/*", "//"])
async def test_there_is_one_namespace(running: RunningApp, namespace: str) -> None:
    async with raw_socket(running.port) as socket:
        await socket.send(frame(f"40{namespace},{{}}"))

        assert (await socket.next() or "").startswith(f"44{namespace},")


async def test_a_message_over_the_limit_ends_the_connection_while_it_arrives(
    running: RunningApp,
) -> None:
    part, before = b"4" + b"x" * MEGABYTE, memory(running)
    for frames in (
        [frame(part, size=200 * MEGABYTE)] + [part] * 199,
        [frame(part, last=False)] + [frame(part, opcode=CONTINUATION, last=False)] * 199,
        [frame(b"x" * (LARGEST_FRAME + 1))] + [frame(part)] * 199,
    ):
        async with raw_socket(running.port) as socket:
            await socket.connect()
            with pytest.raises(ConnectionError):
                for each in frames:
                    await socket.send(each)

    assert memory(running) - before < 20 * MEGABYTE


@pytest.mark.parametrize("first", ["x", '45-["a"]', "42{", EVENT])
async def test_a_client_that_sends_much_more_is_cut_and_leaves_no_connection(
    running: RunningApp, first: str
) -> None:
    async with raw_socket(running.port) as socket:
        await socket.connect()
        there, here = (socket.writer.get_extra_info(each) for each in ("sockname", "peername"))

        with suppress(ConnectionError):
            await socket.send(frame(first), *[frame(EVENT)] * 3_000)

        assert await socket.is_closed()

    async def has_ended() -> bool:
        open_ones = [
            (each.laddr, each.raddr)
            for each in psutil.net_connections("tcp4")
            if each.status != psutil.CONN_TIME_WAIT
        ]
        return (here, there) not in open_ones

    await until(has_ended, what="the end of the connection", every_s=0.05)


async def test_a_message_of_the_limit_is_read(running: RunningApp) -> None:
    packet = '421["nothing:here","' + "x" * (LARGEST_FRAME - 22) + '"]'
    async with raw_socket(running.port) as socket:
        await socket.connect()
        assert len(packet) == LARGEST_FRAME

        await socket.send(
            frame(packet[:9], last=False),
            frame(b"", opcode=PING),
            frame(packet[9:], opcode=CONTINUATION),
        )

        assert "unknown_event" in (await socket.next() or "")


async def test_messages_are_not_compressed(running: RunningApp) -> None:
    offer = "Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits\r\n"

    async with raw_socket(running.port, headers=offer) as socket:
        assert b"sec-websocket-extensions" not in socket.handshake.lower()
        await socket.connect()


async def test_clients_that_do_not_read_are_cut_and_fill_no_memory(running: RunningApp) -> None:
    redis_url = f"redis://127.0.0.1:{running.ports['redis']}/0"
    elsewhere = socketio.AsyncRedisManager(redis_url, channel=CHANNEL, write_only=True)
    async with AsyncExitStack() as stack:
        sockets = [
            await stack.enter_async_context(raw_socket(running.port, receive=4_096))
            for _ in range(8)
        ]
        names = [await socket.connect() for socket in sockets]
        before = memory(running)

        for _ in range(400):  # 16 MB for each
            for name in names:
                await elsewhere.emit("news", "x" * 40_000, room=name)

        for socket in sockets:
            assert await socket.is_closed()
        assert memory(running) - before < 40 * MEGABYTE

    async def lines() -> int:
        return running.log("web").count("does not read what is sent to it: closed")

    assert await until(lines, what="lines in the log") == 8


async def test_a_socket_elsewhere_is_refused(running: RunningApp) -> None:
    for path in ("/", "/socket.io/?EIO=4&transport=polling", "/healthz", "/nothing//here"):
        head = (
            f"GET {path} HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
            "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
        )
        (status,) = statuses(await exchange(running.port, head.encode(), answers=1))
        assert 400 <= status < 500, path


async def test_all_this_leaves_no_traceback_and_few_lines_in_the_log(running: RunningApp) -> None:
    for _ in range(3 * LINES_A_MINUTE):
        async with raw_socket(running.port) as socket:
            await socket.connect()
            await socket.send(frame('421["connect",1,2]'), frame("x"))
            assert await socket.is_closed()

    log = running.log("web")
    assert "Traceback" not in log
    for line in ("a socket sent what is no packet", "was refused: malformed_event"):
        times = [each[:16] for each in log.splitlines() if line in each and "more" not in each]
        assert 0 < len(times) <= LINES_A_MINUTE * len(set(times))
