"""Processing of uploaded pictures."""

from __future__ import annotations

from typing import Protocol

from core.errors import Invalid, Unavailable

AVATAR_PIXELS = 256
"""Width and height of an avatar: the largest on a page is 72 pixels, at up to three device pixels
each."""
PIXELS_MAXIMUM = 50_000_000
"""Phones make pictures of up to 50 megapixels. Larger ones are refused as a possible attack."""


class PictureRefused(Invalid):
    """This picture cannot be used."""

    code = "picture_refused"

    def __init__(self, sentence: str) -> None:
        super().__init__(picture=sentence)


class PicturesBusy(Unavailable):
    """Many people are sending pictures at the moment. Try again in a minute."""

    code = "pictures_busy"


class Pictures(Protocol):
    """Makes safe pictures from untrusted uploads. Rules for every adapter
    (onehour/testing/pictures.py):

    - the result is re-encoded: without EXIF, location, comments or any bytes of the upload;
    - the format is detected from the content, and only JPEG, PNG, WebP and GIF are decoded;
    - a picture is decoded only if it has at most `PIXELS_MAXIMUM` pixels;
    - colours are converted to sRGB by the picture's ICC profile; an unusable profile is ignored;
    - memory is bounded: few pictures are decoded at once, and few wait;
    - the event loop is not blocked.
    """

    async def avatar(self, upload: bytes) -> bytes:
        """The centre square as a WebP of `AVATAR_PIXELS` x `AVATAR_PIXELS`: upright, the first
        frame of an animation, transparent parts in white.

        Raises `PictureRefused` for another file format, too many pixels, and a truncated or
        damaged picture, and `PicturesBusy` at once when too many are waiting. The caller limits
        the size of the upload in bytes.
        """
        ...
