"""Pictures with Pillow, in a thread of their own."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from io import BytesIO

from PIL import Image, ImageOps, UnidentifiedImageError

from ports.pictures import AVATAR_PIXELS, PIXELS_MAXIMUM, PictureRefused, Pictures

FORMATS = ("JPEG", "PNG", "WEBP", "GIF")
"""Without this list Pillow opens dozens, some by starting other programs."""
SCANS_MAXIMUM = 100
"""A progressive JPEG has about ten scans. Each costs a walk over the whole picture, so that a
small file of thousands keeps a processor busy for minutes."""
START_OF_SCAN = b"\xff\xda"
ROUGH_PIXELS = 4 * AVATAR_PIXELS
QUALITY = 82
WHITE = (255, 255, 255, 255)
FACE = (AVATAR_PIXELS, AVATAR_PIXELS)


class PillowPictures(Pictures):
    """One picture at a time. Unpacking the largest takes 150 MB as a JPEG, 400 MB as a PNG and
    800 MB as a WebP, whose decoder keeps several copies."""

    def __init__(self) -> None:
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="pictures")

    async def avatar(self, upload: bytes) -> bytes:
        return await asyncio.get_running_loop().run_in_executor(self._thread, _face, upload)


def _face(upload: bytes) -> bytes:
    if not upload:
        raise PictureRefused("Choose a picture first.")
    try:
        square = _middle_square(_opened(upload))
    except PictureRefused:
        raise
    except Exception as error:  # damaged files make decoders raise nearly anything
        raise PictureRefused(
            "This picture is cut off or damaged. Save it again, or choose another."
        ) from error
    return _encoded(square)


def _opened(upload: bytes) -> Image.Image:
    """The header is read, nothing is unpacked yet."""
    try:
        image = Image.open(BytesIO(upload), formats=FORMATS)
    except UnidentifiedImageError as error:
        raise PictureRefused("Choose a JPEG, PNG, WebP or GIF picture.") from error
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise _too_many_pixels() from error
    if image.width * image.height > PIXELS_MAXIMUM:
        raise _too_many_pixels()
    if image.format in ("JPEG", "MPO") and upload.count(START_OF_SCAN) > SCANS_MAXIMUM:
        raise PictureRefused("This JPEG is built in an unusual way. Save it again as a plain one.")
    return image


def _too_many_pixels() -> PictureRefused:
    return PictureRefused(
        f"This picture has more than {PIXELS_MAXIMUM // 1_000_000} megapixels. "
        "Choose a smaller one."
    )


def _middle_square(image: Image.Image) -> Image.Image:
    """The middle square at its final size, upright, drawn onto a new white picture, so that
    nothing the upload carried comes along. Shrinking comes first, so that every other step has
    little to do; a JPEG is shrunk while it is unpacked already."""
    image.draft(None, (2 * AVATAR_PIXELS, 2 * AVATAR_PIXELS))
    image.load()
    side = min(image.size)
    left, top = (image.width - side) // 2, (image.height - side) // 2
    box = (left, top, left + side, top + side)
    if image.mode in ("P", "1") or image.mode.startswith("I"):
        image, box = _in_plain_colours(image, box)
    small = image.resize(FACE, Image.Resampling.LANCZOS, box=box, reducing_gap=2.0)
    upright = ImageOps.exif_transpose(small)
    if upright.mode in ("CMYK", "YCbCr", "LAB"):
        upright = upright.convert("RGB")
    ground = Image.new("RGBA", FACE, WHITE)
    ground.alpha_composite(upright.convert("RGBA"))
    return ground.convert("RGB")


def _in_plain_colours(
    image: Image.Image, box: tuple[int, int, int, int]
) -> tuple[Image.Image, tuple[int, int, int, int]]:
    """Palettes and 16 bits cannot be averaged: take single pixels first, then translate them."""
    side = min(box[2] - box[0], ROUGH_PIXELS)
    rough = image.resize((side, side), Image.Resampling.NEAREST, box=box)
    if rough.mode.startswith("I"):
        plain = rough.convert("I").point(lambda level: level / 256).convert("L")
        plain.info = rough.info
    else:
        plain = rough.convert("RGBA")
    return plain, (0, 0, side, side)


def _encoded(square: Image.Image) -> bytes:
    out = BytesIO()
    square.save(out, "WEBP", quality=QUALITY, method=4)
    return out.getvalue()
