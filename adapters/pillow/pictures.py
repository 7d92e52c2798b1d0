"""Pictures with Pillow, in a separate thread."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from io import BytesIO

from PIL import Image, ImageOps, UnidentifiedImageError

from ports.pictures import AVATAR_PIXELS, PIXELS_MAXIMUM, PictureRefused, Pictures

FORMATS = ("JPEG", "PNG", "WEBP", "GIF")
"""Without this list Pillow opens dozens of formats, some with external programs."""
SCANS_MAXIMUM = 100
"""A progressive JPEG has about ten scans. Each is decoded over the whole picture, so a small file
with thousands of scans would take minutes."""
START_OF_SCAN = b"\xff\xda"
SAMPLED_PIXELS = 4 * AVATAR_PIXELS
QUALITY = 82
WHITE = (255, 255, 255, 255)
AVATAR_SIZE = (AVATAR_PIXELS, AVATAR_PIXELS)


class PillowPictures(Pictures):
    """One picture at a time, because decoding the largest takes 150 MB of memory for a JPEG, 400 MB
    for a PNG and 800 MB for a WebP, whose decoder makes several copies."""

    def __init__(self) -> None:
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="pictures")

    async def avatar(self, upload: bytes) -> bytes:
        return await asyncio.get_running_loop().run_in_executor(self._thread, _avatar, upload)


def _avatar(upload: bytes) -> bytes:
    if not upload:
        raise PictureRefused("Choose a picture first.")
    try:
        square = _centre_square(_open(upload))
    except PictureRefused:
        raise
    except Exception as error:  # decoders raise many kinds of errors for damaged files
        raise PictureRefused(
            "This picture is incomplete or damaged. Save it again, or choose another."
        ) from error
    return _encode(square)


def _open(upload: bytes) -> Image.Image:
    """Read the header only; nothing is decoded yet. Raises `PictureRefused`."""
    try:
        image = Image.open(BytesIO(upload), formats=FORMATS)
    except UnidentifiedImageError as error:
        raise PictureRefused("Choose a JPEG, PNG, WebP or GIF picture.") from error
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise _too_many_pixels() from error
    if image.width * image.height > PIXELS_MAXIMUM:
        raise _too_many_pixels()
    if image.format in ("JPEG", "MPO") and upload.count(START_OF_SCAN) > SCANS_MAXIMUM:
        raise PictureRefused(
            "This JPEG has an unusual structure. Save it again as a standard JPEG."
        )
    return image


def _too_many_pixels() -> PictureRefused:
    return PictureRefused(
        f"This picture has more than {PIXELS_MAXIMUM // 1_000_000} megapixels. "
        "Choose a smaller one."
    )


def _centre_square(image: Image.Image) -> Image.Image:
    """The centre square at its final size, upright, drawn on a new white picture, so that no
    metadata is copied. The picture is reduced first, so that the other steps are fast; a JPEG is
    reduced while it is decoded."""
    image.draft(None, (2 * AVATAR_PIXELS, 2 * AVATAR_PIXELS))
    image.load()
    side = min(image.size)
    left, top = (image.width - side) // 2, (image.height - side) // 2
    box = (left, top, left + side, top + side)
    if image.mode in ("P", "1") or image.mode.startswith("I"):
        image, box = _without_palette(image, box)
    small = image.resize(AVATAR_SIZE, Image.Resampling.LANCZOS, box=box, reducing_gap=2.0)
    upright = ImageOps.exif_transpose(small)
    if upright.mode in ("CMYK", "YCbCr", "LAB"):
        upright = upright.convert("RGB")
    background = Image.new("RGBA", AVATAR_SIZE, WHITE)
    background.alpha_composite(upright.convert("RGBA"))
    return background.convert("RGB")


def _without_palette(
    image: Image.Image, box: tuple[int, int, int, int]
) -> tuple[Image.Image, tuple[int, int, int, int]]:
    """Palette and 16-bit pictures cannot be averaged: pick single pixels, then convert them."""
    side = min(box[2] - box[0], SAMPLED_PIXELS)
    sampled = image.resize((side, side), Image.Resampling.NEAREST, box=box)
    if sampled.mode.startswith("I"):
        plain = sampled.convert("I").point(lambda level: level / 256).convert("L")
        plain.info = sampled.info
    else:
        plain = sampled.convert("RGBA")
    return plain, (0, 0, side, side)


def _encode(square: Image.Image) -> bytes:
    out = BytesIO()
    square.save(out, "WEBP", quality=QUALITY, method=4)
    return out.getvalue()
