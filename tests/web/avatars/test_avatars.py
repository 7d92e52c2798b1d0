"""Profile pictures over HTTP: forms and the API, refusals, and how a picture is served."""

from __future__ import annotations

import asyncio
import re
from dataclasses import dataclass, field
from io import BytesIO
from typing import Any

import pytest
from quart import Quart
from quart.datastructures import FileStorage
from werkzeug.datastructures import Headers

from adapters.pillow.pictures import WAITING_MAXIMUM, PillowPictures
from core.accounts import Account
from core.developers import Developer
from onehour.testing.pictures_samples import GREEN, RED, plain
from tests.app import CALLER, PASSWORD, MemoryApp
from web.app import create_app
from web.shared.context import Site, WebDependencies
from web.shared.openapi import resolved

API = "/api/v1"
FACE = plain("PNG", (300, 300), RED)
OTHER = plain("JPEG", (300, 300), GREEN)
TOO_LARGE = "This picture is larger than 5\N{NO-BREAK SPACE}MB. Choose a smaller one."


@dataclass
class Browser:
    """Keeps its cookie, sends its form token, follows nothing by itself."""

    quart_app: Quart
    token: str = ""
    client: Any = field(init=False)

    def __post_init__(self) -> None:
        self.client = self.quart_app.test_client()

    async def log_in(self, account: Account) -> None:
        answer = await self.client.get(f"{API}/csrf")
        self.token = (await answer.get_json())["token"]
        done = await self.api("POST", "/auth/login", {"email": account.email, "password": PASSWORD})
        assert done.status_code == 200, await done.get_data(as_text=True)

    async def api(self, method: str, path: str, json: object = None, **how: Any) -> Any:
        headers = {"X-CSRF-Token": self.token, **how.pop("headers", {})}
        if json is not None:
            how["json"] = json
        return await self.client.open(f"{API}{path}", method=method, headers=headers, **how)

    async def hand_in(self, path: str, upload: bytes | None, **form: str) -> Any:
        files = {"picture": FileStorage(BytesIO(upload), "me.png")} if upload is not None else {}
        return await self.client.post(path, form={"csrf_token": self.token, **form}, files=files)

    async def page(self, path: str) -> str:
        answer = await self.client.get(path)
        assert answer.status_code == 200
        return str(await answer.get_data(as_text=True))


@pytest.fixture
def site(app: MemoryApp) -> Quart:
    site = Site(base_url="http://localhost", secret_key="a secret for tests")
    quart_app = create_app(WebDependencies(app.services, app.store, app.clock, site, app.formats))
    return quart_app


@pytest.fixture
async def lucia(app: MemoryApp) -> Developer:
    return await app.developer()


@pytest.fixture
async def as_lucia(app: MemoryApp, site: Quart, lucia: Developer) -> Browser:
    browser = Browser(site)
    account = await app.store.repositories.accounts.find(lucia.account_id)  # type: ignore[arg-type]
    assert account
    await app.services.factors.set_two_factor(account.id, on=False, caller=CALLER)
    await browser.log_in(account)
    return browser


@pytest.fixture
async def as_meera(app: MemoryApp, site: Quart) -> Browser:
    browser = Browser(site)
    await browser.log_in((await app.client())[0])
    return browser


async def put_on(browser: Browser) -> str:
    answer = await browser.api("POST", "/me/avatar", data=FACE)
    assert answer.status_code == 200
    return str((await answer.get_json())["avatar_url"])


# The API


async def test_a_program_sends_the_picture_as_the_body(
    site: Quart, lucia: Developer, as_lucia: Browser
) -> None:
    address = await put_on(as_lucia)

    profile = await (await site.test_client().get(f"{API}/developers/{lucia.id}")).get_json()
    cards = await (await site.test_client().get(f"{API}/developers")).get_json()
    assert re.fullmatch(r"/avatars/ava_[0-9a-f]{32}\.webp", address)
    assert profile["avatar_url"] == address
    assert [card["avatar_url"] for card in cards["items"]] == [address]


async def test_a_program_sends_the_picture_in_a_form(as_meera: Browser) -> None:
    files = {"picture": FileStorage(BytesIO(FACE), "me.png")}
    answer = await as_meera.api("POST", "/me/avatar", files=files)

    assert answer.status_code == 200
    address = (await answer.get_json())["avatar_url"]
    client = await (await as_meera.api("GET", "/clients/me")).get_json()
    assert client["avatar_url"] == address


async def test_a_program_takes_the_picture_away(as_lucia: Browser) -> None:
    address = await put_on(as_lucia)

    answer = await as_lucia.api("DELETE", "/me/avatar")

    assert (answer.status_code, await answer.get_json()) == (200, {"avatar_url": None})
    assert (await as_lucia.client.get(address)).status_code == 404
    mine = await (await as_lucia.api("GET", "/developers/me")).get_json()
    assert mine["avatar_url"] is None


