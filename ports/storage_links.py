"""Links of a storage that has no server of its own: they lead to the application, signed."""

from __future__ import annotations

import base64
import binascii
import hmac
import json
from collections.abc import AsyncIterator
from dataclasses import astuple, dataclass
from datetime import datetime, timedelta
from typing import Literal, Protocol, runtime_checkable
from urllib.parse import urlsplit

from ports.clock import Clock
from ports.storage import Key, Link, LinkRefused, Upload, UploadId
from ports.storage_names import attachment, safe_filename

LINK_PATH = "/storage"
"""The application serves links below this path: `/storage/<token>`."""
KEY_MINIMUM = 32
TOKEN_MAXIMUM = 4096

Purpose = Literal["put", "part", "get"]
METHODS: dict[Purpose, str] = {"put": "PUT", "part": "PUT", "get": "GET"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Grant:
    """What a link allows. `size` is that of the whole file; `part` is 0 for a whole file;
    `filename` is that of a download."""

    purpose: Purpose
    key: str
    expires: int
    content_type: str
    size: int = 0
    upload_id: str = ""
    part: int = 0
    filename: str = ""

    @property
    def upload(self) -> Upload:
        return Upload(key=Key.parse(self.key), size=self.size, content_type=self.content_type)


@dataclass(frozen=True, slots=True)
class Download:
    """What to answer to the link of a download."""

    key: Key
    content_type: str
    disposition: str


@runtime_checkable
class ServesLinks(Protocol):
    """A storage whose links lead to the application, which passes the token on to it."""

    async def receive(
        self, token: str, body: AsyncIterator[bytes], *, content_type: str | None = None
    ) -> None:
        """Store the body of a PUT request. It is read to the end only if it is not too long; an
        error or the cancellation of the task leaves nothing. The caller limits how long it takes.

        Raises `LinkRefused`, also for another `content_type` than that of the link, `WrongSize`,
        `UploadUnknown` and `StorageUnavailable`.
        """
        ...

    def download(self, token: str) -> Download:
        """What a GET request asks for. Raises `LinkRefused`."""
        ...


@dataclass(frozen=True, slots=True)
class LinkSigner:
    """Signs links with a `secret` of 32 or more bytes, the same for all processes."""

    base_url: str
    secret: bytes
    clock: Clock

    def __post_init__(self) -> None:
        if len(self.secret) < KEY_MINIMUM:
            raise ValueError("the key of storage links is too short")

    def __repr__(self) -> str:
        return f"LinkSigner({self.base_url!r})"

    @property
    def origin(self) -> str:
        """Of the addresses of links."""
        parts = urlsplit(self.base_url)
        return f"{parts.scheme}://{parts.netloc}"

    def put(self, upload: Upload, life: timedelta) -> Link:
        return self._link(
            Grant(
                purpose="put",
                key=str(upload.key),
                expires=self._end(life),
                content_type=upload.content_type,
                size=upload.size,
            )
        )

    def part(self, upload: Upload, upload_id: UploadId, number: int, life: timedelta) -> Link:
        """Raises `Invalid` for a part that the upload does not have."""
        upload.part_size(number)
        return self._link(
            Grant(
                purpose="part",
                key=str(upload.key),
                expires=self._end(life),
                content_type=upload.content_type,
                size=upload.size,
                upload_id=upload_id,
                part=number,
            )
        )

    def get(self, key: Key, filename: str, content_type: str, life: timedelta) -> Link:
        return self._link(
            Grant(
                purpose="get",
                key=str(key),
                expires=self._end(life),
                content_type=content_type,
                filename=safe_filename(filename),
            )
        )

    def read_upload(self, token: str, content_type: str | None) -> Grant:
        """The grant of an upload of this type. Raises `LinkRefused`."""
        grant = self._read(token)
        whole = grant.purpose == "put"
        if grant.purpose == "get" or (whole and content_type != grant.content_type):
            raise LinkRefused
        return grant

    def read_download(self, token: str) -> Download:
        """Raises `LinkRefused`."""
        grant = self._read(token)
        if grant.purpose != "get":
            raise LinkRefused
        return Download(Key.parse(grant.key), grant.content_type, attachment(grant.filename))

    def _end(self, life: timedelta) -> int:
        return int((self.clock.now() + life).timestamp())

    def _link(self, grant: Grant) -> Link:
        headers = {"Content-Type": grant.content_type} if grant.purpose == "put" else {}
        return Link(
            method=METHODS[grant.purpose],
            url=f"{self.base_url}{LINK_PATH}/{self._token(grant)}",
            headers=headers,
            expires=datetime.fromtimestamp(grant.expires, self.clock.now().tzinfo),
        )

    def _token(self, grant: Grant) -> str:
        content = json.dumps(astuple(grant), separators=(",", ":")).encode()
        return f"{_text(content)}.{_text(self._mac(content))}"

    def _read(self, token: str) -> Grant:
        content, _, mac = token.partition(".")
        if len(token) > TOKEN_MAXIMUM or not token.isascii():
            raise LinkRefused
        try:
            signed = _bytes(content)
            genuine = hmac.compare_digest(_bytes(mac), self._mac(signed))
        except (ValueError, binascii.Error):
            raise LinkRefused from None
        if not genuine:
            raise LinkRefused
        purpose, key, expires, *rest = json.loads(signed)
        if expires <= self.clock.now().timestamp():
            raise LinkRefused
        names = ("content_type", "size", "upload_id", "part", "filename")
        values = dict(zip(names, rest, strict=True))
        return Grant(purpose=purpose, key=key, expires=expires, **values)

    def _mac(self, content: bytes) -> bytes:
        return hmac.digest(self.secret, b"storage link\n" + content, "sha256")


def _text(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()


def _bytes(text: str) -> bytes:
    return base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
