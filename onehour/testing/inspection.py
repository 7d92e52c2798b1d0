"""The contract of every `ports.inspection.Inspector`; authors inherit `InspectorContract`."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.files import Kind, PreviewName
from onehour.testing.inspection_pictures import PicturesPartContract, inspected
from onehour.testing.suite import Contract
from ports.inspection import (
    CUT,
    LINE_MAXIMUM,
    TEXT_BYTES_MAXIMUM,
    TEXT_LINES_MAXIMUM,
    TEXT_TYPE,
    Inspection,
    InspectionRefused,
    Inspector,
)

TEXTS = {
    "utf-8": "Grüße, ₹4,800.00\n",
    "utf-8-sig": "Grüße, ₹4,800.00\n",
    "utf-16": "Grüße, ₹4,800.00\n",
    "cp1252": "Die Prüfung dauert übermäßig lange, sagt der Käufer. Größe und Maße ändern sich.\n",
}
"""By their encoding."""
ACTIVE_TEXTS = {
    "text/html": "<!doctype html><title>x</title><script>alert(1)</script>",
    "image/svg+xml": '<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>',
    "text/xml": '<?xml version="1.0"?><orders/>',
}
PROGRAMS = {
    "windows": b"MZ\x90\0" + bytes(200),
    "linux": b"\x7fELF\x02\x01\x01" + bytes(200),
    "macos": b"\xcf\xfa\xed\xfe" + bytes(200),
}


class InspectorContract(PicturesPartContract, Contract):
    """Inherit this and define the fixture `inspector`."""

    port = "inspection"

    @pytest.fixture
    def inspector(self) -> Inspector:
        raise NotImplementedError

    @pytest.mark.parametrize("encoding", TEXTS)
    async def test_a_text_has_a_preview_in_utf_8(
        self, inspector: Inspector, tmp_path: Path, encoding: str
    ) -> None:
        found = await inspected(inspector, tmp_path, TEXTS[encoding].encode(encoding))

        assert (found.media_type, found.kind) == ("text/plain", Kind.TEXT)
        assert text_of(found) == TEXTS[encoding]
        assert not found.truncated

    @pytest.mark.parametrize("media_type", ACTIVE_TEXTS)
    async def test_markup_is_shown_as_text_alone(
        self, inspector: Inspector, tmp_path: Path, media_type: str
    ) -> None:
        text = ACTIVE_TEXTS[media_type]

        found = await inspected(inspector, tmp_path, text.encode(), name="picture.png")

        assert (found.media_type, found.kind) == (media_type, Kind.TEXT)
        assert [made.media_type for made in found.previews] == [TEXT_TYPE]
        assert text_of(found) == text

    async def test_a_text_preview_is_bounded(self, inspector: Inspector, tmp_path: Path) -> None:
        long = "x" * (LINE_MAXIMUM + 5)

        many = await inspected(inspector, tmp_path, b"a\n" * (TEXT_LINES_MAXIMUM + 1))
        wide = await inspected(inspector, tmp_path, f"{long}\nnext".encode())
        large = await inspected(inspector, tmp_path, ("ü" * 1_000 + "\n").encode() * 1_000)

        assert text_of(many).count("\n") < TEXT_LINES_MAXIMUM
        assert text_of(wide) == long[:LINE_MAXIMUM] + CUT + "\nnext"
        assert TEXT_BYTES_MAXIMUM - 2_100 < len(text_of(large).encode()) <= TEXT_BYTES_MAXIMUM
        assert many.truncated and wide.truncated and large.truncated

    @pytest.mark.parametrize("system", PROGRAMS)
    async def test_a_program_is_refused_with_a_way_out(
        self, inspector: Inspector, tmp_path: Path, system: str
    ) -> None:
        with pytest.raises(InspectionRefused, match="Put it in a ZIP"):
            await inspected(inspector, tmp_path, PROGRAMS[system], name="notes.txt")

    async def test_unknown_bytes_can_be_downloaded(
        self, inspector: Inspector, tmp_path: Path
    ) -> None:
        found = await inspected(inspector, tmp_path, b"\x00\x01\x02\xfe" * 100, name="page.html")

        assert found == Inspection(media_type="application/octet-stream", kind=Kind.OTHER)


def text_of(found: Inspection) -> str:
    (made,) = (made for made in found.previews if made.name is PreviewName.TEXT)
    return made.content.decode()