@pytest.mark.parametrize(
    ("body", "sentence"),
    [
        (b"", "Choose a picture first."),
        (b"<svg/>", "Choose a JPEG, PNG, WebP or GIF picture."),
        (FACE + bytes(5_000_000), TOO_LARGE),
    ],
)
async def test_a_program_gets_the_reason_why_a_picture_is_refused(
    as_lucia: Browser, body: bytes, sentence: str
) -> None:
    answer = await as_lucia.api("POST", "/me/avatar", data=body)

    problem = await answer.get_json()
    assert (answer.status_code, problem["code"]) == (422, "picture_refused")
    assert problem["errors"] == [{"field": "picture", "message": sentence}]


async def test_a_field_that_is_no_file_is_no_picture(as_lucia: Browser) -> None:
    answer = await as_lucia.client.post(
        f"{API}/me/avatar",
        headers={
            "X-CSRF-Token": as_lucia.token,
            "Content-Type": "multipart/form-data; boundary=x",
        },
        data='--x\r\nContent-Disposition: form-data; name="picture"\r\n\r\nme\r\n--x--\r\n',
    )

    assert answer.status_code == 422
    assert (await answer.get_json())["detail"] == "Choose a picture first."


@pytest.mark.parametrize(
    "with_length", [True, False], ids=["its length with_length", "its length not with_length"]
)
async def test_far_too_large_a_body_is_not_read(as_lucia: Browser, with_length: bool) -> None:
    body = bytes(6_000_000)
    headers = Headers({"X-CSRF-Token": as_lucia.token})
    if with_length:
        headers["Content-Length"] = str(len(body))

    answer = await as_lucia.client.post(f"{API}/me/avatar", headers=headers, data=body)

    problem = await answer.get_json()
    assert (answer.status_code, problem["detail"]) == (413, TOO_LARGE)


async def test_only_pictures_may_be_large(as_lucia: Browser) -> None:
    body = bytes(1_000_001)

    sent = [
        await as_lucia.api("PUT", "/developers/me", {"headline": "x" * len(body)}),
        await as_lucia.client.post("/profile", form={"csrf_token": "x" * len(body)}),
        await as_lucia.hand_in("/account", body),
        await as_lucia.hand_in("/account/avatar/remove", body),
    ]

    assert [answer.status_code for answer in sent] == [413] * 4


async def test_other_users_and_forged_requests_change_no_picture(
    site: Quart, lucia: Developer, as_lucia: Browser, app: MemoryApp
) -> None:
    address, other = await put_on(as_lucia), Browser(site)
    other.token = (await (await other.client.get(f"{API}/csrf")).get_json())["token"]
    as_lucia.token = "forged"

    statuses = [
        (await browser.api(method, "/me/avatar", data=OTHER)).status_code
        for browser in (other, as_lucia)
        for method in ("POST", "DELETE")
    ]

    assert statuses == [401, 401, 403, 403]
    assert (await app.services.developers.own_profile(by=lucia.account_id)).avatar == address


async def test_the_description_for_programs_names_the_field(site: Quart) -> None:
    described = await (await site.test_client().get(f"{API}/openapi.json")).get_json()

    operations = described["paths"][f"{API}/me/avatar"]
    content = operations["post"]["requestBody"]["content"]["multipart/form-data"]
    body = resolved(content["schema"], described)
    assert set(operations) == {"post", "delete"}
    assert body["properties"]["picture"]["format"] == "binary"
    assert body["required"] == ["picture"]


# Serving the picture


