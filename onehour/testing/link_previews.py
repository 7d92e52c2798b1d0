"""The contract of adapters of `ports.link_previews`: inherit `LinkPreviewsContract`, provide
`previews`."""

from __future__ import annotations

import asyncio
from io import BytesIO

import pytest
from PIL import Image

from onehour.testing.suite import Contract
from ports.link_previews import PREVIEW_SIZE, LinkPreview, LinkPreviews

USUAL = LinkPreview("Lucía Fernández", "Finds the slow query", "₹2,400 per hour")
LONG = "Venkatanarasimharajuvaripeta Subramanian-Chattopadhyay de la Cruz y Velasco"
TEXTS = {
    "usual": USUAL,
    "longest": LinkPreview(LONG, "W" * 120, "₹1,00,000.00 per hour"),
    "no space": LinkPreview("W" * 80, "w" * 120, "₹1"),
    "latin": LinkPreview("Łukasz Żółć", "Čeština, İstanbul, Việt", "₹1"),
    "composed": LinkPreview("Lucı\u0301a e\u0301", "a\u0308\u0301", "₹1"),
    "chinese": LinkPreview("山田太郎", "データベース", "₹1"),
    "arabic": LinkPreview("محمد علي", "قواعد البيانات", "₹1"),
    "devanagari": LinkPreview("मीरा कृष्णन", "डेटाबेस", "₹1"),
    "emoji": LinkPreview("Ana 🚀", "👩\u200d💻 works 🇮🇳", "₹1"),
    "empty": LinkPreview("", "", ""),
}


def decoded(picture: bytes) -> Image.Image:
    return Image.open(BytesIO(picture)).convert("RGB")


def edges(picture: Image.Image, *, margin: int = 20) -> set[tuple[int, ...]]:
    """The colours at the four edges."""
    width, height = picture.size
    boxes = (
        (0, 0, width, margin),
        (0, height - margin, width, height),
        (0, 0, margin, height),
        (width - margin, 0, width, height),
    )
    return {
        colour  # type: ignore[misc]
        for box in boxes
        for _, colour in picture.crop(box).getcolors(1 << 16) or ()
    }


class LinkPreviewsContract(Contract):
    port = "link_previews"

    @pytest.mark.parametrize("kind", TEXTS)
    async def test_every_text_gives_a_picture_of_the_size_with_free_edges(
        self, previews: LinkPreviews, kind: str
    ) -> None:
        drawn = await previews.draw(TEXTS[kind])

        picture = decoded(drawn)
        assert drawn.startswith(b"\x89PNG")
        assert picture.size == PREVIEW_SIZE
        assert len(edges(picture)) == 1

    async def test_texts_make_a_difference(self, previews: LinkPreviews) -> None:
        name, headline, price = "Ana Lima", "Finds the slow query", "INR 2,400 per hour"
        texts = (
            LinkPreview(name, headline, price),
            LinkPreview("Arjun Nair", headline, price),
            LinkPreview(name, "Other work", price),
            LinkPreview(name, headline, "INR 3,000 per hour"),
        )
        drawn = [await previews.draw(each) for each in texts]

        assert len(set(drawn)) == 4

    async def test_a_script_without_a_font_is_left_out(self, previews: LinkPreviews) -> None:
        private = "\ue000\ue001\ue002"
        with_boxes = LinkPreview(USUAL.name, f"\u13a0{private}\U00012000", USUAL.price)

        left_out = await previews.draw(LinkPreview(USUAL.name, "", USUAL.price))

        assert await previews.draw(with_boxes) == left_out

    async def test_equal_previews_at_once_give_one_picture(self, previews: LinkPreviews) -> None:
        drawn = await asyncio.gather(*(previews.draw(USUAL) for _ in range(5)))

        assert len(set(drawn)) == 1
