"""The part of the contract of inspectors that is about pictures, PDF files and archives."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image

from core.files import ArchiveEntry, EntryKind, Kind, PreviewName
from onehour.testing import inspection_samples, picture_profiles, pictures_samples
from onehour.testing.pictures import colour, is_close
from onehour.testing.pictures_samples import CAMERA, CORNERS, GREEN, RED, plain
from ports.inspection import ENTRIES_MAXIMUM, Inspection, InspectionRefused, Inspector

FORMATS = {"JPEG": "image/jpeg", "PNG": "image/png", "WEBP": "image/webp", "GIF": "image/gif"}
REFUSED = {
    "password protects": inspection_samples.with_password,
    "far more than its size": inspection_samples.bomb,
}


class PicturesPartContract:
    """Part of `InspectorContract`."""

    @pytest.fixture
    def inspector(self) -> Inspector:
        raise NotImplementedError

    @pytest.mark.parametrize("kind", FORMATS)
    async def test_a_picture_has_previews_in_two_sizes(
        self, inspector: Inspector, tmp_path: Path, kind: str
    ) -> None:
        found = await inspected(inspector, tmp_path, plain(kind, (2000, 1000), RED))

        assert (found.media_type, found.kind) == (FORMATS[kind], Kind.IMAGE)
        assert (found.width, found.height) == (2000, 1000)
        assert {made.name: (made.width, made.height) for made in found.previews} == {
            PreviewName.LARGE: (1600, 800),
            PreviewName.SMALL: (320, 160),
        }
        for name in (PreviewName.LARGE, PreviewName.SMALL):
            assert is_close(colour(picture(found, name), 0.5, 0.5), RED, by=6)

    async def test_a_small_picture_is_not_enlarged(
        self, inspector: Inspector, tmp_path: Path
    ) -> None:
        found = await inspected(inspector, tmp_path, plain("PNG", (40, 1), RED))

        assert {(made.width, made.height) for made in found.previews} == {(40, 1)}

    @pytest.mark.parametrize("orientation", range(1, 9))
    async def test_pictures_are_upright(
        self, inspector: Inspector, tmp_path: Path, orientation: int
    ) -> None:
        content = pictures_samples.with_orientation("JPEG", orientation)

        shown = picture(await inspected(inspector, tmp_path, content), PreviewName.SMALL)

        corners = [colour(shown, x, y) for y in (0.2, 0.8) for x in (0.2, 0.8)]
        assert all(
            is_close(found, wanted) for found, wanted in zip(corners, CORNERS, strict=True)
        ), corners

    async def test_the_size_of_a_picture_is_upright(
        self, inspector: Inspector, tmp_path: Path
    ) -> None:
        exif = Image.Exif()
        exif[pictures_samples.ORIENTATION] = 6

        found = await inspected(inspector, tmp_path, plain("JPEG", (200, 100), RED, exif=exif))

        assert (found.width, found.height) == (100, 200)
        assert {(made.width, made.height) for made in found.previews} == {(100, 200)}

    async def test_nothing_of_the_file_but_pixels_is_in_a_preview(
        self, inspector: Inspector, tmp_path: Path
    ) -> None:
        found = await inspected(inspector, tmp_path, pictures_samples.with_location())

        for made in found.previews:
            assert CAMERA not in made.content
            assert not picture(found, made.name).getexif()

    async def test_colours_become_srgb(self, inspector: Inspector, tmp_path: Path) -> None:
        profile = picture_profiles.display_p3()
        content = pictures_samples.of_profile("PNG", "RGB", (200, 100, 50), profile)

        shown = picture(await inspected(inspector, tmp_path, content), PreviewName.LARGE)

        assert is_close(colour(shown, 0.5, 0.5), (215, 97, 34), by=6)

    @pytest.mark.parametrize("kind", ["GIF", "PNG", "WEBP"])
    async def test_of_an_animation_the_first_frame_is_shown(
        self, inspector: Inspector, tmp_path: Path, kind: str
    ) -> None:
        found = await inspected(inspector, tmp_path, pictures_samples.animated(kind))

        shown = picture(found, PreviewName.SMALL)
        assert is_close(colour(shown, 0.5, 0.5), RED)
        assert getattr(shown, "n_frames", 1) == 1

    async def test_transparent_parts_are_white(self, inspector: Inspector, tmp_path: Path) -> None:
        found = await inspected(inspector, tmp_path, pictures_samples.transparent_ring())

        shown = picture(found, PreviewName.LARGE)
        assert is_close(colour(shown, 0.02, 0.02), (255, 255, 255), by=4)
        assert is_close(colour(shown, 0.5, 0.5), RED)

    async def test_a_damaged_picture_is_a_file_without_previews(
        self, inspector: Inspector, tmp_path: Path
    ) -> None:
        content = plain("PNG", (400, 400), GREEN)

        found = await inspected(inspector, tmp_path, content[: len(content) // 2])

        assert (found.kind, found.previews) == (Kind.IMAGE, ())

    async def test_of_a_pdf_the_first_page_is_shown(
        self, inspector: Inspector, tmp_path: Path
    ) -> None:
        found = await inspected(inspector, tmp_path, inspection_samples.pdf())

        assert (found.media_type, found.kind, found.pages) == ("application/pdf", Kind.PDF, 2)
        shown = picture(found, PreviewName.LARGE)
        assert shown.size == (1600, 800)
        assert is_close(colour(shown, 0.5, 0.5), RED)

    async def test_the_content_of_an_archive_is_listed(
        self, inspector: Inspector, tmp_path: Path
    ) -> None:
        found = await inspected(inspector, tmp_path, inspection_samples.archive())

        assert found == Inspection(
            media_type="application/zip",
            kind=Kind.ARCHIVE,
            entries=(
                ArchiveEntry("src", 0, EntryKind.FOLDER),
                ArchiveEntry("src/0.py", 10),
                ArchiveEntry("src/1.py", 10),
                ArchiveEntry("link", 11, EntryKind.LINK),
            ),
            entry_count=4,
            unpacked_size=31,
        )

    async def test_of_a_large_archive_the_first_entries_are_listed(
        self, inspector: Inspector, tmp_path: Path
    ) -> None:
        content = inspection_samples.archive(ENTRIES_MAXIMUM)

        found = await inspected(inspector, tmp_path, content)

        assert len(found.entries) == ENTRIES_MAXIMUM
        assert (found.entry_count, found.truncated) == (ENTRIES_MAXIMUM + 2, True)

    @pytest.mark.parametrize("reason", REFUSED)
    async def test_an_archive_that_cannot_be_checked_is_refused(
        self, inspector: Inspector, tmp_path: Path, reason: str
    ) -> None:
        with pytest.raises(InspectionRefused, match=reason):
            await inspected(inspector, tmp_path, REFUSED[reason]())


def picture(found: Inspection, name: PreviewName) -> Image.Image:
    (made,) = (made for made in found.previews if made.name is name)
    image = Image.open(BytesIO(made.content), formats=["WEBP", "JPEG"])
    image.load()
    assert image.size == (made.width, made.height)
    return image


async def inspected(
    inspector: Inspector, folder: Path, content: bytes, *, name: str = "file"
) -> Inspection:
    """The inspection of a file with this content."""
    path = folder / "content"
    path.write_bytes(content)
    return await inspector.inspect(path, name=name)
