"""Compression of answers, in the encoding that the client prefers.

An attacker who sees the length of encrypted answers, and can make a browser ask for pages with text
of the attacker's choice, could guess what else is in these pages (BREACH). So answers with secrets
are compressed only for requests that no other site has caused: `Sec-Fetch-Site` says so, which no
page can set. See docs/decisions/0034-compression-and-secrets.md.
"""

from __future__ import annotations

import asyncio
import gzip
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from threading import Lock

import brotli
import zstandard
from cachetools import LRUCache
from quart import Quart, Response, g, request
from quart.wrappers.response import DataBody
from werkzeug.datastructures import Accept
from werkzeug.http import parse_accept_header

from web.shared.cookies import has_secrets

SMALLEST = 1_000
"""Bytes. A shorter answer fits into one packet with its headers."""
LARGEST = 8_000_000
"""Bytes. Longer answers are sent as they are."""
LARGEST_IN_THE_EVENT_LOOP = 65_536
"""Bytes, which take about half a millisecond. More is compressed in a thread."""
MOST_KEPT = 16_000_000
"""Bytes of compressed files that a process keeps."""
LONGEST_CHOICE = 200
"""Characters of `Accept-Encoding` that are read."""
TYPES = frozenset(
    {
        "application/json",
        "application/manifest+json",
        "application/problem+json",
        "application/xml",
        "image/svg+xml",
    }
)
"""Besides all of `text/`. Pictures, fonts and archives are compressed already."""
NOT_CAUSED_BY_OTHERS = frozenset({"same-origin", "none"})
"""A page of ours, or the user: an address that was typed, a bookmark."""


def _quality(data: bytes) -> int:
    """The best takes two microseconds for a byte, so for large files one that takes a sixth of the
    time; the result is a tenth longer."""
    return 11 if len(data) <= LARGEST_IN_THE_EVENT_LOOP else 9


@dataclass(frozen=True, slots=True)
class Codec:
    """`fast` compresses an answer that is made anew each time; `best` one that is kept."""

    name: str
    fast: Callable[[bytes], bytes]
    best: Callable[[bytes], bytes]


ZSTD = Codec(
    "zstd",
    lambda data: zstandard.ZstdCompressor(level=6).compress(data),
    lambda data: zstandard.ZstdCompressor(level=19).compress(data),
)
BROTLI = Codec(
    "br",
    lambda data: brotli.compress(data, mode=brotli.MODE_TEXT, quality=5),
    lambda data: brotli.compress(data, mode=brotli.MODE_TEXT, quality=_quality(data)),
)
GZIP = Codec(
    "gzip",
    lambda data: gzip.compress(data, 5, mtime=0),
    lambda data: gzip.compress(data, 9, mtime=0),
)
FASTEST_FIRST = (ZSTD, BROTLI, GZIP)
SMALLEST_FIRST = (BROTLI, ZSTD, GZIP)
"""The order among encodings that the client likes equally. Figures: docs/performance.md."""


KEPT = LRUCache[tuple[str, str], bytes](maxsize=MOST_KEPT, getsizeof=len)
"""Compressed files by ETag, which names the content, and encoding: for all applications of the
process."""
MOST_SHARED = 4_000_000
"""Bytes of compressed answers that a process has at hand for the next visitors."""
SHARED = LRUCache[tuple[str, str], bytes](maxsize=MOST_SHARED, getsizeof=len)
"""As `KEPT`, for answers that were compressed fast."""
_keeping = Lock()


def install(app: Quart) -> None:
    """Before all others, so that its hook sees the finished answer."""
    app.after_request(compress)


def keep_compressed() -> None:
    """This answer is the same for all and has a strong ETag of its content: compress it once, as
    small as possible, and keep that."""
    g.keep_compressed = True


def share_compressed() -> None:
    """This answer is made anew each time, is the same for all, and has a strong ETag of its
    content: while the content stays the same, it is compressed once."""
    g.share_compressed = True


