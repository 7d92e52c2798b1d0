"""The picture of a profile: public, of its present version, and cached."""

from __future__ import annotations

from dataclasses import replace

from tests.app import MemoryApp
from tests.web.discovery.test_heads import metas
from tests.web.site import URL, Browser, app_of


async def picture_of(browser: Browser, developer_id: str) -> str:
    _, html = await browser.look(f"/developers/{developer_id}")
    return metas(html)["og:image"].removeprefix(URL)


async def test_the_picture_of_a_profile_can_be_cached_without_limit(app: MemoryApp) -> None:
    developer, browser = await app.developer(), Browser(app_of(app))
    path = await picture_of(browser, developer.id)

    answer = await browser.ask("GET", path)
    again = await browser.ask("GET", path, headers={"If-None-Match": answer.headers["ETag"]})

    assert (answer.status_code, answer.content_type) == (200, "image/png")
    assert (await answer.get_data(as_text=False)).startswith(b"\x89PNG")
    assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert "Set-Cookie" not in answer.headers
    assert (again.status_code, again.headers["ETag"]) == (304, answer.headers["ETag"])


async def test_a_changed_profile_has_another_address_and_the_old_one_leads_there(
    app: MemoryApp,
) -> None:
    developer, browser = await app.developer(), Browser(app_of(app))
    before = await picture_of(browser, developer.id)
    await app.store.repositories.developers.save(replace(developer, headline="Other work"))
    after = await picture_of(browser, developer.id)

    old = await browser.ask("GET", before)

    assert after != before
    assert (old.status_code, old.headers["Location"]) == (302, after)


async def test_what_the_picture_does_not_show_leaves_its_address(app: MemoryApp) -> None:
    developer, browser = await app.developer(), Browser(app_of(app))
    before = await picture_of(browser, developer.id)
    await app.store.repositories.developers.save(replace(developer, bio="More text."))

    assert await picture_of(browser, developer.id) == before


async def test_a_profile_that_is_not_published_has_no_picture(app: MemoryApp) -> None:
    developer, browser = await app.developer(), Browser(app_of(app))
    path = await picture_of(browser, developer.id)
    await app.store.repositories.developers.save(replace(developer, published=False))

    assert (await browser.ask("GET", path)).status_code == 404
