"""Accepts connections so that several processes with one listening socket have equally many.

An event loop accepts all connections that wait as soon as it wakes up, so the process that is first
gets most of them, and keeps them. Here a process accepts one at a time, and only while no other has
fewer connections. Those that it leaves stay in the queue of the kernel, for the others.
"""

from __future__ import annotations

import asyncio
import logging
import select
import socket
from collections.abc import Callable
from typing import Any

from onehour.shares import Shares

log = logging.getLogger(__name__)

PAUSE_S = 0.001
"""Between two looks at a connection that is left to another process."""
STUCK_S = 0.5
"""A process that has not looked at a waiting connection for so long is stuck or has ended. Others
do not wait for it until it looks again."""
NO_DESCRIPTORS_S = 1.0
"""How long a process accepts nothing after the system refused it another connection."""
Factory = Callable[[], asyncio.BaseProtocol]


def install(listening: int, shares: Shares) -> None:
    """Let a server that the running event loop starts on this listening socket accept evenly."""
    loop: Any = asyncio.get_running_loop()
    address, create_server = _address(listening), loop.create_server

    async def create(factory: Factory, *args: Any, **options: Any) -> Any:
        sock = options.get("sock")
        if sock is None or sock.getsockname() != address:
            return await create_server(factory, *args, **options)
        return EvenServer(loop, factory, sock, options["backlog"], shares)

    vars(loop)["create_server"] = create


def _address(listening: int) -> Any:
    with socket.socket(fileno=listening) as sock:
        try:
            return sock.getsockname()
        finally:
            sock.detach()


class EvenServer:
    """Listens on `sock`, and closes it in the end. The part of `asyncio.Server` that Hypercorn
    uses."""

    def __init__(
        self,
        loop: asyncio.AbstractEventLoop,
        factory: Factory,
        sock: socket.socket,
        backlog: int,
        shares: Shares,
    ) -> None:
        self._loop, self._factory, self._sock, self._shares = loop, factory, sock, shares
        self._connections, self._serves = 0, True
        self._connecting: set[asyncio.Task[None]] = set()
        self._timer: asyncio.TimerHandle | None = None
        self._seen: dict[int, tuple[int, float]] = {}
        """The looks of the processes to which the first connection is left, and since when."""
        self._poll = select.poll()
        self._poll.register(sock, select.POLLIN)
        sock.setblocking(False)
        sock.listen(backlog)
        self._listen()

    def close(self) -> None:
        """Accept no more. Connections stay open."""
        if self._sock.fileno() == -1:
            return
        self._stop_listening()
        self._leave()
        self._sock.close()

    async def wait_closed(self) -> None:
        """Until the connections that were accepted before `close` have their protocols."""
        if self._connecting:
            await asyncio.wait(self._connecting)

    def _listen(self) -> None:
        self._timer = None
        self._serves = True
        self._shares.serve(self._connections)
        self._loop.add_reader(self._sock, self._look)

    def _stop_listening(self) -> None:
        if self._timer:
            self._timer.cancel()
        else:
            self._loop.remove_reader(self._sock)

    def _pause(self, seconds: float, then: Callable[[], None]) -> None:
        self._stop_listening()
        self._timer = self._loop.call_later(seconds, then)

    def _leave(self) -> None:
        self._serves = False
        self._shares.leave()

    def _look(self) -> None:
        """A connection waits, unless another process has just accepted it."""
        self._shares.look()
        if self._is_left_to_another():
            self._pause(PAUSE_S, self._look_again)
            return
        try:
            accepted, _ = self._sock.accept()
        except (BlockingIOError, InterruptedError, ConnectionAbortedError):
            pass
        except OSError:
            log.exception("a connection cannot be accepted")
            self._leave()
            self._pause(NO_DESCRIPTORS_S, self._listen)
            return
        else:
            self._start(accepted)
        self._look_when_one_waits()

    def _look_again(self) -> None:
        if self._poll.poll(0):
            self._look()
        else:
            self._look_when_one_waits()

    def _look_when_one_waits(self) -> None:
        now = self._loop.time()
        self._seen = {place: seen for place, seen in self._seen.items() if _is_stuck(seen, now)}
        if self._timer:
            self._listen()

    def _is_left_to_another(self) -> bool:
        """Whether a process with fewer connections runs, and so will accept this one."""
        now = self._loop.time()
        fewer = [each for each in self._shares.rivals() if each.connections < self._connections]
        for each in fewer:
            if self._seen.get(each.place, (None,))[0] != each.looks:
                self._seen[each.place] = each.looks, now
        return not all(_is_stuck(self._seen[each.place], now) for each in fewer)

    def _start(self, accepted: socket.socket) -> None:
        self._changed(+1)
        task = self._loop.create_task(self._connect(accepted))
        self._connecting.add(task)
        task.add_done_callback(self._connecting.discard)

    async def _connect(self, accepted: socket.socket) -> None:
        accepted.setblocking(False)
        try:
            await self._loop.connect_accepted_socket(self._counted, accepted)
        except OSError:
            accepted.close()
            self._changed(-1)

    def _counted(self) -> asyncio.BaseProtocol:
        protocol = self._factory()
        lost = protocol.connection_lost

        def connection_lost(error: Exception | None) -> None:
            self._changed(-1)
            lost(error)

        vars(protocol)["connection_lost"] = connection_lost
        return protocol

    def _changed(self, by: int) -> None:
        self._connections += by
        if self._serves:
            self._shares.serve(self._connections)


def _is_stuck(seen: tuple[int, float], now: float) -> bool:
    return now - seen[1] >= STUCK_S
