"""The contract of adapters of `ports.pictures`: inherit `PicturesContract`, provide `pictures`.
The uploads, valid and malicious, are in `pictures_samples.py`."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from io import BytesIO

import pytest
from PIL import Image

from onehour.testing import picture_profiles
from onehour.testing import pictures_samples as samples
from onehour.testing.running_time import WorkTime
from onehour.testing.suite import Contract
from ports.pictures import AVATAR_PIXELS, PictureRefused, Pictures

Pixel = tuple[int, int, int]
ACCEPTED: dict[str, Callable[[], bytes]] = {
    "jpeg": lambda: samples.encoded("JPEG", "RGB"),
    "progressive jpeg": lambda: samples.encoded("JPEG", "RGB", progressive=True),
    "grey jpeg": lambda: samples.encoded("JPEG", "L"),
    "cmyk jpeg": lambda: samples.encoded("JPEG", "CMYK"),
    "png": lambda: samples.encoded("PNG", "RGB"),
    "png with alpha": lambda: samples.encoded("PNG", "RGBA"),
    "grey png with alpha": lambda: samples.encoded("PNG", "LA"),
    "png of two colours": lambda: samples.encoded("PNG", "1"),
    "png with a palette": lambda: samples.encoded("PNG", "P"),
    "webp": lambda: samples.encoded("WEBP", "RGB", lossless=True),
    "webp with alpha": lambda: samples.encoded("WEBP", "RGBA"),
    "gif": lambda: samples.encoded("GIF", "P"),
}
REFUSED: dict[str, tuple[Callable[[], bytes], str]] = {
    "nothing": (lambda: b"", "Choose a picture first."),
    "text": (lambda: b"just some words", "Choose a JPEG, PNG, WebP or GIF picture."),
    "svg": (samples.svg, "Choose a JPEG, PNG, WebP or GIF picture."),
    "html that says it is a png": (samples.html, "Choose a JPEG, PNG, WebP or GIF picture."),
    "bmp": (lambda: samples.encoded("BMP", "RGB"), "Choose a JPEG, PNG, WebP or GIF picture."),
    "tiff": (lambda: samples.encoded("TIFF", "RGB"), "Choose a JPEG, PNG, WebP or GIF picture."),
    "postscript": (samples.postscript, "Choose a JPEG, PNG, WebP or GIF picture."),
    "png bomb": (lambda: samples.png_header(50_000, 50_000), "more than 50 megapixels"),
    "png a little too large": (lambda: samples.png_header(8000, 6251), "more than 50 megapixels"),
    "gif bomb": (lambda: samples.gif_header(65_535, 65_535), "more than 50 megapixels"),
    "webp bomb": (lambda: samples.webp_header(16_383, 16_383), "more than 50 megapixels"),
    "jpeg bomb": (lambda: samples.jpeg_header(65_500, 65_500), "more than 50 megapixels"),
    "png whose size is a lie": (lambda: samples.png_header(4000, 4000), "incomplete or damaged"),
    "jpeg of a thousand scans": (samples.jpeg_with_many_scans, "an unusual structure"),
}


DISPLAY_P3: dict[Pixel, Pixel] = {
    (200, 100, 50): (215, 93, 31),
    (100, 180, 90): (65, 182, 77),
    (60, 80, 200): (54, 81, 207),
    (255, 0, 0): (255, 0, 0),
    (128, 128, 128): (128, 128, 128),
    (255, 255, 255): (255, 255, 255),
}
"""Colours of Display P3, and the same ones in sRGB, by the matrices of both (CSS Color 4, section
10): linear values, multiplied, cut off at 0 and 255."""
PRESS: dict[tuple[int, ...], Pixel] = {
    (255, 0, 0, 0): (0, 161, 214),
    (0, 0, 0, 0): (255, 255, 255),
    (0, 0, 0, 255): (0, 0, 0),
}
"""Inks, and the colours of `picture_profiles.press` in sRGB."""
UNUSABLE_PROFILES: dict[str, bytes] = {
    "no profile": b"no profile" * 20,
    "cut off": picture_profiles.display_p3()[:200],
    "of another colour space": picture_profiles.press(),
    "of grey": picture_profiles.linear_grey(),
    "empty": bytes(500),
}


def decoded(avatar: bytes) -> Image.Image:
    """The result as an image, after its type, size and metadata were checked."""
    image = Image.open(BytesIO(avatar), formats=("WEBP",))
    image.load()
    assert (image.format, image.mode, image.size) == ("WEBP", "RGB", (AVATAR_PIXELS, AVATAR_PIXELS))
    assert getattr(image, "n_frames", 1) == 1
    assert not {"exif", "xmp", "icc_profile", "comment"} & image.info.keys()
    return image


def colour(image: Image.Image, x: float, y: float) -> Pixel:
    """The pixel at these fractions of width and height."""
    found = image.getpixel((int(x * image.width), int(y * image.height)))
    assert isinstance(found, tuple)
    return int(found[0]), int(found[1]), int(found[2])


def is_close(one: Pixel, other: Pixel, by: int = 24) -> bool:
    return all(abs(a - b) <= by for a, b in zip(one, other, strict=True))


class PicturesContract(Contract):
    port = "pictures"

    @pytest.mark.parametrize("kind", ACCEPTED)
    async def test_a_picture_becomes_a_square_that_looks_like_it(
        self, pictures: Pictures, kind: str
    ) -> None:
        avatar = decoded(await pictures.avatar(ACCEPTED[kind]()))

        assert is_close(colour(avatar, 0.25, 0.5), (0, 0, 0), by=40)
        assert is_close(colour(avatar, 0.75, 0.5), (255, 255, 255), by=40)

    async def test_the_middle_is_kept(self, pictures: Pictures) -> None:
        for size in ((900, 300), (300, 900)):
            avatar = decoded(await pictures.avatar(samples.three_stripes(size)))

            assert all(is_close(colour(avatar, n, n), samples.GREEN) for n in (0.05, 0.5, 0.95)), (
                size
            )

    @pytest.mark.parametrize("orientation", range(1, 9))
    @pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
    async def test_every_exif_orientation_gives_an_upright_picture(
        self, pictures: Pictures, kind: str, orientation: int
    ) -> None:
        avatar = decoded(await pictures.avatar(samples.with_orientation(kind, orientation)))

        corners = [
            colour(avatar, x, y) for x, y in ((0.2, 0.2), (0.8, 0.2), (0.2, 0.8), (0.8, 0.8))
        ]
        assert all(
            is_close(seen, meant, by=40)
            for seen, meant in zip(corners, samples.CORNERS, strict=True)
        ), corners

    async def test_the_place_where_it_was_taken_is_gone(self, pictures: Pictures) -> None:
        upload = samples.with_location()
        assert samples.CAMERA in upload

        avatar = await pictures.avatar(upload)

        assert samples.CAMERA not in avatar
        assert not decoded(avatar).getexif()

    @pytest.mark.parametrize("kind", ["GIF", "PNG", "WEBP"])
    async def test_of_an_animation_the_first_frame_is_kept(
        self, pictures: Pictures, kind: str
    ) -> None:
        avatar = decoded(await pictures.avatar(samples.animated(kind)))

        assert is_close(colour(avatar, 0.5, 0.5), samples.RED)

    async def test_what_is_see_through_becomes_white(self, pictures: Pictures) -> None:
        avatar = decoded(await pictures.avatar(samples.transparent_ring()))

        assert is_close(colour(avatar, 0.02, 0.02), (255, 255, 255), by=4)
        assert is_close(colour(avatar, 0.5, 0.5), samples.RED)

    async def test_sixteen_bits_become_eight_of_the_same_brightness(
        self, pictures: Pictures
    ) -> None:
        avatar = decoded(await pictures.avatar(samples.sixteen_bits(0.5)))

        assert is_close(colour(avatar, 0.5, 0.5), (128, 128, 128), by=3)

    @pytest.mark.parametrize(("p3", "srgb"), DISPLAY_P3.items(), ids=str)
    @pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP"])
    async def test_display_p3_becomes_srgb(
        self, pictures: Pictures, kind: str, p3: Pixel, srgb: Pixel
    ) -> None:
        upload = samples.of_profile(kind, "RGB", p3, picture_profiles.display_p3())

        avatar = decoded(await pictures.avatar(upload))

        assert is_close(colour(avatar, 0.5, 0.5), srgb, by=2)

    async def test_what_is_see_through_keeps_its_profile(self, pictures: Pictures) -> None:
        profile = picture_profiles.display_p3()
        upload = samples.of_profile("PNG", "RGBA", (200, 100, 50, 0), profile)
        opaque = samples.of_profile("PNG", "RGBA", (200, 100, 50, 255), profile)

        clear = decoded(await pictures.avatar(upload))
        full = decoded(await pictures.avatar(opaque))

        assert is_close(colour(clear, 0.5, 0.5), (255, 255, 255), by=2)
        assert is_close(colour(full, 0.5, 0.5), DISPLAY_P3[200, 100, 50], by=2)

    @pytest.mark.parametrize("kind", ["PNG", "JPEG"])
    async def test_a_grey_scale_becomes_srgb(self, pictures: Pictures, kind: str) -> None:
        upload = samples.of_profile(kind, "L", 128, picture_profiles.linear_grey())

        avatar = decoded(await pictures.avatar(upload))

        assert is_close(colour(avatar, 0.5, 0.5), (188, 188, 188), by=2)

    @pytest.mark.parametrize(("ink", "srgb"), PRESS.items(), ids=str)
    async def test_the_inks_of_a_press_become_srgb(
        self, pictures: Pictures, ink: tuple[int, ...], srgb: Pixel
    ) -> None:
        upload = samples.of_profile("JPEG", "CMYK", ink, picture_profiles.press())

        avatar = decoded(await pictures.avatar(upload))

        assert is_close(colour(avatar, 0.5, 0.5), srgb, by=2)

    @pytest.mark.parametrize("name", UNUSABLE_PROFILES)
    async def test_an_unusable_profile_is_ignored(self, pictures: Pictures, name: str) -> None:
        upload = samples.of_profile("PNG", "RGB", (200, 100, 50), UNUSABLE_PROFILES[name])

        avatar = decoded(await pictures.avatar(upload))

        assert is_close(colour(avatar, 0.5, 0.5), (200, 100, 50), by=2)

    async def test_damaged_profiles_give_a_picture(self, pictures: Pictures) -> None:
        whole = picture_profiles.display_p3()
        for place in range(0, len(whole), 7):
            broken = whole[:place] + bytes((whole[place] ^ 0xFF,)) + whole[place + 1 :]
            upload = samples.of_profile("PNG", "RGB", (200, 100, 50), broken)
            decoded(await pictures.avatar(upload))

    async def test_a_single_pixel_fills_the_square(self, pictures: Pictures) -> None:
        avatar = decoded(await pictures.avatar(samples.plain("PNG", (1, 1), samples.GREEN)))

        assert is_close(colour(avatar, 0.1, 0.9), samples.GREEN)

    async def test_a_script_inside_a_picture_does_not_come_along(self, pictures: Pictures) -> None:
        upload = samples.gif_and_script()
        assert samples.SCRIPT in upload

        avatar = await pictures.avatar(upload)

        assert samples.SCRIPT not in avatar
        decoded(avatar)

    @pytest.mark.parametrize("kind", REFUSED)
    async def test_anything_else_is_refused_at_once_with_a_reason(
        self, pictures: Pictures, kind: str
    ) -> None:
        make, sentence = REFUSED[kind]
        upload = make()

        with pytest.raises(PictureRefused) as refused, WorkTime() as took:
            await pictures.avatar(upload)

        assert sentence in refused.value.message
        assert refused.value.fields == {"picture": refused.value.message}
        assert took.seconds < 2

    @pytest.mark.parametrize("kind", ACCEPTED)
    async def test_a_picture_cut_off_anywhere_is_refused_or_whole(
        self, pictures: Pictures, kind: str
    ) -> None:
        upload = ACCEPTED[kind]()
        half = upload[: len(upload) // 2]

        with pytest.raises(PictureRefused):
            await pictures.avatar(half)
        for part in range(8, len(upload), max(len(upload) // 40, 1)):
            try:
                decoded(await pictures.avatar(upload[:part]))
            except PictureRefused:
                continue

    async def test_damaged_bytes_give_a_picture_or_a_refusal(self, pictures: Pictures) -> None:
        for upload in samples.damaged([make() for make in ACCEPTED.values()]):
            try:
                decoded(await pictures.avatar(upload))
            except PictureRefused:
                continue

    async def test_others_are_served_meanwhile(self, pictures: Pictures) -> None:
        work = asyncio.create_task(pictures.avatar(samples.plain("PNG", (5000, 4000), samples.RED)))

        turns = 0
        while not work.done():
            await asyncio.sleep(0.001)
            turns += 1

        decoded(work.result())
        assert turns > 5
