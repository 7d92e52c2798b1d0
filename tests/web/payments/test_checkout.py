"""The page of ours before the payment provider's, for any provider."""

from __future__ import annotations

import base64
import hashlib
import json
from pathlib import Path

import pytest
from quart import Quart

from ports.payments import Checkout
from tests.app import MemoryApp
from tests.web.observatory import parsed, tags
from tests.web.site import Browser
from web.app import create_app
from web.shared.context import Site, WebDependencies

SOURCE = b"export async function open() {}\n"


@pytest.fixture
def script(tmp_path: Path) -> Path:
    file = tmp_path / "bank.js"
    file.write_bytes(SOURCE)
    return file


def site_of(app: MemoryApp, **checkouts: Checkout) -> Quart:
    site = Site(base_url="https://onehour.test", secret_key="a secret", checkouts=checkouts)
    return create_app(WebDependencies(app.services, app.store, app.clock, site, app.formats))


async def test_the_page_loads_the_module_of_its_provider(app: MemoryApp, script: Path) -> None:
    words = {"label": "\"quotes\" & 'more' </div>"}
    bank = Checkout(module=script, parameters=words)
    browser = Browser(site_of(app, bank=bank))

    answer, html = await browser.look("/checkout/bank/session_1")

    (place,) = (tag for tag in tags(html, "div") if tag.get("id") == "checkout")
    assert (place["data-session"], json.loads(place["data-parameters"])) == ("session_1", words)
    (tag,) = (tag for tag in tags(html, "script") if tag["src"] == place["data-module"])
    digest = hashlib.sha384(SOURCE).digest()
    assert tag["integrity"] == f"sha384-{base64.b64encode(digest).decode()}"
    assert f"'nonce-{tag['nonce']}'" in answer.headers["Content-Security-Policy"]


async def test_the_module_is_served_as_a_script_and_kept_by_its_mark(
    app: MemoryApp, script: Path
) -> None:
    browser = Browser(site_of(app, bank=Checkout(module=script)))
    _, html = await browser.look("/checkout/bank/session_1")
    (place,) = (tag for tag in tags(html, "div") if tag.get("id") == "checkout")

    marked = await browser.ask("GET", place["data-module"])
    plain = await browser.ask("GET", "/checkout/bank.js")

    assert await marked.get_data() == SOURCE
    assert marked.mimetype == "text/javascript"
    assert marked.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert plain.headers["Cache-Control"] == "no-cache"


async def test_each_page_lets_in_the_origins_of_its_own_provider(
    app: MemoryApp, script: Path
) -> None:
    bank = Checkout(module=script, sources={"frame-src": "https://a.example https://b.example"})
    browser = Browser(site_of(app, bank=bank, till=Checkout(module=script)))

    policies = [
        parsed((await browser.look(f"/checkout/{name}/s"))[0].headers["Content-Security-Policy"])
        for name in ("bank", "till")
    ]

    assert policies[0]["frame-src"] == {"https://a.example", "https://b.example"}
    assert "frame-src" not in policies[1]


async def test_without_scripts_there_is_a_link_or_a_note(app: MemoryApp, script: Path) -> None:
    bank = Checkout(module=script, plain="https://bank.example/pay")
    browser = Browser(site_of(app, bank=bank, till=Checkout(module=script)))

    _, linked = await browser.look("/checkout/bank/session_1")
    _, told = await browser.look("/checkout/till/session_1")

    assert 'href="https://bank.example/pay/session_1"' in linked
    assert "requires JavaScript" in told


@pytest.mark.parametrize(
    "path", ["/checkout/nobody/session_1", "/checkout/nobody.js", "/checkout/bank/no%20session"]
)
async def test_there_is_no_page_for_others(path: str, app: MemoryApp, script: Path) -> None:
    browser = Browser(site_of(app, bank=Checkout(module=script)))

    answer, _ = await browser.look(path)

    assert answer.status_code == 404
