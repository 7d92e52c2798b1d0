"""What search engines and other sites read in the head of a page."""

from __future__ import annotations

import json
import re
from dataclasses import replace

import pytest

from core.money import Money
from tests.app import MemoryApp
from tests.web.observatory import tags
from tests.web.site import URL, Browser, app_of

PUBLIC = (
    "/", "/developers", "/rules", "/help", "/terms", "/privacy", "/sign-up", "/sign-up/client",
    "/sign-up/developer", "/login", "/api/v1/docs",
)  # fmt: skip
UNLISTED = ("/developers?q=python", "/forgot", "/reset", "/confirm", "/time-zone", "/nothing-here")
DATA = re.compile(r'<script type="application/ld\+json" nonce="([^"]+)">(.*?)</script>', re.S)
HOSTILE = "</script><script>alert('&lt;')</script>"


def metas(html: str) -> dict[str, str]:
    named = ((tag.get("name") or tag.get("property"), tag) for tag in tags(html, "meta"))
    return {name: tag.get("content", "") for name, tag in named if name}


def canonical(html: str) -> list[str]:
    return [tag["href"] for tag in tags(html, "link") if tag.get("rel") == "canonical"]


@pytest.mark.parametrize("path", PUBLIC)
async def test_a_public_page_describes_itself(app: MemoryApp, path: str) -> None:
    browser = Browser(app_of(app))
    _, html = await browser.look(path)

    head = metas(html)
    assert "robots" not in head
    assert canonical(html) == [head["og:url"]] == [URL + path]
    assert 40 <= len(head["description"]) <= 160
    assert head["og:description"] == head["description"]
    title = " ".join(html.partition("<title>")[2].partition(" |")[0].split())
    assert head["og:title"] == title
    assert head["twitter:card"] == "summary_large_image"
    picture = await browser.ask("GET", head["og:image"].removeprefix(URL))
    assert (picture.status_code, picture.mimetype) == (200, "image/png")


async def test_descriptions_differ_from_page_to_page(app: MemoryApp) -> None:
    browser = Browser(app_of(app))
    found = [metas((await browser.look(path))[1])["description"] for path in PUBLIC]

    assert len(set(found)) == len(found)


@pytest.mark.parametrize("path", UNLISTED)
async def test_other_open_pages_are_not_listed(app: MemoryApp, path: str) -> None:
    _, html = await Browser(app_of(app)).look(path)

    assert metas(html)["robots"] == "noindex"
    assert canonical(html) == []


async def test_pages_of_accounts_are_not_listed(app: MemoryApp) -> None:
    (client, _) = await app.client()
    browser = Browser(app_of(app))
    await browser.look("/login")
    await browser.log_in(client)

    for path in ("/dashboard", "/account", "/account/security", "/account/data"):
        page, html = await browser.look(path)
        assert (page.status_code, metas(html)["robots"]) == (200, "noindex"), path


async def test_the_choices_on_a_profile_do_not_change_its_address(app: MemoryApp) -> None:
    developer = await app.developer()
    _, html = await Browser(app_of(app)).look(f"/developers/{developer.id}?hours=2&zone=UTC")

    assert canonical(html) == [f"{URL}/developers/{developer.id}"]
    assert metas(html)["og:type"] == "profile"


async def test_a_profile_offers_an_hour_of_a_person(app: MemoryApp) -> None:
    made = await app.developer("Ana Lima", skills=("Python",))
    changed = replace(made, rate=Money(123_405), avatar="/avatars/ava_1.webp")
    developer = await app.store.repositories.developers.save(changed)
    answer, html = await Browser(app_of(app)).look(f"/developers/{developer.id}")

    [(nonce, text)] = DATA.findall(html)
    page = f"{URL}/developers/{developer.id}"
    person = json.loads(text)["mainEntity"]
    assert f"'nonce-{nonce}'" in answer.headers["Content-Security-Policy"]
    assert (person["@type"], person["name"], person["url"]) == ("Person", "Ana Lima", page)
    assert person["image"] == f"{URL}/avatars/ava_1.webp"
    offer = person["makesOffer"]
    assert (offer["price"], offer["priceCurrency"]) == ("1234.05", "INR")
    assert offer["priceSpecification"]["unitCode"] == "HUR"
    assert offer["itemOffered"]["provider"] == {"@id": person["@id"]}


async def test_no_text_of_a_profile_can_end_its_data(app: MemoryApp) -> None:
    made = await app.developer()
    changed = replace(made, headline=HOSTILE, name=f"Ana {HOSTILE}", skills=(HOSTILE,))
    developer = await app.store.repositories.developers.save(changed)
    _, html = await Browser(app_of(app)).look(f"/developers/{developer.id}")

    [(_, text)] = DATA.findall(html)
    assert "alert('" not in html
    assert json.loads(text)["mainEntity"]["description"] == HOSTILE
    assert metas(html)["description"].startswith(HOSTILE)


async def test_a_profile_that_is_not_published_is_not_listed(app: MemoryApp) -> None:
    developer = await app.developer()
    draft = await app.store.repositories.developers.save(replace(developer, published=False))
    account = await app.store.repositories.accounts.get(draft.account_id)  # type: ignore[arg-type]
    browser = Browser(app_of(app))
    await browser.look("/login")
    await browser.log_in(account)
    if account.factor:
        await app.run()
        form = {"code": app.code_for(account.email), "csrf_token": browser.token}
        await browser.ask("POST", "/login/code", form=form)

    page, html = await browser.look(f"/developers/{draft.id}")

    assert (page.status_code, metas(html)["robots"]) == (200, "noindex")
    assert not DATA.search(html)
