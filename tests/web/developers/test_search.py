"""The search of developers over HTTP: results, what is left out, and empty states."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import urlencode

import pytest

from core.developers import DeveloperId, Rating
from ports.store import Repositories
from services.developers import rate_developer
from services.shared.capabilities import Capability
from tests.app import MemoryApp, memory_app
from tests.web.site import Browser, app_of

API = "/api/v1/developers"


async def add_team(app: MemoryApp) -> None:
    await app.developer("Asha Nair", 300_000, skills=("Python", "C"))
    await app.developer("Lucía Fernández", 200_000, skills=("Python", "C++", "Go"))
    await app.developer("Ravi Iyer", 100_000, skills=("Go",), languages=("Tamil",))


async def page_of(app: MemoryApp, query: str) -> str:
    """The visible text of the page, with single spaces."""
    answer, html = await Browser(app_of(app)).look(f"/developers?{query}")
    assert answer.status_code == 200
    main = html[html.index("<main") : html.index("</main>")]
    return " ".join(re.sub(r"<[^>]*>", " ", main).split())


async def api(app: MemoryApp, **query: Any) -> Any:
    answer = await app_of(app).test_client().get(API, query_string=query)
    assert answer.status_code == 200
    return await answer.get_json()


def people(found: Any) -> list[str]:
    return sorted(item["name"].split()[0] for item in found["items"])


async def test_a_text_without_a_word_finds_nobody_and_says_why(app: MemoryApp) -> None:
    await add_team(app)

    text = await page_of(app, "q=%21%21%21")
    found = await api(app, q="!!!")

    assert "No word to search for" in text
    assert "“!!!” has no word that can be searched. Type a skill, a tool or a name." in text
    assert "Asha" not in text
    assert found == {"items": [], "next": None, "relaxed": None}


async def test_skills_with_symbols_are_found_by_name(app: MemoryApp) -> None:
    await add_team(app)

    for text in ("C", "c."):
        assert people(await api(app, q=text)) == ["Asha"]
    assert people(await api(app, q="C++")) == people(await api(app, skill="c++")) == ["Lucía"]
    assert people(await api(app, skill=["C"])) == ["Asha"]


async def test_the_page_and_the_api_say_which_words_match(app: MemoryApp) -> None:
    await add_team(app)

    text = await page_of(app, "q=Python+cobol")
    found = await api(app, q="Python cobol")

    assert "No developer matches all of “Python” and “cobol”. These match “Python”." in text
    assert people(found) == ["Asha", "Lucía"]
    assert found["relaxed"] == {"filters": [], "words": ["Python", "cobol"], "matched": ["Python"]}


async def test_the_page_and_the_api_say_which_filters_were_left_out(app: MemoryApp) -> None:
    await add_team(app)

    text = await page_of(app, "q=python&language=Tamil")
    rates = await page_of(app, "q=python&min_rate=4000&max_rate=5000")
    found = await api(app, q="python", min_rate=400_000, max_rate=500_000)

    assert "2 developers" in text
    assert "No developer fulfils all filters. These are found without: Speaks Tamil." in text
    assert "These are found without: From ₹4,000, Up to ₹5,000." in rates
    assert found["relaxed"] == {"filters": ["min_rate", "max_rate"], "words": [], "matched": []}


async def test_a_search_that_left_out_the_time_does_not_claim_it(app: MemoryApp) -> None:
    await add_team(app)

    text = await page_of(app, "q=python&date=2026-11-23&from=12:00&to=13:00")

    assert "These are found without: Mon 23 Nov, 12:00 to 13:00." in text
    assert "Developers free" not in text


async def test_a_search_that_left_out_a_skill_does_not_claim_it(app: MemoryApp) -> None:
    await add_team(app)

    html = (await Browser(app_of(app)).look("/developers?skill=Cobol&language=Tamil"))[1]

    title = html[html.index("<title>") : html.index("</title>")]
    assert "1\N{NO-BREAK SPACE}developer" in title
    assert "Cobol" not in title


async def test_the_list_says_where_only_a_part_matches(app: MemoryApp) -> None:
    await add_team(app)

    text = await page_of(app, "q=python+go")

    both, part = text.index("Lucía"), text.index("These match a part of “python go”:")
    assert both < part < text.index("Asha Nair")
    assert "No developer" not in text


async def test_pages_of_a_relaxed_search_follow_each_other(app: MemoryApp) -> None:
    for number in range(25):
        await app.developer(f"Dev {number}", skills=("Go",))

    html = (await Browser(app_of(app)).look("/developers?q=go&language=Tamil"))[1]
    found = re.search(r'hx-get="([^"]*cursor=[^"]*)"', html)
    assert found
    more = (await Browser(app_of(app)).look(found[1].replace("&amp;", "&")))[1]
    first = await api(app, q="go cobol", language="Tamil", limit=20)
    second = await api(app, q="go cobol", language="Tamil", limit=20, cursor=first["next"])

    names = [set(re.findall(r"Dev \d+(?=</a>)", page)) for page in (html, more)]
    assert [len(found) for found in names] == [20, 5]
    assert not names[0] & names[1]
    assert len({*people(first)}) == 1
    ids = [item["id"] for page in (first, second) for item in page["items"]]
    assert len(set(ids)) == 25
    assert second["relaxed"] == {"filters": ["language"], "words": [], "matched": []}


async def test_a_skill_is_checked_however_it_is_written(app: MemoryApp) -> None:
    await add_team(app)

    html = (await Browser(app_of(app)).look("/developers?skill=cpp&skill=Cobol"))[1]

    checked = re.findall(r'name="skill" value="([^"]*)" checked', html)
    assert checked == ["Cobol", "C++"]


RATINGS = Capability(
    name="ratings",
    build=lambda dependencies, built: {},
    personal_data=None,
    rates_developers=True,
)


async def lucia_rated(app: MemoryApp) -> None:
    lucia = (await api(app, q="lucia"))["items"][0]

    async def step(repositories: Repositories) -> None:
        await rate_developer(repositories, DeveloperId(lucia["id"]), Rating(480, 5))

    await app.store.transact(step)


async def test_stored_ratings_are_not_shown_without_a_capability_that_rates(app: MemoryApp) -> None:
    await add_team(app)
    await lucia_rated(app)

    html = (await Browser(app_of(app)).look("/developers"))[1]
    found = await api(app, min_rating=4.5)

    assert "min_rating" not in html and 'value="rating"' not in html
    assert (await api(app, q="lucia"))["items"][0]["rating"] is None
    assert found["relaxed"]["filters"] == ["min_rating"], "nobody has a rating"


async def test_ratings_are_offered_when_there_are_some() -> None:
    app = memory_app(added=(RATINGS,))
    await add_team(app)
    before = (await Browser(app_of(app)).look("/developers"))[1]
    chosen = (await Browser(app_of(app)).look("/developers?sort=rating"))[1]
    await lucia_rated(app)
    after = (await Browser(app_of(app)).look("/developers"))[1]

    assert "min_rating" not in before
    assert 'value="rating"' not in before
    assert 'value="rating" selected' in chosen
    assert 'name="min_rating"' in after
    assert 'value="rating"' in after
    assert people(await api(app, min_rating=4.5, sort="rating")) == ["Lucía"]


@pytest.mark.parametrize("text", ["x" * 200, "数" * 200, "ﷺ" * 200, "+#." * 60, "a/" * 100])
async def test_any_text_is_answered(app: MemoryApp, text: str) -> None:
    await add_team(app)

    found = await api(app, q=text)

    assert found["items"] == []
    await page_of(app, urlencode({"q": text}))
