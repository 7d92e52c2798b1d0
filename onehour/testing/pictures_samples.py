"""Uploads for the contract of pictures: usual ones, and those of attackers."""

from __future__ import annotations

import random
import struct
import zlib
from collections.abc import Iterator, Sequence
from io import BytesIO
from typing import Any

from PIL import Image, ImageDraw, ImageOps

RED, GREEN, BLUE, YELLOW = (220, 30, 30), (30, 180, 60), (40, 60, 220), (230, 210, 40)
CORNERS = (RED, GREEN, BLUE, YELLOW)
CAMERA = b"Secret Camera 3000"
SCRIPT = b"*/alert(document.cookie)/*"
ORIENTATION, GPS, MAKE = 0x0112, 0x8825, 0x010F
SEED = 20261123


def plain(kind: str, size: tuple[int, int], colour: tuple[int, ...], **how: Any) -> bytes:
    mode = "RGB" if len(colour) == 3 else "RGBA"
    return _saved(Image.new(mode, size, colour), kind, **how)


def encoded(kind: str, mode: str, **how: Any) -> bytes:
    """Black on the left, white on the right, in the given format and colour mode."""
    image = Image.new("L", (300, 300), 255)
    ImageDraw.Draw(image).rectangle((0, 0, 149, 299), fill=0)
    return _saved(image.convert("RGB").convert(mode), kind, **how)


def three_stripes(size: tuple[int, int]) -> bytes:
    """Red, green and blue along the longer side, each a square."""
    image, side = Image.new("RGB", size, RED), min(size)
    for number, colour in enumerate((RED, GREEN, BLUE)):
        start = (number * side, 0) if size[0] > size[1] else (0, number * side)
        image.paste(colour, (*start, start[0] + side, start[1] + side))
    return _saved(image, "PNG")


def with_orientation(kind: str, orientation: int) -> bytes:
    """Four corners in four colours, stored as a camera with this orientation stores them."""
    image = Image.new("RGB", (200, 200))
    for place, colour in zip(((0, 0), (100, 0), (0, 100), (100, 100)), CORNERS, strict=True):
        image.paste(colour, (*place, place[0] + 100, place[1] + 100))
    back = {6: 8, 8: 6}.get(orientation, orientation)  # the others undo themselves
    image.getexif()[ORIENTATION] = back
    stored = ImageOps.exif_transpose(image)
    exif = Image.Exif()
    exif[ORIENTATION] = orientation
    return _saved(stored, kind, exif=exif)


def with_location() -> bytes:
    exif = Image.Exif()
    exif[MAKE] = CAMERA.decode()
    exif[GPS] = {1: "N", 2: (12.0, 58.0, 18.0), 3: "E", 4: (77.0, 35.0, 40.0)}
    image = Image.new("RGB", (300, 300), GREEN)
    return _saved(image, "JPEG", exif=exif, comment=CAMERA, icc_profile=CAMERA * 10)


def animated(kind: str) -> bytes:
    frames = [Image.new("RGB", (120, 120), colour) for colour in (RED, GREEN, BLUE)]
    how: dict[str, Any] = {"lossless": True} if kind == "WEBP" else {}
    return _saved(
        frames[0], kind, save_all=True, append_images=frames[1:], duration=100, loop=0, **how
    )


def transparent_ring() -> bytes:
    """A red disc on a transparent black background."""
    image = Image.new("RGBA", (300, 300), (0, 0, 0, 0))
    ImageDraw.Draw(image).ellipse((60, 60, 240, 240), fill=(*RED, 255))
    return _saved(image, "PNG")


def of_profile(kind: str, mode: str, colour: int | tuple[int, ...], profile: bytes) -> bytes:
    """One colour, whose values have the meaning that the ICC profile gives them."""
    image = Image.new(mode, (300, 300), colour)
    best: dict[str, dict[str, Any]] = {"JPEG": {"quality": 98}, "WEBP": {"lossless": True}}
    return _saved(image, kind, icc_profile=profile, **best.get(kind, {}))


def sixteen_bits(brightness: float) -> bytes:
    return _saved(Image.new("I;16", (300, 300), int(brightness * 0xFFFF)), "PNG")


def gif_and_script() -> bytes:
    """A GIF that is also a valid script, by means of its comment."""
    return _saved(Image.new("P", (40, 40)), "GIF", comment=SCRIPT) + SCRIPT


def svg() -> bytes:
    return b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'


def html() -> bytes:
    """As `face.png`, with the right type in the form."""
    return b"<!doctype html><title>x</title><script>alert(1)</script>"


def postscript() -> bytes:
    return b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 10 10\n%%EndComments\nshowpage\n"


def png_header(width: int, height: int) -> bytes:
    """A picture of a hundred bytes whose header claims this size."""
    head = struct.pack(">IIBBBBB", width, height, 8, 6, 0, 0, 0)
    body = zlib.compress(bytes(1000))
    chunks = ((b"IHDR", head), (b"IDAT", body), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(name, data) for name, data in chunks)


def gif_header(width: int, height: int) -> bytes:
    screen = struct.pack("<HHBBB", width, height, 0x80, 0, 0) + bytes(6)
    frame = b"\x2c" + struct.pack("<HHHHB", 0, 0, width, height, 0)
    return b"GIF89a" + screen + frame + b"\x02\x02\x4c\x01\x00\x3b"


def webp_header(width: int, height: int) -> bytes:
    """An animation with one frame of a pixel on a canvas of this size."""
    frame = plain("WEBP", (1, 1), RED, lossless=True)[12:]
    canvas = _le24(width - 1) + _le24(height - 1)
    parts = (
        (b"VP8X", b"\x02\0\0\0" + canvas),
        (b"ANIM", bytes(6)),
        (b"ANMF", _le24(0) * 2 + _le24(0) * 2 + _le24(100) + b"\0" + frame),
    )
    body = b"WEBP" + b"".join(
        name + struct.pack("<I", len(data)) + data + b"\0" * (len(data) % 2) for name, data in parts
    )
    return b"RIFF" + struct.pack("<I", len(body)) + body


def jpeg_header(width: int, height: int) -> bytes:
    """A small JPEG whose frame header claims this size."""
    small = bytearray(plain("JPEG", (16, 16), RED))
    at = small.index(b"\xff\xc0") + 5
    small[at : at + 4] = struct.pack(">HH", height, width)
    return bytes(small)


def jpeg_with_many_scans() -> bytes:
    """The last scan of a progressive JPEG again and again: each is walked through."""
    whole = encoded("JPEG", "RGB", progressive=True)
    start, end = whole.rindex(b"\xff\xda"), whole.rindex(b"\xff\xd9")
    return whole[:end] + whole[start:end] * 1000 + whole[end:]


def damaged(uploads: Sequence[bytes], times: int = 12) -> Iterator[bytes]:
    """Variants with a few bytes changed at random, the same at each run."""
    chance = random.Random(SEED)
    for upload in uploads:
        for _ in range(times):
            copy = bytearray(upload)
            for _ in range(chance.choice((1, 3, 30))):
                copy[chance.randrange(len(copy))] = chance.randrange(256)
            yield bytes(copy)


def _saved(image: Image.Image, kind: str, **how: Any) -> bytes:
    out = BytesIO()
    image.save(out, kind, **how)
    return out.getvalue()


def _chunk(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


def _le24(number: int) -> bytes:
    return number.to_bytes(3, "little")
