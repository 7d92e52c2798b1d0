"""Hostile pictures."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Callable
from functools import cache
from io import BytesIO
from typing import Any

from PIL import Image, PngImagePlugin

from core.files import Kind
from onehour.testing import pictures_samples as samples
from onehour.testing.pictures_samples import GREEN, RED, plain
from tests.hostile_files.archives import zipped
from tests.hostile_files.sample import HostileFile

PLACE = b"12.9716N77.5946E"
"""Where a picture was taken, as metadata say it: no preview may contain it."""
HTML = b"<html><script>alert(document.domain)</script></html>"
FRAMES = 10_000
XMP = (
    b'<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syn'
    b'tax-ns#"><rdf:Description exif:GPSLatitude="' + PLACE + b'"/></rdf:RDF></x:xmpmeta>'
)
CUTS = ("JPEG", "PNG", "WEBP", "GIF", "AVIF")


def _chunk(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


def _png(*chunks: tuple[bytes, bytes]) -> bytes:
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(name, data) for name, data in chunks)


def _header(width: int, height: int, depth: int = 8, colour: int = 2) -> tuple[bytes, bytes]:
    return b"IHDR", struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, 0)


@cache
def flood(side: int = 20_000) -> bytes:
    """A whole black picture of 400 megapixels in 50 kB."""
    packing, row = zlib.compressobj(9), bytes(1 + (side + 7) // 8)
    data = b"".join(packing.compress(row) for _ in range(side)) + packing.flush()
    return _png(_header(side, side, 1, 0), (b"IDAT", data), (b"IEND", b""))


def png_with(*chunks: tuple[bytes, bytes]) -> bytes:
    """A small red picture with further chunks before its content."""
    rows = zlib.compress((b"\0" + bytes(RED) * 40) * 40)
    return _png(_header(40, 40), *chunks, (b"IDAT", rows), (b"IEND", b""))


def animated_png() -> bytes:
    size = struct.pack(">II", 1, 1)
    pixel = zlib.compress(b"\0" + bytes(RED))
    frames: list[tuple[bytes, bytes]] = []
    for number in range(FRAMES):
        control = struct.pack(">I", max(0, 2 * number - 1)) + size + bytes(8) + b"\0\1\0\1\0\0"
        data = (b"fdAT", struct.pack(">I", 2 * number) + pixel) if number else (b"IDAT", pixel)
        frames += [(b"fcTL", control), data]
    count = struct.pack(">II", FRAMES, 0)
    return _png(_header(1, 1), (b"acTL", count), *frames, (b"IEND", b""))


def animated_gif() -> bytes:
    screen = struct.pack("<HHBBB", 1, 1, 0x80, 0, 0) + bytes(RED) + bytes(GREEN)
    frame = b"\x2c" + struct.pack("<HHHHB", 0, 0, 1, 1, 0) + b"\x02\x02\x44\x01\x00"
    return b"GIF89a" + screen + frame * FRAMES + b"\x3b"


def animated_webp() -> bytes:
    first = samples.webp_header(1, 1)
    start = first.index(b"ANMF")
    body = first[12:start] + first[start:] * FRAMES
    return b"RIFF" + struct.pack("<I", 4 + len(body)) + b"WEBP" + body


def with_exif(kind: str) -> bytes:
    exif = Image.Exif()
    exif[0x010E] = PLACE.decode()
    exif[0x8825] = {1: "N", 2: (12.0, 58.0, 18.0), 3: "E", 4: (77.0, 35.0, 40.0), 27: PLACE}
    return plain(kind, (300, 300), GREEN, exif=exif)


def with_text() -> bytes:
    info = PngImagePlugin.PngInfo()
    info.add_text("Location", PLACE.decode())
    info.add_itxt("XML:com.adobe.xmp", XMP.decode(), zip=True)
    return plain("PNG", (300, 300), GREEN, pnginfo=info)


def with_segment(marker: int, content: bytes) -> bytes:
    """A JPEG with one more segment."""
    whole = plain("JPEG", (300, 300), GREEN)
    return whole[:2] + struct.pack(">BBH", 0xFF, marker, len(content) + 2) + content + whole[2:]


def interlaced() -> bytes:
    """16 bits and interlaced, with rows for each of the seven passes."""
    rows = b"".join(
        (b"\0" + b"\x7f\xff" * -(-(16 - x) // dx)) * -(-(16 - y) // dy)
        for x, y, dx, dy in (
            (0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2),
            (0, 1, 1, 2),
        )
    )  # fmt: skip
    head = struct.pack(">IIBBBBB", 16, 16, 16, 0, 0, 0, 1)
    return _png((b"IHDR", head), (b"IDAT", zlib.compress(rows)), (b"IEND", b""))


def cut(kind: str) -> bytes:
    """The first half of a picture with details."""
    out = BytesIO()
    Image.effect_noise((300, 300), 90).convert("RGB").save(out, kind)
    return out.getvalue()[: len(out.getvalue()) // 2]


def heif(**how: Any) -> bytes:
    """Header and boxes of a picture that is not there."""
    return struct.pack(">I", 24) + b"ftypheic" + bytes(4) + b"mif1heic" + bytes(4000)


def _image(
    make: Callable[[], bytes], name: str, *, pictures: bool, declared: str = ""
) -> HostileFile:
    suffix = name.rpartition(".")[2]
    return HostileFile(make, Kind.IMAGE, name, declared or f"image/{suffix}", pictures)


FILES = {
    "GIF and script": _image(samples.gif_and_script, "a.gif", pictures=True),
    "GIF with a long comment before its size": _image(
        lambda: plain("GIF", (40, 40), RED, comment=HTML), "a.gif", pictures=True
    ),
    "PNG and ZIP": _image(
        lambda: plain("PNG", (40, 40), RED) + zipped({"a": b"a"}), "a.png", pictures=True
    ),
    "PNG and HTML": _image(lambda: plain("PNG", (40, 40), RED) + HTML, "a.png", pictures=True),
    "JPEG and HTML": _image(lambda: plain("JPEG", (40, 40), RED) + HTML, "a.jpg", pictures=True),
    "JPEG with HTML in a comment": _image(
        lambda: with_segment(0xFE, HTML), "a.html", pictures=True, declared="text/html"
    ),
    "PNG as HTML": _image(
        lambda: plain("PNG", (40, 40), RED), "a.html", pictures=True, declared="text/html"
    ),
    "PNG of 50,000 x 50,000 by its header": _image(
        lambda: samples.png_header(50_000, 50_000), "a.png", pictures=False
    ),
    "PNG of 20,000 x 20,000": _image(flood, "a.png", pictures=False),
    "PNG of 2,000,000,000 x 2,000,000,000": _image(
        lambda: samples.png_header(2_000_000_000, 2_000_000_000), "a.png", pictures=False
    ),
    "PNG without width": _image(lambda: samples.png_header(0, 50), "a.png", pictures=False),
    "GIF of 65,535 x 65,535": _image(
        lambda: samples.gif_header(65_535, 65_535), "a.gif", pictures=False
    ),
    "WebP of 16,383 x 16,383": _image(
        lambda: samples.webp_header(16_383, 16_383), "a.webp", pictures=False
    ),
    "WebP of 7,000 x 7,000": _image(
        lambda: samples.webp_header(7_000, 7_000), "a.webp", pictures=False
    ),
    "JPEG of 65,500 x 65,500": _image(
        lambda: samples.jpeg_header(65_500, 65_500), "a.jpg", pictures=False
    ),
    "JPEG of 7,000 x 7,000 without content": _image(
        lambda: samples.jpeg_header(7_000, 7_000), "a.jpg", pictures=True
    ),
    "JPEG with 1,000 scans": _image(samples.jpeg_with_many_scans, "a.jpg", pictures=False),
    "PNG whose text unpacks to 100 MB": _image(
        lambda: png_with((b"zTXt", b"a\0\0" + zlib.compress(bytes(100_000_000), 9))),
        "a.png",
        pictures=False,
    ),
    "PNG with 8 MB of text": _image(
        lambda: png_with(*[(b"tEXt", b"a\0" + b"x" * 400_000)] * 20), "a.png", pictures=True
    ),
    "PNG whose profile unpacks to 100 MB": _image(
        lambda: png_with((b"iCCP", b"a\0\0" + zlib.compress(bytes(100_000_000), 9))),
        "a.png",
        pictures=False,
    ),
    "PNG with a chunk longer than the file": _image(
        lambda: png_with()[:33] + b"\x7f\xff\xff\xff" + b"IDAT" + bytes(50), "a.png", pictures=False
    ),
    "PNG with a wrong checksum": _image(
        lambda: png_with().replace(b"IHDR", b"IHDS"), "a.png", pictures=False
    ),
    "PNG interlaced, with 16 bits": _image(interlaced, "a.png", pictures=True),
    "GIF with 10,000 frames": _image(animated_gif, "a.gif", pictures=True),
    "PNG with 10,000 frames": _image(animated_png, "a.png", pictures=True),
    "WebP with 10,000 frames": _image(animated_webp, "a.webp", pictures=True),
    "JPEG with a place": _image(lambda: with_exif("JPEG"), "a.jpg", pictures=True),
    "PNG with a place": _image(lambda: with_exif("PNG"), "a.png", pictures=True),
    "WebP with a place": _image(lambda: with_exif("WEBP"), "a.webp", pictures=True),
    "AVIF with a place": _image(lambda: with_exif("AVIF"), "a.avif", pictures=True),
    "PNG with a place in a text": _image(with_text, "a.png", pictures=True),
    "JPEG with a place in XMP": _image(
        lambda: with_segment(0xE1, b"http://ns.adobe.com/xap/1.0/\0" + XMP), "a.jpg", pictures=True
    ),
    "JPEG with a damaged Exif block": _image(
        lambda: with_segment(0xE1, b"Exif\0\0MM\0*\xff\xff\xff\xff" + b"\xff" * 400),
        "a.jpg",
        pictures=True,
    ),
    "JPEG whose Exif block refers to itself": _image(
        lambda: with_segment(
            0xE1, b"Exif\0\0MM\0*\0\0\0\x08\0\x01\x87\x69\0\x04\0\0\0\x01\0\0\0\x08\0\0\0\x08"
        ),
        "a.jpg",
        pictures=True,
    ),
    "JPEG with a wrong profile": _image(
        lambda: plain("JPEG", (40, 40), RED, icc_profile=b"\xff" * 3000), "a.jpg", pictures=True
    ),
    "BMP of 60,000 x 60,000": _image(
        lambda: b"BM" + struct.pack("<IHHIIiiHHIIiiII", 54, 0, 0, 54, 40, 60_000, 60_000, 1, 24, 0,
        0, 0, 0, 0, 0), "a.bmp", pictures=False,
    ),
    "TIFF that refers to itself": _image(
        lambda: b"II*\0\x08\0\0\0\0\0\x08\0\0\0" + bytes(40), "a.tiff", pictures=False
    ),
    "icon": _image(
        lambda: b"\0\0\1\0\1\0\0\0\0\0\1\0 \0\xff\xff\xff\x7f\x16\0\0\0" + bytes(60),
        "a.ico",
        pictures=False,
    ),
    "HEIC without content": _image(heif, "a.heic", pictures=False),
    **{
        f"{kind} cut in half": _image(
            lambda kind=kind: cut(kind), f"a.{kind.lower()}", pictures=False  # type: ignore[misc]
        )
        for kind in CUTS
    },
}  # fmt: skip
