"""The sitemap has the public pages and every published profile once."""

from __future__ import annotations

from dataclasses import replace
from xml.etree import ElementTree

import pytest

from services.discovery import service
from tests.app import MemoryApp
from tests.web.site import URL, Browser, app_of


async def addresses(browser: Browser, path: str) -> list[str]:
    answer, text = await browser.look(path)
    assert (answer.status_code, answer.mimetype) == (200, "application/xml")
    root = ElementTree.fromstring(text)
    return [
        each.text or "" for each in root.iter("{http://www.sitemaps.org/schemas/sitemap/0.9}loc")
    ]


async def test_the_index_leads_to_every_public_page(app: MemoryApp) -> None:
    browser = Browser(app_of(app))

    index = await addresses(browser, "/sitemap.xml")
    pages = await addresses(browser, "/sitemaps/pages.xml")

    assert index == [f"{URL}/sitemaps/pages.xml", f"{URL}/sitemaps/1-0.xml"]
    assert {f"{URL}/", f"{URL}/developers", f"{URL}/sign-up/developer"} <= set(pages)
    for address in pages:
        page, html = await browser.look(address.removeprefix(URL))
        assert page.status_code == 200
        assert "noindex" not in html, address
        assert f'<link rel="canonical" href="{address}">' in html


async def test_every_published_profile_is_in_one_part(
    app: MemoryApp, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(service, "PART_SIZE", 3)
    published = [await app.developer(f"Developer {n}") for n in range(11)]
    await app.store.repositories.developers.save(replace(published.pop(), published=False))
    browser = Browser(app_of(app))

    index = await addresses(browser, "/sitemap.xml")
    parts = [await addresses(browser, each.removeprefix(URL)) for each in index[1:]]

    assert len(parts) == 4
    listed = [address for part in parts for address in part]
    assert sorted(listed) == sorted(f"{URL}/developers/{each.id}" for each in published)


@pytest.mark.parametrize("part", ["3-0", "1-1", "0-0", "65536-0"])
async def test_other_divisions_do_not_exist(app: MemoryApp, part: str) -> None:
    answer, _ = await Browser(app_of(app)).look(f"/sitemaps/{part}.xml")

    assert answer.status_code == 404


async def test_all_profiles_cannot_be_asked_for_at_once(
    app: MemoryApp, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(service, "PART_SIZE", 1)
    for n in range(8):
        await app.developer(f"Developer {n}")
    browser = Browser(app_of(app))

    older, _ = await browser.look("/sitemaps/2-0.xml")
    all_, _ = await browser.look("/sitemaps/1-0.xml")

    assert (older.status_code, all_.status_code) == (200, 404)
