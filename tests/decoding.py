"""Bodies of answers as they were before their compression, decoded by the libraries."""

from __future__ import annotations

import gzip
from collections.abc import Callable, Mapping

import brotli
import zstandard

DECODERS: Mapping[str, Callable[[bytes], bytes]] = {
    "br": brotli.decompress,
    "gzip": gzip.decompress,
    "zstd": lambda data: zstandard.ZstdDecompressor().decompress(data),
}


def decoded(encoding: str | None, body: bytes) -> bytes:
    """`encoding` is the header Content-Encoding. Raises `KeyError` for another than ours."""
    return DECODERS[encoding](body) if encoding else body
