"""What becomes of a picture somebody hands in."""

from __future__ import annotations

from typing import Protocol

from core.errors import Invalid

AVATAR_PIXELS = 256
"""The width and the height of a face: the largest on a page is 72, shown at three times that."""
PIXELS_MAXIMUM = 50_000_000
"""Phones make pictures of up to 50 megapixels; more is a mistake or an attack."""


class PictureRefused(Invalid):
    """This picture cannot be used."""

    code = "picture_refused"

    def __init__(self, sentence: str) -> None:
        super().__init__(picture=sentence)


class Pictures(Protocol):
    """Makes safe pictures of what strangers send. Every adapter keeps (onehour/testing):

    - what comes out is encoded anew: no EXIF, no place, no comment, no byte of the upload;
    - the kind is told by the content alone, and only JPEG, PNG, WebP and GIF are looked into;
    - nothing is unpacked before its size is known to be at most `PIXELS_MAXIMUM`;
    - the event loop runs on meanwhile.
    """

    async def avatar(self, upload: bytes) -> bytes:
        """The middle square as a WebP of `AVATAR_PIXELS` both ways: upright, the first frame of an
        animation, on white where it was see-through.

        Raises `PictureRefused` for another kind of file, too many pixels, and a picture that
        is cut off or damaged. How many bytes an upload may have is the caller's to say.
        """
        ...
