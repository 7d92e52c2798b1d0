"""The page of a delivery: its files, all versions, and what changed between two."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from html import unescape
from io import BytesIO

import pytest
from PIL import Image

from core.jobs import JobId
from tests.builders.files import final
from tests.web.site import SiteWithBooking, build_site_with_booking
from web.shared.access import Who

OLD = b"-- one index\nCREATE INDEX orders_idx\n    ON orders (shop_id);\n"
NEW = b"-- one index\nCREATE INDEX orders_idx\n    ON orders (shop_id, placed_at);\n"


@pytest.fixture
async def site() -> AsyncIterator[SiteWithBooking]:
    """Two deliveries: a changed text, and a new one."""
    site = await build_site_with_booking()
    jobs, job = site.app.services.jobs, JobId(site.job_id)
    developer = site.developer.id
    first = await final(site.app, developer, OLD, name="0042_index.sql")
    await jobs.deliver(job, by=developer, note="The *index*.", files=[first.id])
    await jobs.request_changes(job, by=site.client.id, notes="Please include the month.")
    second = await final(site.app, developer, NEW, name="0042_index.sql")
    notes = await final(site.app, developer, b"Run it at night.", name="notes.txt")
    await jobs.deliver(job, by=developer, note="With the month.", files=[second.id, notes.id])
    yield site


async def deliver_again(site: SiteWithBooking, content: bytes, *, name: str) -> None:
    """One more file, after a request that uses no round."""
    jobs, job = site.app.services.jobs, JobId(site.job_id)
    await jobs.send_again(job, by=site.client.id, notes="It is broken.")
    file = await final(site.app, site.developer.id, content, name=name)
    await jobs.deliver(job, by=site.developer.id, note="Again.", files=[file.id])


def picture(colour: str) -> bytes:
    written = BytesIO()
    Image.new("RGB", (400, 300), colour).save(written, "PNG")
    return written.getvalue()


async def page(site: SiteWithBooking, path: str, who: Who = Who.CLIENT) -> str:
    answer, html = await (await site.browser_for(who)).look(path)
    assert answer.status_code == 200
    return html


def words(html: str) -> str:
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", html)).split())


async def test_both_parties_see_note_files_and_versions(site: SiteWithBooking) -> None:
    for who, asked in ((Who.CLIENT, "You asked"), (Who.DEVELOPER, "Meera asked")):
        text = words(await page(site, f"/jobs/{site.job_id}/deliveries/2", who))

        assert "With the month." in text
        assert "0042_index.sql Text, 73 bytes, checked" in text.replace("\N{NO-BREAK SPACE}", " ")
        assert f"{asked} for changes" in text
        assert "“Please include the month.”" in text
        assert "Compare 1 and 2" in text


async def test_a_replaced_delivery_is_still_there(site: SiteWithBooking) -> None:
    html = await page(site, f"/jobs/{site.job_id}/deliveries/1")

    assert "Replaced" in html
    assert "notes.txt" not in html
    assert "Approve and release" not in html


async def test_changed_lines_are_shown_between_two_deliveries(site: SiteWithBooking) -> None:
    html = await page(site, f"/jobs/{site.job_id}/deliveries/2?compare=1")

    assert "What changed since delivery 1" in html
    assert words("".join(re.findall(r"<del data-n.*?</del>", html))) == "ON orders (shop_id);"
    assert words("".join(re.findall(r"<ins data-n.*?</ins>", html))) == (
        "ON orders (shop_id, placed_at);"
    )
    assert 'data-n="3"' in html


async def test_equal_lines_far_from_a_change_are_left_out(site: SiteWithBooking) -> None:
    lines = [f"line {number}" for number in range(1, 31)]
    await deliver_again(site, "\n".join(lines).encode(), name="long.txt")
    lines[19] = "changed"
    await deliver_again(site, "\n".join(lines).encode(), name="long.txt")

    html = await page(site, f"/jobs/{site.job_id}/deliveries/4?compare=3")

    left_out = re.findall(r'<span class="left-out" data-n="">(.*?)</span>', html)
    assert [words(each) for each in left_out] == ["16 equal lines", "7 equal lines"]


async def test_pictures_are_shown_before_and_after(site: SiteWithBooking) -> None:
    for colour in ("red", "blue"):
        await deliver_again(site, picture(colour), name="chart.png")

    html = await page(site, f"/jobs/{site.job_id}/deliveries/4?compare=3")

    assert re.findall(r"<figcaption[^>]*>(\w+):", html) == ["Before", "After"]
    assert len(re.findall(r"<figure.*?<img .*?</figure>", html, re.DOTALL)) == 2


async def test_a_new_file_is_compared_with_nothing(site: SiteWithBooking) -> None:
    html = await page(site, f"/jobs/{site.job_id}/deliveries/2?compare=1&file=notes.txt")

    assert "Not in the earlier delivery." in html


@pytest.mark.parametrize("query", ["compare=2", "compare=0", "compare=-1", "compare=x", "file=a"])
async def test_other_numbers_compare_nothing(site: SiteWithBooking, query: str) -> None:
    assert "What changed" not in await page(site, f"/jobs/{site.job_id}/deliveries/2?{query}")


@pytest.mark.parametrize("number", ["0", "3", "99999999999"])
async def test_a_delivery_that_does_not_exist_is_not_found(
    site: SiteWithBooking, number: str
) -> None:
    browser = await site.browser_for(Who.CLIENT)

    answer, _ = await browser.look(f"/jobs/{site.job_id}/deliveries/{number}")

    assert answer.status_code == 404


async def test_the_text_of_a_file_is_shown_with_numbers_and_colours(site: SiteWithBooking) -> None:
    html = await page(site, f"/jobs/{site.job_id}/deliveries/2")

    assert '<span data-n="2"><span class="hl-k">CREATE</span>' in html
    assert "ON orders (shop_id, placed_at);" in words(html)


async def test_the_api_names_the_files_of_each_delivery(site: SiteWithBooking) -> None:
    browser = await site.browser_for(Who.CLIENT)
    answer = await browser.ask("GET", f"/api/v1/jobs/{site.job_id}/deliveries")
    first, second = (await answer.get_json())["items"]

    assert [file["name"] for file in second["files"]] == ["0042_index.sql", "notes.txt"]
    assert first["files"][0]["size"] == len(OLD)
    assert first["files"][0]["sha256"] != second["files"][0]["sha256"]
    assert first["files"][0]["url"] == f"/api/v1/files/{first['files'][0]['id']}"
