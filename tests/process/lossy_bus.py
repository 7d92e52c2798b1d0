"""A Redis through which some of the published events get lost, and all else passes."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from random import Random

from onehour.container import CHANNEL
from tests.tcp_proxy import tcp_proxy

NOBODY = "x" * len(CHANNEL)
"""A channel without subscribers: what is published there is answered, and lost."""
LENGTH = re.compile(rb"\$(\d+)\r\n")


def _published(channel: str) -> bytes:
    """The beginning of the command, as the protocol of Redis writes it."""
    return f"$7\r\nPUBLISH\r\n${len(channel)}\r\n{channel}\r\n".encode()


HEAD, LOST = _published(CHANNEL), _published(NOBODY)


@dataclass
class LossyBus:
    """`share` of the events is lost, chosen by `random`; both are counted by their names."""

    share: float
    random: Random
    url: str = ""
    published: Counter[str] = field(default_factory=Counter)
    lost: Counter[str] = field(default_factory=Counter)

    @property
    def messages_lost(self) -> int:
        return self.lost["chat:message"]

    def connection(self) -> Callable[[bytes], bytes]:
        return _Commands(self).change

    def head(self, payload: bytes) -> bytes:
        """The beginning of the command with which the event goes on."""
        event = str(json.loads(payload).get("event"))
        self.published[event] += 1
        if self.random.random() >= self.share:
            return HEAD
        self.lost[event] += 1
        return LOST


@dataclass
class _Commands:
    """The commands of one connection, which may be divided anywhere."""

    bus: LossyBus
    kept: bytes = b""

    def change(self, data: bytes) -> bytes:
        self.kept, passed = self.kept + data, b""
        while HEAD in self.kept:
            before, _, after = self.kept.partition(HEAD)
            passed += before
            payload = _whole(after)
            if payload is None:
                self.kept = HEAD + after
                return passed
            passed, self.kept = passed + self.bus.head(payload), after
        end = len(self.kept) - _begun(self.kept)
        passed, self.kept = passed + self.kept[:end], self.kept[end:]
        return passed


def _whole(data: bytes) -> bytes | None:
    """The text at the beginning of the data, if it has arrived."""
    length = LENGTH.match(data)
    if length is None or len(data) < length.end() + int(length[1]):
        return None
    return data[length.end() : length.end() + int(length[1])]


def _begun(data: bytes) -> int:
    """How many bytes at the end may be the beginning of `HEAD`."""
    return next((n for n in range(len(HEAD) - 1, 0, -1) if data.endswith(HEAD[:n])), 0)


@asynccontextmanager
async def lossy_bus(redis_port: int, *, share: float, seed: int) -> AsyncIterator[LossyBus]:
    bus = LossyBus(share, Random(seed))
    async with tcp_proxy(redis_port, to_server=bus.connection) as proxy:
        bus.url = f"redis://127.0.0.1:{proxy.port}/0"
        yield bus