def preferred(accepted: Accept, codecs: tuple[Codec, ...]) -> Codec | None:
    """The codec with the highest q-value, the first of `codecs` among equals; None for an answer as
    it is, which is always allowed (RFC 9110, 12.5.3)."""
    quality = {codec: accepted.quality(codec.name) for codec in codecs}
    best = max(codecs, key=lambda codec: quality[codec])
    plain = accepted.quality("identity") if "identity" in _names(accepted) else 0
    return best if quality[best] > 0 and quality[best] >= plain else None


@lru_cache(maxsize=256)
def _codec(accepted: str, kept: bool) -> Codec | None:
    """Kept, because browsers send one of a few values."""
    if not accepted:
        return None
    choice = parse_accept_header(accepted, Accept)
    return preferred(choice, SMALLEST_FIRST if kept else FASTEST_FIRST)


def _names(accepted: Accept) -> set[str]:
    return {name.lower() for name, _ in accepted}


async def compress(response: Response) -> Response:
    if not _is_of_a_type(response):
        return response
    add_vary(response, "Accept-Encoding")
    kept = g.get("keep_compressed", False)
    codec = _codec(request.headers.get("Accept-Encoding", "")[:LONGEST_CHOICE], bool(kept))
    if codec is None or not _is_safe(response):
        return response
    etag, _ = response.get_etag()
    if response.status_code != 304:
        data = _data(response)
        if data is None:
            return response
        if etag and g.get("share_compressed", False):
            response.set_data(await _shared(data, codec, etag))
        else:
            response.set_data(await _compressed(data, codec, etag if kept else None))
        response.headers["Content-Encoding"] = codec.name
        response.headers.pop("Accept-Ranges", None)  # no ranges of compressed answers
    if etag:  # it names the content, in any encoding (RFC 9110, 8.8.1)
        response.set_etag(etag, weak=True)
    return response


def _is_safe(response: Response) -> bool:
    """Whether no attacker can choose a part of the request, or there is nothing to guess. Browsers
    add no access token by themselves."""
    if g.get("bearer") or request.headers.get("Sec-Fetch-Site") in NOT_CAUSED_BY_OTHERS:
        return True
    return not (has_secrets() or "no-store" in response.headers.get("Cache-Control", ""))


def add_vary(response: Response, names: str) -> None:
    """Caches must tell requests apart by these headers too: names that are not there yet, with
    commas between them."""
    before = response.headers.get("Vary")
    if before is None:
        response.headers["Vary"] = names
    elif names not in before:
        response.headers["Vary"] = f"{before}, {names}"


def _is_of_a_type(response: Response) -> bool:
    kind = response.mimetype or ""
    return kind.startswith("text/") or kind in TYPES


def _data(response: Response) -> bytes | None:
    """The bytes to compress. None for a part, a stream, and for what is not worth it."""
    body, status = response.response, response.status_code
    if status in (204, 206) or not isinstance(body, DataBody):
        return None
    if "Content-Encoding" in response.headers or response.cache_control.no_transform:
        return None
    return body.data if SMALLEST <= len(body.data) <= LARGEST else None


async def _compressed(data: bytes, codec: Codec, etag: str | None) -> bytes:
    if etag is None:
        return await _fast(data, codec)
    with _keeping:
        found = KEPT.get((etag, codec.name))
    if found is None:
        found = await asyncio.to_thread(codec.best, data)
        if len(found) <= MOST_KEPT:
            with _keeping:
                KEPT[etag, codec.name] = found
    return found


async def _shared(data: bytes, codec: Codec, etag: str) -> bytes:
    with _keeping:
        found = SHARED.get((etag, codec.name))
    if found is None:
        found = await _fast(data, codec)
        if len(found) <= MOST_SHARED:
            with _keeping:
                SHARED[etag, codec.name] = found
    return found


async def _fast(data: bytes, codec: Codec) -> bytes:
    if len(data) <= LARGEST_IN_THE_EVENT_LOOP:
        return codec.fast(data)
    return await asyncio.to_thread(codec.fast, data)
