"""A push service on this machine, and browsers that decrypt what it gets for them."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from adapters.webpush.addresses import Target
from adapters.webpush.encryption import CURVE, public_bytes
from ports.push import PushReceiver, PushRefused


@dataclass(frozen=True)
class Request:
    """One request that was accepted."""

    path: str
    headers: Mapping[str, str]
    body: bytes


@dataclass
class PushServiceOnThisMachine:
    """Speaks HTTP/1.1 to one request per connection. `status` answers all requests that no other
    rule decides."""

    status: int = 201
    statuses: dict[str, int] = field(default_factory=dict)
    accepted: list[Request] = field(default_factory=list)
    port: int = 0

    async def start(self) -> None:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.port = self._server.sockets[0].getsockname()[1]

    async def close(self) -> None:
        self._server.close()
        await self._server.wait_closed()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        first = (await reader.readline()).decode().split()
        headers = dict[str, str]()
        while line := (await reader.readline()).decode().strip():
            name, _, value = line.partition(":")
            headers[name.lower()] = value.strip()
        body = await reader.readexactly(int(headers.get("content-length", 0)))
        status = self.statuses.get(first[1], self.status)
        if status == 201:
            self.accepted.append(Request(first[1], headers, body))
        writer.write(
            f"HTTP/1.1 {status} Done\r\nContent-Length: 0\r\nConnection: close\r\n\r\n".encode()
        )
        await writer.drain()
        writer.close()


@dataclass
class BrowserKeys:
    """The keys that only the browser has, and what it reads with them (RFC 8291, section 4)."""

    path: str
    key: ec.EllipticCurvePrivateKey = field(default_factory=lambda: ec.generate_private_key(CURVE))
    secret: bytes = b"sixteen of bytes"

    def receiver(self, port: int) -> PushReceiver:
        url = f"http://127.0.0.1:{port}{self.path}"
        return PushReceiver(url, public_bytes(self.key), self.secret)

    def decrypt(self, body: bytes) -> bytes:
        salt, length = body[:16], body[20]
        sender, sealed = body[21 : 21 + length], body[21 + length :]
        public = ec.EllipticCurvePublicKey.from_encoded_point(CURVE, sender)
        shared = self.key.exchange(ec.ECDH(), public)
        info = b"WebPush: info\x00" + public_bytes(self.key) + sender
        material = _derived(shared, self.secret, info, 32)
        content_key = _derived(material, salt, b"Content-Encoding: aes128gcm\x00", 16)
        nonce = _derived(material, salt, b"Content-Encoding: nonce\x00", 12)
        padded = AESGCM(content_key).decrypt(nonce, sealed, None)
        content, delimiter, _ = padded.rpartition(b"\x02")
        assert delimiter, "the last record ends with 2"
        return content


class ThisMachine:
    """Lets through the push service of the test, which is neither public nor https."""

    async def check(self, endpoint: str) -> Target:
        if not endpoint.startswith("http://127.0.0.1:"):
            raise PushRefused
        return Target(endpoint, "127.0.0.1", "127.0.0.1")


def _derived(material: bytes, salt: bytes, info: bytes, length: int) -> bytes:
    return HKDF(algorithm=SHA256(), length=length, salt=salt, info=info).derive(material)
