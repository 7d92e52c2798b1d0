"""A line between two browsers that loses packets: Chromium has no switch for it."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import cast

from playwright.async_api import Page

ONLY_BY_THE_LINE = """
const made = RTCPeerConnection.prototype;
const { addIceCandidate, setRemoteDescription } = made;
made.addIceCandidate = async function (candidate) {
  const words = candidate?.candidate?.split(" ") || [];
  if (words.length < 6) return addIceCandidate.call(this, candidate);
  if (words[2].toLowerCase() !== "udp" || words[4].includes(":")) return;
  words[5] = await window.byTheLine(words[4], Number(words[5]));
  return addIceCandidate.call(this, { ...candidate, candidate: words.join(" ") });
};
made.setRemoteDescription = function ({ type, sdp }) {
  return setRemoteDescription.call(this, { type, sdp: sdp.replace(/^a=candidate:.*\\r\\n/gm, "") });
};
"""
"""The page learns no address of the other side, only those where the line takes packets for it."""

REAL_ADDRESSES = "--disable-features=WebRtcHideLocalIpsWithMdns"
"""For the browser: pages learn the address of the machine, and not a name for it."""

Address = tuple[str, int]


@dataclass
class LossyLine:
    """`loss` is from 0 to 1, each way."""

    loss: float = 0.0
    _ports: dict[Address, int] = field(default_factory=dict)
    _open: list[asyncio.BaseTransport] = field(default_factory=list)
    _chance: random.Random = field(default_factory=lambda: random.Random(11))

    async def join(self, page: Page) -> None:
        """Before the page of the call is loaded."""
        await page.expose_function("byTheLine", self.port_for)
        await page.add_init_script(ONLY_BY_THE_LINE)

    async def port_for(self, host: str, port: int) -> int:
        """Where packets for this address can be sent, on the same host."""
        if (host, port) not in self._ports:
            front = await self.listen(Front(self, (host, port)), host)
            self._ports[host, port] = front.get_extra_info("sockname")[1]
        return self._ports[host, port]

    async def listen(
        self, protocol: asyncio.DatagramProtocol, host: str
    ) -> asyncio.DatagramTransport:
        loop = asyncio.get_running_loop()
        transport, _ = await loop.create_datagram_endpoint(lambda: protocol, (host, 0))
        self._open.append(transport)
        return transport

    def loses(self) -> bool:
        return self._chance.random() < self.loss

    def close(self) -> None:
        for transport in self._open:
            transport.close()


@dataclass
class Front(asyncio.DatagramProtocol):
    """Takes packets for `target`, each sender's by a socket of its own, by which answers come."""

    line: LossyLine
    target: Address
    senders: dict[Address, asyncio.Task[asyncio.DatagramTransport]] = field(default_factory=dict)

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.DatagramTransport, transport)

    def datagram_received(self, data: bytes, addr: Address) -> None:
        if self.line.loses():
            return
        if addr not in self.senders:
            back = self.line.listen(Back(self, addr), self.target[0])
            self.senders[addr] = asyncio.create_task(back)
        if self.senders[addr].done():  # ICE repeats what arrives earlier
            self.senders[addr].result().sendto(data, self.target)

    def answer(self, data: bytes, to: Address) -> None:
        if not self.line.loses():
            self.transport.sendto(data, to)


@dataclass
class Back(asyncio.DatagramProtocol):
    front: Front
    sender: Address

    def datagram_received(self, data: bytes, addr: Address) -> None:
        self.front.answer(data, self.sender)


@asynccontextmanager
async def lossy_line(*pages: Page) -> AsyncIterator[LossyLine]:
    """By which these pages send everything."""
    line = LossyLine()
    for page in pages:
        await line.join(page)
    yield line
    line.close()
