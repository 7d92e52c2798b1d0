"""The page and the API of billing details."""

from __future__ import annotations

from tests.app import MemoryApp
from tests.web.billing.samples import DETAILS
from tests.web.payments.test_receipts import browser_of, text_of

PAGE, API = "/account/billing", "/api/v1/me/billing"


async def test_details_are_entered_corrected_and_saved(app: MemoryApp) -> None:
    (meera, _) = await app.client()
    browser = await browser_of(app, meera)
    form = {**DETAILS, "csrf_token": browser.token, "state": ""}

    wrong = await browser.ask("POST", PAGE, form={**form, "gstin": "27AAPFU0939F1ZW", "name": ""})
    problems = await wrong.get_data(as_text=True)
    saved = await browser.ask("POST", PAGE, form=form)
    _, page = await browser.look(PAGE)

    assert wrong.status_code == 422
    assert "This GSTIN has a typing mistake: its last character does not fit." in problems
    assert "Enter the name, as it is registered." in problems
    assert "12 FC Road" in problems, "what was typed stays"
    assert saved.status_code == 303
    assert 'value="Krishnan Analytics"' in page
    assert 'value="27" selected' in page
    assert 'value="27AAPFU0939F1ZV"' in page


async def test_developers_read_what_a_gstin_does_to_their_prices(app: MemoryApp) -> None:
    (meera, _), lucia = await app.client(), await app.developer()
    account = await app.store.repositories.accounts.get(lucia.account_id)  # type: ignore[arg-type]

    of_client = await text_of(await browser_of(app, meera), PAGE)
    of_developer = await text_of(await browser_of(app, account), PAGE)

    assert "With a GSTIN, your prices include GST" in of_developer
    assert "your prices include GST" not in of_client


async def test_the_api_replaces_and_removes_them(app: MemoryApp) -> None:
    (meera, _) = await app.client()
    browser = await browser_of(app, meera)
    headers = {"X-CSRF-Token": browser.token}
    empty = dict.fromkeys(DETAILS, "")

    first = await (await browser.ask("GET", API)).get_json()
    put = await (await browser.ask("PUT", API, headers=headers, json=DETAILS)).get_json()
    wrong = await browser.ask("PUT", API, headers=headers, json={"state": "29"})
    shown = await (await browser.ask("GET", API)).get_json()
    removed = await (await browser.ask("PUT", API, headers=headers, json={})).get_json()

    assert (first, put, shown, removed) == (empty, DETAILS, DETAILS, empty)
    assert wrong.status_code == 422
    problem = await wrong.get_json()
    assert [each["field"] for each in problem["errors"]] == ["name", "address"]
