"""An error is shown also when the templates of its page are missing."""

from __future__ import annotations

import logging
import re

import pytest
from jinja2 import DictLoader

from tests.app import MemoryApp
from tests.web.observatory import score
from tests.web.site import Browser, app_of, build_site_with_booking
from web.shared.access import Who
from web.shared.plain_page import plain_page

FOR_DEVELOPERS = "/profile/hours"
TRACE_ID = re.compile("<code>([0-9a-f]{32})</code>")


@pytest.fixture
def visitor(app: MemoryApp) -> Browser:
    site = app_of(app)
    site.jinja_env.loader = DictLoader({})
    return Browser(site)


@pytest.mark.parametrize(
    ("path", "status", "title", "sentence"),
    [
        ("/nothing", 404, "Not found", "This does not exist, or you do not have access to it."),
        ("/", 500, "Internal error", "The error was logged. Please try again in a moment."),
        ("/broken", 500, "Internal error", "The error was logged. Please try again in a moment."),
    ],
)
async def test_without_templates_an_error_is_a_plain_page(
    visitor: Browser,
    caplog: pytest.LogCaptureFixture,
    path: str,
    status: int,
    title: str,
    sentence: str,
) -> None:
    answer, html = await visitor.look(path)

    (trace_id,) = TRACE_ID.findall(html)
    assert (answer.status_code, answer.mimetype) == (status, "text/html")
    assert html == plain_page(status=status, title=title, detail=sentence, trace_id=trace_id)
    logged = [record.getMessage() for record in caplog.records if record.levelno == logging.ERROR]
    assert logged[-1] == f"the error page of {trace_id} cannot be rendered"
    assert [line for line in logged if line.startswith("unhandled error")] == (
        [f"unhandled error {trace_id} at GET {path}"] if status == 500 else []
    )


async def test_the_plain_page_has_the_headers_of_every_page(visitor: Browser) -> None:
    _, page = await visitor.page("GET", "/nothing")

    assert score(page) >= 120  # of the usual 125, 5 are for checksums of scripts


async def test_a_page_that_another_handler_of_errors_cannot_render_is_a_plain_page() -> None:
    site = await build_site_with_booking()
    client = await site.browser_for(Who.CLIENT)
    before, _ = await client.look(FOR_DEVELOPERS)
    environment = site.quart_app.jinja_env
    environment.loader = DictLoader({})
    environment.cache = {}

    answer, html = await client.look(FOR_DEVELOPERS)

    assert (before.status_code, answer.status_code) == (403, 500)
    assert TRACE_ID.search(html)


def test_texts_of_the_plain_page_are_escaped() -> None:
    html = plain_page(status=422, title="<b>", detail="<script>", trace_id="0")

    assert "<h1>&lt;b&gt;</h1>" in html and "<p>&lt;script&gt;</p>" in html
