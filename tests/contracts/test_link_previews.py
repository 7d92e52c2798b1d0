"""Link previews drawn by Pillow keep the contract, with the font of the site and without it."""

from __future__ import annotations

import asyncio

import pytest

from adapters.pillow.link_previews import WAITING_MAXIMUM, PillowLinkPreviews
from adapters.pillow.typefaces import Typeface
from onehour.testing.link_previews import USUAL, LinkPreviewsContract, decoded
from onehour.testing.running_time import RunningTime
from ports.link_previews import LinkPreview, PreviewsBusy
from web.shared.assets import TEXT_FONTS

RUPEES_INK = (0xF4, 0xB1, 0x44)


class TestWithTheFontOfTheSite(LinkPreviewsContract):
    @pytest.fixture
    def previews(self) -> PillowLinkPreviews:
        return PillowLinkPreviews(TEXT_FONTS)


class TestWithTheFontOfPillow(LinkPreviewsContract):
    @pytest.fixture
    def previews(self) -> PillowLinkPreviews:
        return PillowLinkPreviews()


@pytest.fixture(scope="module")
def face() -> Typeface:
    return Typeface(TEXT_FONTS, size=40, weight=600)


@pytest.mark.parametrize(
    ("text", "drawn"),
    [
        ("Łukasz  Żółć", "Łukasz Żółć"),
        ("e\u0301", "\u00e9"),
        ("Fast 🚀 queries", "Fast queries"),
        ("₹2,400\u00a0per hour", "₹2,400 per hour"),
        ("Ana 山田", ""),
        ("मीरा", ""),
        ("Ελένη", ""),
    ],
)
def test_a_text_is_drawn_as_a_whole_or_left_out(face: Typeface, text: str, drawn: str) -> None:
    assert face.drawable(text) == drawn


def test_lines_break_at_spaces_and_end_with_an_ellipsis(face: Typeface) -> None:
    text = "Finds the slow query and fixes it before the next release of the product"

    whole = face.lines(text, width=400, most=9)
    cut = face.lines(text, width=400, most=2)

    assert " ".join(whole) == text
    assert all(face.width(line) <= 400 for line in whole + cut)
    assert len(cut) == 2
    assert cut[0] == whole[0]
    assert cut[1].endswith("…")


async def test_the_price_is_never_shown_without_its_currency() -> None:
    async def inks(previews: PillowLinkPreviews) -> set[object]:
        bottom = decoded(await previews.draw(USUAL)).crop((0, 480, 600, 630))
        return {colour for _, colour in bottom.getcolors(1 << 16) or ()}

    assert RUPEES_INK in await inks(PillowLinkPreviews(TEXT_FONTS))
    assert RUPEES_INK not in await inks(PillowLinkPreviews())


async def test_a_picture_is_drawn_once() -> None:
    previews = PillowLinkPreviews(TEXT_FONTS)
    first = await previews.draw(USUAL)

    assert await previews.draw(LinkPreview(USUAL.name, USUAL.headline, USUAL.price)) is first


async def test_more_than_a_few_waiting_pictures_are_refused_at_once() -> None:
    previews = PillowLinkPreviews(TEXT_FONTS)
    wanted = [LinkPreview(f"Developer {n}", "", "") for n in range(WAITING_MAXIMUM + 1)]
    waiting = [asyncio.create_task(previews.draw(each)) for each in wanted[:-1]]
    await asyncio.sleep(0)

    with pytest.raises(PreviewsBusy), RunningTime() as took:
        await previews.draw(wanted[-1])
    assert took.seconds < 0.2

    await asyncio.gather(*waiting)
    assert await previews.draw(wanted[-1])
