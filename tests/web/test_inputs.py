"""Input is data: unknown fields are refused, and nothing in it is executed."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from markupsafe import escape

from core.accounts import Role
from tests.app import CALLER, PASSWORD
from tests.web.route_samples import all_samples
from tests.web.site import SiteWithBooking, build_site_with_booking
from web.shared.access import Access, Who
from web.shared.cookies import HEADER
from web.shared.openapi import resolved

OPERATORS = ({"$ne": ""}, {"$gt": ""}, {"$regex": ".*"}, ["x"], {"$where": "1"}, {"a.b": 1})
HOSTILE = (
    "{{31337*1000}}", "{% for x in y %}", "${31337*1000}", "<script>alert(1)</script>",
    '"><img src=x onerror=1>', "{0.__class__}", "%(name)s",
)  # fmt: skip


@pytest.fixture
async def site() -> SiteWithBooking:
    return await build_site_with_booking()


async def writes(site: SiteWithBooking) -> Iterator[tuple[str, str, Access, dict[str, Any]]]:
    """Method, path, callers and the body's fields of every route that takes JSON."""
    browser = await site.browser_for()
    described = await (await browser.ask("GET", "/api/v1/openapi.json")).get_json()
    fields = {
        (method.upper(), path): resolved(
            operation["requestBody"]["content"]["application/json"]["schema"], described
        )
        for path, operations in described["paths"].items()
        for method, operation in operations.items()
        if "application/json" in operation.get("requestBody", {}).get("content", {})
    }
    found = []
    for rule, access in site.rules():
        named = "".join(f"{{{part}}}" if var else part for var, part in rule._trace)
        for method in rule.methods or ():
            schema = fields.get((method, named.removeprefix("|")))
            if schema and "properties" in schema:
                found.append((method, site.path(rule), access, schema["properties"]))
    assert len(found) > 20
    return iter(found)


async def send(site: SiteWithBooking, method: str, path: str, access: Access, body: Any) -> Any:
    browser = await site.browser_for(access)
    before = site.changes
    answer = await browser.ask(method, path, json=body, headers={HEADER: browser.token})
    return answer, site.changes - before


async def test_requirement_30_no_route_takes_a_field_it_does_not_name(
    site: SiteWithBooking,
) -> None:
    for method, path, access, _ in await writes(site):
        for field in ("roles", "is_admin", "version", "email_verified_at", "__proto__", "$set"):
            answer, changed = await send(site, method, path, access, {f"x_{field}": 1, field: 1})

            assert (method, path, answer.status_code) == (method, path, 422)
            assert changed == 0, (path, field)


async def test_requirement_31_no_database_operator_is_accepted_in_a_field(
    site: SiteWithBooking,
) -> None:
    for method, path, access, fields in await writes(site):
        texts = [name for name, schema in fields.items() if schema.get("type") == "string"]
        for name in texts:
            for operator in OPERATORS:
                answer, changed = await send(site, method, path, access, {name: operator})

                assert (method, path, answer.status_code) == (method, path, 422)
                assert changed == 0, (path, name, operator)


async def test_requirement_31_no_database_operator_is_accepted_in_a_query(
    site: SiteWithBooking,
) -> None:
    for method, path, access in site.routes(safe=True):
        if not path.startswith("/api/v1/"):
            continue
        browser = await site.browser_for(access)
        for query in ("cursor[$ne]=x", "email[$gt]=", "limit[$gt]=1", "q[$regex]=.*"):
            answer = await browser.ask(method, f"{path}?{query}")
            assert answer.status_code < 500, (path, query)


@pytest.mark.parametrize("text", HOSTILE)
async def test_requirements_33_and_34_input_is_shown_as_text(
    site: SiteWithBooking, text: str
) -> None:
    app, name = site.app, f"Ada {text}"
    await app.services.accounts.register(
        role=Role.CLIENT, name=name, email="mallory@example.com", password=PASSWORD,
        timezone="UTC", caller=CALLER,
    )  # fmt: skip
    await app.run()
    await app.services.accounts.update(site.client.id, name=name, timezone="UTC")
    client, admin = await site.browser_for(Who.CLIENT), await site.browser_for(Who.ADMIN)

    pages = [
        (await client.look("/account"))[1],
        (await client.look("/welcome"))[1],
        (await admin.look("/admin"))[1],
        (await admin.look("/admin/people"))[1],
        (await admin.look(f"/admin/people/{site.client.id}"))[1],
        (await client.look(f"/login?next={text}"))[1],
        *(mail.html for mail in app.mailer.sent),
    ]

    assert str(escape(text)) in pages[0]
    for page in pages:
        assert "31337000" not in page
        assert "<script>alert(1)" not in page
        assert "<img src=x" not in page


async def test_no_route_stores_a_control_character(site: SiteWithBooking) -> None:
    bodies, asked = all_samples().bodies, set[str]()
    for rule, access in list(site.rules()):
        sent = bodies.get(rule.endpoint)
        (method, *_) = sorted((rule.methods or set()) - {"HEAD", "OPTIONS", "GET"}) or [""]
        if not isinstance(sent, dict) or not sent or not method:
            continue
        (encoding, body), *_ = sent.items()
        if encoding not in ("form", "json") or not isinstance(body, dict):
            continue
        fresh = await build_site_with_booking()
        browser = await fresh.browser_for(access)
        for name, value in body.items():
            harmful = _with_escape(value)
            if harmful is None:
                continue
            asked.add(name)
            more = {encoding: {**body, name: harmful}}
            headers = {HEADER: browser.token}
            if encoding == "form":
                more["form"]["csrf_token"] = browser.token
            await browser.ask(method, fresh.path(rule), headers=headers, **more)
            assert "\\x1b" not in repr(dict(fresh.app.store._tables.rows)), (rule, name)  # type: ignore[attr-defined]

    assert {"name", "headline", "bio", "skills", "languages", "reason", "note", "notes"} <= asked


def _with_escape(value: object) -> object:
    """The text, or the first text of a list, with a character that no field takes."""
    if isinstance(value, list) and value and isinstance(value[0], str):
        return [f"{value[0]}\x1bx", *value[1:]]
    return f"{value}\x1bx" if isinstance(value, str) else None


async def test_half_a_character_in_json_is_refused_by_name(site: SiteWithBooking) -> None:
    browser = await site.browser_for(Who.CLIENT)

    answer = await browser.ask(
        "PATCH", "/api/v1/me", data=b'{"name": "Meera \\ud83d"}',
        headers={HEADER: browser.token, "Content-Type": "application/json"},
    )  # fmt: skip

    assert answer.status_code == 422
    (error,) = (await answer.get_json())["errors"]
    assert error["field"] == "name"
    assert error["message"] == "The text contains half of a character (U+D83D). Remove it."
