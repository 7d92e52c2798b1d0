"""Webhooks that nobody signed: mutations of genuine ones, chosen by a seed."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from random import Random

LARGER = 300 * 1024
"""More than any webhook may have."""


@dataclass(frozen=True)
class Hook:
    """A genuine webhook. `signature` is the header that proves it, `stamp` that of its time, if it
    has one. `fixed` characters at the end of the signature encode no bits of their own.
    `body_is_signed`: the signature covers the body."""

    path: str
    headers: Mapping[str, str]
    body: bytes
    signature: str
    stamp: str = ""
    fixed: int = 0
    body_is_signed: bool = True


Sent = tuple[dict[str, str], bytes]


def mutated(hook: Hook, random: Random) -> Sent:
    """Headers and body that differ from the genuine ones where it counts."""
    while True:
        headers, body = dict(hook.headers), hook.body
        for _ in range(random.choice((1, 1, 1, 2))):
            headers, body = random.choice(_kinds(hook))(hook, headers, body, random)
        signed = {hook.signature, hook.stamp} - {""}
        same = all(headers.get(name) == hook.headers[name] for name in signed)
        if not same or (hook.body_is_signed and body != hook.body):
            return headers, body


Change = Callable[[Hook, dict[str, str], bytes, Random], Sent]


def _kinds(hook: Hook) -> tuple[Change, ...]:
    kinds: tuple[Change, ...] = (_signature, _signature, _no_signature)
    if hook.stamp:
        kinds += (_time, _moved)
    return kinds + ((_bytes, _bytes, _encoding, _size) if hook.body_is_signed else ())


def _bytes(hook: Hook, headers: dict[str, str], body: bytes, random: Random) -> Sent:
    at, raw = random.randrange(len(body) + 1), bytearray(body)
    match random.randrange(6):
        case 0 if raw:
            raw[at % len(raw)] ^= 1 << random.randrange(8)
        case 1 if raw:
            del raw[at % len(raw)]
        case 2:
            raw.insert(at, random.randrange(256))
        case 3:
            raw = raw[:at]
        case 4:
            raw += random.randbytes(random.randrange(1, 50))
        case _:
            raw = bytearray(body.replace(b"00", b"0", 1) + b"\n")
    return headers, bytes(raw)


def _encoding(hook: Hook, headers: dict[str, str], body: bytes, random: Random) -> Sent:
    match random.randrange(5):
        case 0:
            return headers, body.decode(errors="replace").encode("utf-16")
        case 1:
            return headers | {"content-encoding": "gzip"}, gzip.compress(body)
        case 2:
            return headers, b"\xef\xbb\xbf" + body
        case 3:
            return headers | {"content-type": "text/plain; charset=utf-7"}, body + b" "
        case _:
            try:
                return headers, json.dumps(json.loads(body), indent=1).encode()
            except (ValueError, RecursionError):  # the body is mutated already
                return headers, b"null"


def _size(hook: Hook, headers: dict[str, str], body: bytes, random: Random) -> Sent:
    match random.randrange(4):
        case 0:
            return headers, b""
        case 1 if not random.randrange(8):
            return headers, body + b" " * LARGER
        case 2:
            return headers, b"[" * random.randrange(1, 5_000)
        case _:
            return headers, body + body


def _signature(hook: Hook, headers: dict[str, str], body: bytes, random: Random) -> Sent:
    claimed = headers.get(hook.signature, "A")
    at = random.randrange(max(len(claimed) - hook.fixed, 1))
    match random.randrange(7):
        case 0:
            other = random.choice([c for c in "ABCxyz019+/" if c != claimed[at : at + 1]])
            claimed = claimed[:at] + other + claimed[at + 1 :]
        case 1:
            claimed = claimed[:at]
        case 2:
            claimed = claimed.swapcase()
        case 3:
            claimed = claimed + "=" * 3 + claimed
        case 4:
            claimed = "".join(random.sample(claimed, len(claimed)))
        case 5:
            claimed = "é" * random.randrange(1, 90)
        case _:
            claimed = "A" * random.randrange(1, 6_000)
    return headers | {hook.signature: claimed}, body


def _no_signature(hook: Hook, headers: dict[str, str], body: bytes, random: Random) -> Sent:
    if random.randrange(2):
        return headers | {hook.signature: ""}, body
    return {name: value for name, value in headers.items() if name != hook.signature}, body


def _time(hook: Hook, headers: dict[str, str], body: bytes, random: Random) -> Sent:
    stamp = headers.get(hook.stamp, "0")
    digits = stamp if stamp.isascii() and stamp.isdigit() else "0"
    others = (
        str(int(digits) + random.choice((-1, 1, 1000, 10**9))),
        f" {stamp}", f"{stamp}.0", f"+{stamp}", "", "0", "NaN", "²", "9" * 4_000, f"0{stamp}",
    )  # fmt: skip
    return headers | {hook.stamp: random.choice(others)}, body


def _moved(hook: Hook, headers: dict[str, str], body: bytes, random: Random) -> Sent:
    """Bytes move between time and body: what is signed has no separator."""
    stamp, count = headers.get(hook.stamp, ""), random.randrange(1, 4)
    if random.randrange(2):
        return headers | {hook.stamp: stamp[:-count]}, stamp[-count:].encode() + body
    taken = body[:count].decode(errors="ignore").replace("\n", " ").replace("\r", " ")
    return headers | {hook.stamp: stamp + taken}, body[count:]
