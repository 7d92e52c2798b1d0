"""Decodes an untrusted picture and makes an avatar of it: in a thread, or in a child process."""

from __future__ import annotations

from io import BytesIO

from PIL import Image, ImageOps, UnidentifiedImageError

from adapters.pillow.colours import in_srgb
from ports.pictures import AVATAR_PIXELS, PIXELS_MAXIMUM, PictureRefused

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


def avatar_of(upload: bytes) -> bytes:
    """The avatar as a WebP. Raises `PictureRefused`."""
    try:
        square = _centre_square(opened(upload))
    except PictureRefused:
        raise
    except Exception as error:  # decoders raise many kinds of errors for damaged files
        raise _damaged() from error
    return _encode(square)


def pixels_of(upload: bytes) -> int:
    """Width times height by the header; nothing is decoded. Raises `PictureRefused`."""
    try:
        width, height = opened(upload).size
    except PictureRefused:
        raise
    except Exception as error:
        raise _damaged() from error
    return width * height


def opened(upload: bytes) -> Image.Image:
    """Read the header only; nothing is decoded yet. Raises `PictureRefused`."""
    if not upload:
        raise PictureRefused("Choose a picture first.")
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


def _damaged() -> PictureRefused:
    return PictureRefused(
        "This picture is incomplete or damaged. Save it again, or choose another."
    )


def _too_many_pixels() -> PictureRefused:
    return PictureRefused(
        f"This picture has more than {PIXELS_MAXIMUM // 1_000_000} megapixels. "
        "Choose a smaller one."
    )


def _centre_square(image: Image.Image) -> Image.Image:
    """The centre square at its final size, upright, in sRGB, drawn on a new white picture, so that
    no metadata is copied. The picture is reduced first, so that the other steps are fast; a JPEG
    is reduced while it is decoded."""
    image.draft(None, (2 * AVATAR_PIXELS, 2 * AVATAR_PIXELS))
    image.load()
    profile = image.info.get("icc_profile")
    side = min(image.size)
    left, top = (image.width - side) // 2, (image.height - side) // 2
    box = (left, top, left + side, top + side)
    if image.mode in ("P", "1") or image.mode.startswith("I"):
        image, box = _without_palette(image, box)
    small = image.resize(AVATAR_SIZE, Image.Resampling.LANCZOS, box=box, reducing_gap=2.0)
    upright = in_srgb(ImageOps.exif_transpose(small), profile)
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
