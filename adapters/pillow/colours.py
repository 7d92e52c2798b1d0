"""Converts pictures to sRGB by their ICC profile.

The avatar has no profile, so browsers show it as sRGB. Without a conversion the colours of other
spaces change: cameras and phones use Display P3, whose red is stronger.
"""

from __future__ import annotations

from io import BytesIO

from PIL import Image, ImageCms

PROFILE_BYTES_MAXIMUM = 4_000_000
"""Profiles of printers have about half a megabyte."""
SPACES = {"RGB": "RGB ", "L": "GRAY", "CMYK": "CMYK"}
"""The colour space that a profile for pictures of a mode names."""
INTENT = ImageCms.Intent.RELATIVE_COLORIMETRIC
FLAGS = ImageCms.Flags.BLACKPOINTCOMPENSATION


def in_srgb(image: Image.Image, profile: object) -> Image.Image:
    """The picture in sRGB. A missing, damaged or unfit profile is ignored, as browsers do."""
    if not isinstance(profile, bytes) or not 128 < len(profile) <= PROFILE_BYTES_MAXIMUM:
        return image
    alpha = image.getchannel("A") if image.mode in ("RGBA", "LA") else None
    opaque = image.convert({"RGBA": "RGB", "LA": "L"}[image.mode]) if alpha else image
    try:
        converted = _converted(opaque, profile)
    except (ImageCms.PyCMSError, OSError, ValueError, TypeError):
        return image
    if alpha:
        converted.putalpha(alpha)
    return converted


def _converted(image: Image.Image, profile: bytes) -> Image.Image:
    """Raises one of several errors for a profile that does not fit."""
    source = ImageCms.ImageCmsProfile(BytesIO(profile))
    if source.profile.xcolor_space != SPACES[image.mode]:
        raise ValueError(source.profile.xcolor_space)
    converted = ImageCms.profileToProfile(
        image, source, ImageCms.createProfile("sRGB"), INTENT, "RGB", flags=FLAGS
    )
    assert converted is not None, "made anew, because it is not done in place"
    return converted
