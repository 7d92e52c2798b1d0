"""The field in the form of a booking and the page of administrators, without scripts."""

from __future__ import annotations

import re
from html import unescape
from typing import Any

import pytest
from coupon_world import World

from onehour.api import Money
from onehour.testing.plugins import Browser, signed_in, site

PAGE = "/admin/coupons"


def value_of(html: str, name: str) -> str:
    found = re.search(rf'name="{name}"[^>]*?value="([^"]*)"', html)
    assert found, name
    return unescape(found[1])


async def client_on_profile(world: World) -> tuple[Browser, str, dict[str, str]]:
    (client, _), developer = await world.app.client(), await world.app.developer()
    browser = await signed_in(world.app, site(world.app, world.plugins), client)
    path = f"/developers/{developer.id}"
    _, html = await browser.look(path)
    return browser, path, {"start": value_of(html, "start"), "hours": "1", "brief": "It is slow."}


async def test_a_client_types_a_code_sees_the_price_and_pays_it(world: World) -> None:
    await world.coupon()
    browser, path, form = await client_on_profile(world)

    shown, html = await browser.send(f"{path}/book", **form, plugin_code="spring", show_price="yes")
    booked, _ = await browser.send(
        f"{path}/book", **form, plugin_code="spring", price=value_of(html, "price")
    )

    assert (shown.status_code, booked.status_code) == (200, 303)
    assert "Code SPRING, 20\N{NO-BREAK SPACE}% off" in unescape(html)
    assert value_of(html, "plugin_code") == "spring"
    assert await world.uses() == 1


@pytest.mark.parametrize("button", [{"show_price": "yes"}, {}])
async def test_a_wrong_code_is_an_error_at_the_field(world: World, button: dict[str, str]) -> None:
    browser, path, form = await client_on_profile(world)

    answer, html = await browser.send(f"{path}/book", **form, plugin_code="NOSUCH", **button)

    assert answer.status_code == (200 if button else 422)
    assert 'id="plugin_code-error"' in html
    assert '<a href="#plugin_code">Code</a>: This code is unknown.' in html
    assert 'aria-invalid="true" aria-describedby="plugin_code-error"' in html
    assert "It is slow." in html
    assert value_of(html, "plugin_code") == "NOSUCH"


async def test_the_api_takes_the_code_and_names_the_field(world: World) -> None:
    await world.coupon()
    browser, path, form = await client_on_profile(world)
    body = {
        "developer_id": path.rpartition("/")[2],
        "start": form["start"],
        "hours": 1,
        "brief": "Slow.",
    }
    headers = {"X-CSRF-Token": browser.token}

    async def ask(key: str, code: str) -> tuple[int, dict[str, object]]:
        answer = await browser.ask(
            "POST", "/api/v1/bookings", json={**body, "fields": {"code": code}},
            headers={**headers, "Idempotency-Key": key},
        )  # fmt: skip
        return answer.status_code, await answer.get_json()

    wrong, problem = await ask("key-1", "NOSUCH")
    right, booking = await ask("key-2", "SPRING")
    again, _ = await ask("key-2", "SPRING")

    assert (wrong, right, again) == (422, 201, 201)
    assert problem["errors"] == [{"field": "fields.code", "message": "This code is unknown."}]
    assert len(booking["price_lines"]) == 1  # type: ignore[arg-type]
    assert await world.uses() == 1


async def test_the_api_says_what_a_code_takes_off_before_anything_is_booked(world: World) -> None:
    await world.coupon()
    browser, path, form = await client_on_profile(world)
    body = {"developer_id": path.rpartition("/")[2], "start": form["start"], "hours": 1}

    async def ask(code: str) -> tuple[int, dict[str, Any]]:
        answer = await browser.ask(
            "POST", "/api/v1/quotes", json={**body, "fields": {"code": code}},
            headers={"X-CSRF-Token": browser.token},
        )  # fmt: skip
        return answer.status_code, await answer.get_json()

    right, quote = await ask("SPRING")
    wrong, problem = await ask("NOSUCH")

    assert (right, wrong) == (200, 422)
    assert quote["hours_price"]["amount"] == 240_000
    assert quote["price"]["amount"] == 192_000
    assert [line["amount"]["amount"] for line in quote["price_lines"]] == [-48_000]
    assert problem["errors"] == [{"field": "fields.code", "message": "This code is unknown."}]
    assert await world.uses() == 0


