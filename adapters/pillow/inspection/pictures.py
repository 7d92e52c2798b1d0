"""Previews of pictures."""

from __future__ import annotations

import importlib
from collections.abc import Iterator
from contextlib import suppress
from io import BytesIO
from pathlib import Path
from typing import BinaryIO

from PIL import AvifImagePlugin, Image, ImageFile, ImageOps

from adapters.pillow.colours import in_srgb
from adapters.pillow.decoding import SCANS_MAXIMUM, START_OF_SCAN
from adapters.pillow.inspection import answers
from adapters.pillow.inspection.memory import SAMPLE, check_memory, is_sampled, needed_for
from core.files import PreviewName
from ports.inspection import PIXELS_MAXIMUM, SIDES, MadePreview

FORMATS = ["JPEG", "PNG", "WEBP", "GIF", "AVIF"]
"""Those that browsers show and people send. `load` adds HEIF where it is installed."""
LARGE, SMALL = SIDES[PreviewName.LARGE], SIDES[PreviewName.SMALL]
ORIENTATION, SIDEWAYS = 0x0112, (5, 6, 7, 8)
QUALITY, EFFORT = 80, 2
WHITE = (255, 255, 255, 255)


def load() -> None:
    """Register the formats. The limit of pixels is checked here, by the header."""
    Image.preinit()
    Image.init()
    Image.MAX_IMAGE_PIXELS = None
    ImageFile.LOAD_TRUNCATED_IMAGES = False
    AvifImagePlugin.DEFAULT_MAX_THREADS = 1
    try:
        heif = importlib.import_module("pillow_heif")
    except ImportError:
        return
    heif.register_heif_opener(thumbnails=False)
    heif.options.DECODE_THREADS = 1
    if "HEIF" not in FORMATS:
        FORMATS.append("HEIF")


def parts(path: Path, *, memory: int, last: bool) -> Iterator[bytes]:
    """The size of the picture and its previews. Raises `MoreMemoryNeeded`, and many kinds of errors
    for damaged files and for those that are no such picture."""
    with path.open("rb") as file:
        image = Image.open(file, formats=FORMATS)
        yield answers.facts(**_size(image))
        if image.width * image.height > PIXELS_MAXIMUM or _has_too_many_scans(image, file):
            return
        full = image.width * image.height
        image.draft(None, _fitting(image.size, LARGE))
        check_memory(needed_for(image, full, LARGE), memory=memory, last=last)
        large = _reduced(image)
    yield from previews(large)


def previews(large: Image.Image) -> Iterator[bytes]:
    """In both sizes, of a picture in RGB that fits in the large one."""
    yield _preview(PreviewName.LARGE, large)
    small = large.resize(_fitting(large.size, SMALL), Image.Resampling.LANCZOS, reducing_gap=2.0)
    yield _preview(PreviewName.SMALL, small)


def _preview(name: PreviewName, image: Image.Image) -> bytes:
    out = BytesIO()
    plain = Image.new("RGB", image.size)  # without the information that belongs to the file
    plain.paste(image)
    plain.save(out, "WEBP", quality=QUALITY, method=EFFORT)
    return answers.preview(MadePreview(name, "image/webp", *image.size, out.getvalue()))


def _size(image: Image.Image) -> dict[str, int]:
    """Upright. A PNG whose Exif block does not come first would be decoded to find it."""
    width, height = image.size
    sideways = False
    if "exif" in image.info:
        with suppress(Exception):  # of a damaged block
            sideways = image.getexif().get(ORIENTATION) in SIDEWAYS
    return {"width": height, "height": width} if sideways else {"width": width, "height": height}


def _has_too_many_scans(image: Image.Image, file: BinaryIO) -> bool:
    if image.format not in ("JPEG", "MPO"):
        return False
    at, found, before = file.tell(), 0, b""
    file.seek(0)
    while found <= SCANS_MAXIMUM and (read := file.read(1_000_000)):
        found += (before + read).count(START_OF_SCAN)
        before = read[-1:]
    file.seek(at)
    return found > SCANS_MAXIMUM


def _reduced(image: Image.Image) -> Image.Image:
    """The first frame in RGB at its final size, upright, in sRGB, on white."""
    image.load()
    profile = image.info.get("icc_profile")
    plain = _averageable(image)
    size = _fitting(plain.size, LARGE)
    small = plain.resize(size, Image.Resampling.LANCZOS, reducing_gap=1.0)
    for large in (plain, image):
        large.close()  # gives back their memory
    upright = in_srgb(ImageOps.exif_transpose(small), profile)
    if not upright.has_transparency_data:
        return upright.convert("RGB")
    background = Image.new("RGBA", upright.size, WHITE)
    background.alpha_composite(upright.convert("RGBA"))
    return background.convert("RGB")


def _averageable(image: Image.Image) -> Image.Image:
    """Palette and 16-bit pictures cannot be averaged: they are converted, large ones of single
    pixels."""
    if not is_sampled(image):
        return image
    sampled = image.resize(_fitting(image.size, SAMPLE * LARGE), Image.Resampling.NEAREST)
    if not sampled.mode.startswith("I"):
        return sampled.convert("RGBA")
    plain = sampled.convert("I").point(lambda level: level / 256).convert("L")
    plain.info = sampled.info
    return plain


def _fitting(size: tuple[int, int], side: int) -> tuple[int, int]:
    """The size in a square of this side, never enlarged."""
    scale = min(1.0, side / max(size))
    return max(1, round(size[0] * scale)), max(1, round(size[1] * scale))
