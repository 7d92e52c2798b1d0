"""The score we compute is the one the Observatory's rules give."""

from __future__ import annotations

import pytest

from tests.web.observatory import Page, results, score

GOOD = {
    "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
    "strict-transport-security": "max-age=31536000",
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
}
OURS = '<script src="/a.js" integrity="sha384-x"></script>'


@pytest.mark.parametrize(
    ("changes", "html", "cookie", "expected"),
    [
        ({}, OURS, "s=1; Secure; HttpOnly; SameSite=Lax", 130),
        ({}, OURS, None, 125),
        ({}, "", None, 120),
        ({}, '<script src="https://cdn.example/a.js"></script>', None, 115),
        ({}, OURS, "s=1; HttpOnly; SameSite=Lax", 95 + 25),
        ({}, OURS, "s=1; Secure; SameSite=Lax", 70),
        ({"content-security-policy": "script-src 'unsafe-inline'"}, OURS, None, 60),
        ({"content-security-policy": "default-src 'none'; script-src 'strict-dynamic'"}, "", None,
         55),
        ({"strict-transport-security": "max-age=86400"}, OURS, None, 90 + 25),
        ({"access-control-allow-origin": "*"}, OURS, None, 50),
        (dict.fromkeys(GOOD, None), "", None, 30),
    ],
)  # fmt: skip
def test_the_score_is_the_observatorys(
    changes: dict[str, str | None], html: str, cookie: str | None, expected: int
) -> None:
    headers = {name: value for name, value in {**GOOD, **changes}.items() if value is not None}

    page = Page("onehour.test", headers, html, (cookie,) if cookie else ())

    assert score(page) == expected, results(page)