async def test_a_picture_is_served_to_anybody_and_cached_for_ever(
    site: Quart, as_lucia: Browser
) -> None:
    address = await put_on(as_lucia)

    answer = await site.test_client().get(address)

    name = address.removeprefix("/avatars/")
    body = await answer.get_data(as_text=False)
    assert (answer.status_code, answer.content_type) == (200, "image/webp")
    assert (body[:4], body[8:12]) == (b"RIFF", b"WEBP")
    assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert answer.headers["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert answer.headers["Content-Disposition"] == f'inline; filename="{name}"'
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert "Set-Cookie" not in answer.headers


async def test_the_owner_gets_the_picture_with_the_same_cache_headers_as_anybody(
    as_lucia: Browser,
) -> None:
    answer = await as_lucia.client.get(await put_on(as_lucia))

    assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert "Set-Cookie" not in answer.headers


async def test_a_browser_that_has_the_picture_is_sent_nothing(
    site: Quart, as_lucia: Browser
) -> None:
    address = await put_on(as_lucia)
    tag = (await site.test_client().get(address)).headers["ETag"]

    again = await site.test_client().get(address, headers={"If-None-Match": tag})

    assert (again.status_code, await again.get_data(as_text=False)) == (304, b"")
    assert again.headers["ETag"] == tag


@pytest.mark.parametrize("name", ["ava_0.webp", "x.webp", "ava_0", "..%2Flook.css", "%00.webp"])
async def test_there_is_nothing_else_below_that_path(site: Quart, name: str) -> None:
    answer = await site.test_client().get(f"/avatars/{name}")

    assert answer.status_code == 404
    assert "immutable" not in answer.headers["Cache-Control"]
    assert "Set-Cookie" not in answer.headers


# The site


async def test_a_developer_changes_the_picture_on_the_profile_page(
    site: Quart, lucia: Developer, as_lucia: Browser
) -> None:
    assert 'enctype="multipart/form-data"' in await as_lucia.page("/profile")

    answer = await as_lucia.hand_in("/account/avatar", FACE, back="/profile")

    assert (answer.status_code, answer.headers["Location"]) == (303, "/profile?saved=yes")
    shown = r'<img class="avatar l" src="/avatars/ava_[0-9a-f]{32}\.webp"'
    assert re.search(shown, await as_lucia.page("/profile"))
    assert re.search(shown, await Browser(site).page(f"/developers/{lucia.id}"))


async def test_a_client_changes_and_removes_the_picture_on_the_account_page(
    as_meera: Browser,
) -> None:
    assert "Remove picture" not in await as_meera.page("/account")

    answer = await as_meera.hand_in("/account/avatar", FACE, back="/account")
    with_avatar = await as_meera.page("/account")
    removed = await as_meera.client.post(
        "/account/avatar/remove", form={"csrf_token": as_meera.token, "back": "/account"}
    )

    assert answer.headers["Location"] == removed.headers["Location"] == "/account?saved=yes"
    assert "Remove picture" in with_avatar
    assert "/avatars/ava_" in with_avatar
    assert "/avatars/ava_" not in await as_meera.page("/account")


async def test_the_form_redirects_to_no_other_site(as_meera: Browser) -> None:
    answer = await as_meera.hand_in("/account/avatar", FACE, back="https://example.com/")

    assert answer.headers["Location"] == "/account?saved=yes"


@pytest.mark.parametrize(
    ("upload", "status", "sentence"),
    [
        (None, 422, "Choose a picture first."),
        (b"", 422, "Choose a picture first."),
        (b"<html>", 422, "Choose a JPEG, PNG, WebP or GIF picture."),
        (
            FACE[:-30],
            422,
            "This picture is incomplete or damaged. Save it again, or choose another.",
        ),
        (FACE + bytes(5_000_000), 422, TOO_LARGE),
        (bytes(6_000_000), 413, TOO_LARGE),
    ],
    ids=["no file", "empty", "html", "cut off", "a little too large", "far too large"],
)
async def test_the_reason_of_a_refused_picture_is_shown_beside_the_field(
    as_lucia: Browser, upload: bytes | None, status: int, sentence: str
) -> None:
    answer = await as_lucia.hand_in("/account/avatar", upload, back="/profile")

    page = await answer.get_data(as_text=True)
    assert answer.status_code == status
    assert re.search(rf'id="picture-error">.*{re.escape(sentence)}</p>', page)
    assert 'aria-invalid="true" aria-describedby="picture-error picture-hint"' in page
    assert re.search(r'href="/profile">\s*Back to your profile', page)


async def test_a_huge_body_without_a_session_is_refused_with_the_same_sentence(site: Quart) -> None:
    answer = await Browser(site).hand_in("/account/avatar", bytes(6_000_000))

    assert answer.status_code == 413
    assert TOO_LARGE in await answer.get_data(as_text=True)


async def test_each_side_of_a_booking_sees_the_other(
    app: MemoryApp, lucia: Developer, as_lucia: Browser, as_meera: Browser
) -> None:
    addresses = [await put_on(as_lucia), await put_on(as_meera)]
    client = await (await as_meera.api("GET", "/clients/me")).get_json()
    found = await app.store.repositories.clients.get(client["id"])
    account = await app.store.repositories.accounts.find(found.account_id)  # type: ignore[arg-type]
    assert account
    booking = await app.confirmed(account, lucia)

    for path in (f"/bookings/{booking.id}", "/dashboard"):
        pages = [await who.page(path) for who in (as_meera, as_lucia)]
        assert [address in page for page in pages for address in addresses] == [True] * 4, path


async def test_too_many_pictures_at_once_are_to_be_sent_again(
    app: MemoryApp, as_lucia: Browser
) -> None:
    pictures = app.services.avatars.pictures
    assert isinstance(pictures, PillowPictures)
    async with pictures._gate:  # so that none is done before the others have come
        sent = [asyncio.create_task(pictures.avatar(FACE)) for _ in range(WAITING_MAXIMUM)]
        await asyncio.sleep(0)

        by_api = await as_lucia.api("POST", "/me/avatar", data=FACE)
        by_page = await as_lucia.hand_in("/account/avatar", FACE)

    assert (by_api.status_code, (await by_api.get_json())["code"]) == (503, "pictures_busy")
    assert by_page.status_code == 503
    assert "Try again in a minute." in await by_page.get_data(as_text=True)
    assert by_api.headers["Retry-After"] == by_page.headers["Retry-After"] == "2"
    await asyncio.gather(*sent)
    assert await put_on(as_lucia)
