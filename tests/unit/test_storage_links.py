"""Signed links: what was altered, invented, expired or signed for another purpose is refused."""

from __future__ import annotations

import base64
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.memory.clock import FixedClock
from ports.storage import Area, Key, LinkRefused, Upload, UploadId
from ports.storage_links import Download, LinkSigner

NOW = datetime(2026, 5, 4, 12, tzinfo=UTC)
SECRET = b"s" * 32
KEY = Key(Area.QUARANTINE, "fil_00000000000000000000000001")
FINAL = replace(KEY, area=Area.FINAL)
UPLOAD = Upload(key=KEY, size=5, content_type="text/plain")
LIFE = timedelta(minutes=15)


def _signer(secret: bytes = SECRET, now: datetime = NOW) -> LinkSigner:
    return LinkSigner("https://hours.example", secret, FixedClock(now))


def _put() -> str:
    link = _signer().put(UPLOAD, LIFE)
    return link.url.removeprefix("https://hours.example/storage/")


def test_a_link_says_what_it_allows() -> None:
    link = _signer().put(UPLOAD, LIFE)
    grant = _signer().read_upload(_put(), "text/plain")

    assert (link.method, link.headers) == ("PUT", {"Content-Type": "text/plain"})
    assert link.expires == NOW + LIFE
    assert (grant.purpose, grant.upload, grant.part) == ("put", UPLOAD, 0)


def test_a_part_has_its_number_and_its_upload() -> None:
    link = _signer().part(UPLOAD, UploadId("0f" * 16), 1, LIFE)

    grant = _signer().read_upload(link.url.rpartition("/")[2], None)

    assert (grant.purpose, grant.upload, grant.part) == ("part", UPLOAD, 1)
    assert grant.upload_id == "0f" * 16


def test_a_download_has_its_name_and_type() -> None:
    link = _signer().get(FINAL, "a\r\nb.txt", "text/plain", LIFE)

    download = _signer().read_download(link.url.rpartition("/")[2])

    assert download == Download(FINAL, "text/plain", 'attachment; filename="a__b.txt"')


def test_the_longest_name_fits_into_a_link() -> None:
    link = _signer().get(FINAL, "\U0001f4c4" * 5000, "text/plain", LIFE)

    assert _signer().read_download(link.url.rpartition("/")[2]).key == FINAL


def test_a_link_ends() -> None:
    token = _put()

    _signer(now=NOW + LIFE - timedelta(seconds=1)).read_upload(token, "text/plain")
    with pytest.raises(LinkRefused):
        _signer(now=NOW + LIFE).read_upload(token, "text/plain")


@pytest.mark.parametrize("content_type", [None, "", "text/html", "text/plain; charset=x"])
def test_another_type_is_refused(content_type: str | None) -> None:
    with pytest.raises(LinkRefused):
        _signer().read_upload(_put(), content_type)


def test_a_link_has_one_purpose() -> None:
    get = _signer().get(FINAL, "a", "text/plain", LIFE).url.rpartition("/")[2]

    with pytest.raises(LinkRefused):
        _signer().read_download(_put())
    with pytest.raises(LinkRefused):
        _signer().read_upload(get, "text/plain")


@pytest.mark.parametrize(
    "token",
    [
        "", ".", "a", "a.b", "..", "€.€", "A" * 5000, "%00", "é" * 10, "e30.e30", "====.====",
        "W10." + "A" * 43, "\x00.\x00", "a b.c d", "-_.-_",
    ],
)  # fmt: skip
def test_what_is_no_token_is_refused(token: str) -> None:
    with pytest.raises(LinkRefused):
        _signer().read_upload(token, "text/plain")
    with pytest.raises(LinkRefused):
        _signer().read_download(token)


@given(st.integers(min_value=0, max_value=10_000), st.integers(min_value=1, max_value=255))
def test_no_altered_byte_is_accepted(place: int, change: int) -> None:
    content, _, mac = _put().partition(".")
    parts = [_decoded(content), _decoded(mac)]
    which, at = divmod(place, len(parts[0]))
    which %= 2
    altered = bytearray(parts[which])
    altered[at % len(altered)] ^= change
    parts[which] = bytes(altered)

    with pytest.raises(LinkRefused):
        _signer().read_upload(".".join(map(_encoded, parts)), "text/plain")


def test_another_secret_signs_nothing_here() -> None:
    with pytest.raises(LinkRefused):
        _signer(b"t" * 32).read_upload(_put(), "text/plain")


def test_a_short_secret_is_refused() -> None:
    with pytest.raises(ValueError, match="too short"):
        _signer(b"s" * 31)


def test_the_secret_is_not_shown() -> None:
    assert repr(_signer()) == "LinkSigner('https://hours.example')"


def _decoded(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def _encoded(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()
