"""How much memory a picture takes, by its header, and which work a child begins with what it has.

Measured with pictures of 2 to 50 megapixels: these figures are 0 to 15 MB more than what is used.
"""

from __future__ import annotations

from PIL import Image

BYTES_PER_PIXEL = {"1": 1, "L": 1, "P": 1, "I;16": 2, "I;16B": 2}
"""Of decoded pictures by their mode; all others have four."""
DECODING = {"WEBP": 4, "AVIF": 4, "HEIF": 4, "GIF": 2}
"""Copies of the whole picture that a decoder has at once, with the result; others have one."""
DECODED = {"WEBP": 3, "AVIF": 2, "HEIF": 2, "GIF": 2}
"""The same afterwards."""
COEFFICIENT = 2
"""Bytes of a progressive JPEG for each sample, until its last scan has been read."""
SAMPLE = 2
"""A large picture whose pixels cannot be averaged is reduced to this many sides first."""
RESERVE = 6_000_000
"""For all else that the child does."""


class MoreMemoryNeeded(Exception):
    """The file is large: it needs a child with all the memory there is."""


class TooLarge(Exception):
    """The file cannot be decoded within the memory there is."""


def check_memory(needed: int, *, memory: int, last: bool) -> None:
    """Raises `MoreMemoryNeeded`, or `TooLarge` where `memory` is all there is. In bytes."""
    if needed > memory - RESERVE:
        raise TooLarge if last else MoreMemoryNeeded


def needed_for(image: Image.Image, full: int, side: int) -> int:
    """Bytes to decode a picture and to make one of it that fits in `side`. A JPEG of `full` pixels
    is decoded at a half, a quarter or an eighth of them."""
    kind = image.format or ""
    content = image.width * image.height * BYTES_PER_PIXEL.get(image.mode, 4)
    decoding = content * DECODING.get(kind, 1) + _coefficients(image, full)
    size = image.size
    reducing = content * DECODED.get(kind, 1)
    if is_sampled(image):
        share = min(1.0, SAMPLE * side / max(size))
        size = round(size[0] * share) + 1, round(size[1] * share) + 1
        reducing += 5 * size[0] * size[1]  # before and after the conversion
    return max(decoding, reducing + _reducing(size, side))


def is_sampled(image: Image.Image) -> bool:
    """Whether its pixels cannot be averaged, because they have a palette or 16 bits."""
    return image.mode in ("P", "1") or image.mode.startswith("I")


def _coefficients(image: Image.Image, full: int) -> int:
    layers: list[tuple[int, int, int, int]] = getattr(image, "layer", [])
    if not layers or not image.info.get("progressive"):
        return 0
    across, down = max(layer[1] for layer in layers), max(layer[2] for layer in layers)
    samples = sum(layer[1] * layer[2] for layer in layers)
    return COEFFICIENT * full * samples // (across * down)


def _reducing(size: tuple[int, int], side: int) -> int:
    """Averaging by a whole factor, then resizing the rows, then the columns, and two copies."""
    factor = max(1, max(size) // side)
    width, height = (-(-length // factor) for length in size)
    averaged = width * height if factor > 1 else 0
    return 4 * (averaged + min(width, side) * height + 3 * min(width, side) * min(height, side))