async def test_others_than_clients_see_no_field(world: World) -> None:
    developer = await world.app.developer()
    browser = Browser(site(world.app, world.plugins))

    _, html = await browser.look(f"/developers/{developer.id}")

    assert "plugin_code" not in html


async def admin(world: World) -> Browser:
    return await signed_in(world.app, site(world.app, world.plugins), await world.app.admin())


async def test_an_administrator_creates_lists_and_ends_a_coupon(world: World) -> None:
    browser = await admin(world)
    _, empty = await browser.look(PAGE)

    created, _ = await browser.send(
        PAGE, coupon="autumn-10", amount="250", first_day="2026-11-24", last_day="2026-11-30",
        most_uses="100", most_per_client="1", skill="Python",
    )  # fmt: skip
    _, listed = await browser.look(PAGE)
    coupon = await world.repository.find("AUTUMN-10")
    ended, _ = await browser.send(f"{PAGE}/AUTUMN-10/end")
    _, after = await browser.look(PAGE)
    await world.app.run()
    _, activity = await browser.look("/account/activity")

    assert "No coupons yet" in empty
    assert "Coupon created" in activity and "Coupon ended" in activity
    assert (created.status_code, ended.status_code) == (303, 303)
    assert coupon
    assert (coupon.amount, coupon.percent, coupon.skill) == (Money(25_000), 0, "Python")
    assert (str(coupon.starts_at), str(coupon.ends_at)) == (
        "2026-11-23 18:30:00+00:00", "2026-11-30 18:30:00+00:00",  # midnight in India
    )  # fmt: skip
    assert "AUTUMN-10" in listed and "0 of 100" in listed and "Not yet" in listed
    assert "Ended" in after and "/end" not in after


@pytest.mark.parametrize(
    ("typed", "wrong"),
    [
        ({"coupon": "A", "percent": "20"}, {"coupon"}),
        ({"coupon": "AB C", "percent": "20"}, {"coupon"}),
        ({"coupon": "SPRING"}, {"percent"}),
        ({"coupon": "SPRING", "percent": "20", "amount": "100"}, {"percent"}),
        ({"coupon": "SPRING", "percent": "51"}, {"percent"}),
        ({"coupon": "SPRING", "amount": "-1", "most_uses": "none"}, {"amount", "most_uses"}),
        ({"coupon": "SPRING", "percent": "20", "last_day": "2026-11-22"}, {"last_day"}),
        ({"coupon": "SPRING", "percent": "20", "first_day": "30/11/26"}, {"first_day"}),
        ({"coupon": "SPRING", "percent": "20", "developer": "dev_nobody"}, {"developer"}),
        ({"coupon": "TAKEN", "percent": "20"}, {"coupon"}),
        ({"coupon": "SPRING", "percent": "20", "skill": "x" * 41}, {"skill"}),
    ],
)
async def test_what_is_wrong_in_the_form_is_said_at_its_fields(
    world: World, typed: dict[str, str], wrong: set[str]
) -> None:
    await world.coupon("TAKEN")
    browser = await admin(world)
    await browser.look(PAGE)

    answer, html = await browser.send(PAGE, **typed)

    assert answer.status_code == 422
    assert set(re.findall(r'id="(\w+)-error"', html)) == wrong
    assert await world.repository.find("SPRING") is None


async def test_the_page_is_for_administrators(world: World) -> None:
    (client, _) = await world.app.client()
    browser = await signed_in(world.app, site(world.app, world.plugins), client)

    page, _ = await browser.look(PAGE)
    sent, _ = await browser.send(PAGE, coupon="MINE", percent="50")

    assert (page.status_code, sent.status_code) == (403, 403)
    assert await world.repository.find("MINE") is None
