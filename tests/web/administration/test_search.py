"""The search of administrators: one box for numbers, people and ids."""

from __future__ import annotations

from typing import Any

import pytest

from core.booking_numbers import ALPHABET
from tests.web.site import Browser, SiteWithBooking, build_site_with_booking
from web.shared.access import Who


@pytest.fixture
async def site() -> SiteWithBooking:
    return await build_site_with_booking()


@pytest.fixture
async def admin(site: SiteWithBooking) -> Browser:
    return await site.browser_for(Who.ADMIN)


async def search(browser: Browser, text: str) -> dict[str, Any]:
    answer = await browser.ask("GET", "/api/v1/admin/search", query_string={"q": text})
    assert answer.status_code == 200
    found: dict[str, Any] = await answer.get_json()
    return found


async def page_of(browser: Browser, text: str) -> str:
    """Where the search leads, or the page it shows."""
    answer = await browser.ask("GET", "/admin/search", query_string={"q": text})
    return answer.headers.get("Location") or await answer.get_data(as_text=True)


async def test_a_booking_is_found_by_number_and_by_the_ids_of_it_and_its_job(
    site: SiteWithBooking, admin: Browser
) -> None:
    number, target = site.booking.number, f"/admin/bookings/{site.booking.id}"

    for text in (
        number,
        number.lower().replace("-", " "),
        number[3:],
        site.booking.id,
        site.job_id,
    ):
        found = await search(admin, text)
        assert [each["number"] for each in found["bookings"]] == [number], text
        assert await page_of(admin, text) == target


async def test_a_payment_is_found_by_every_id_that_its_provider_knows(
    site: SiteWithBooking, admin: Browser
) -> None:
    await site.app.services.answers.cancel(
        site.booking.id, by=site.developer.id, reason="I am ill."
    )
    await site.app.run()
    payment = await site.app.payment(site.booking)
    texts = (payment.id, payment.order_id, payment.attempts[0].id, payment.refunds[0].id)

    for text in texts:
        found = await search(admin, f" {text} ")
        assert [each["id"] for each in found["payments"]] == [payment.id], text
        assert await page_of(admin, text) == f"/admin/payments/{payment.id}"


async def test_people_are_found_by_words_of_the_name_address_and_id(
    site: SiteWithBooking, admin: Browser
) -> None:
    lucia = site.developer
    for text in ("LUCIA", "fernández lucía", lucia.email, lucia.email[:9].upper(), lucia.id):
        found = await search(admin, text)
        assert [each["id"] for each in found["people"]] == [lucia.id], text
        assert await page_of(admin, text) == f"/admin/people/{lucia.id}"
    await site.app.client("Lucía Other")

    assert len((await search(admin, "lucía"))["people"]) == 2
    page = await page_of(admin, "lucía")
    assert lucia.email in page
    assert "Lucía Other" in page


async def test_a_number_with_a_slip_leads_to_the_bookings_that_may_be_meant(
    site: SiteWithBooking, admin: Browser
) -> None:
    number = site.booking.number
    other = ALPHABET[(ALPHABET.index(number[-1]) + 1) % len(ALPHABET)]

    found = await search(admin, f"{number[:-1]}{other}")
    page = await page_of(admin, f"{number[:-1]}{other}")

    assert found["bookings"] == []
    assert found["problem"] == "Check the number: a character is wrong, or two are swapped."
    assert [each["number"] for each in found["near"]] == [number]
    assert number in page
    assert "Did you mean this booking?" in page


async def test_what_nothing_has_finds_nothing(site: SiteWithBooking, admin: Browser) -> None:
    for text in (
        "nobody",
        "OH-7K3M-92Q4",
        "acc_none",
        "job_none",
        "pay_none",
        "\0",
        "%",
        "{}",
        "ß",
    ):
        found = await search(admin, text)
        assert (found["bookings"], found["payments"], found["people"]) == ([], [], []), text
        assert "Nothing found" in await page_of(admin, text)
    assert "No booking has the number OH-7K3M-92Q4." in await page_of(admin, "oh7k3m92q4")
    assert await page_of(admin, "  ") == "/admin"
    assert (await search(admin, " "))["people"] == []
