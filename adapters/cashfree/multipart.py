"""A form with one file, as `multipart/form-data` (RFC 7578)."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping


def form(fields: Mapping[str, str], *, name: str, content: bytes, kind: str) -> tuple[str, bytes]:
    """Content type and body. The boundary is made of the content, so a repeat is the same body,
    as an idempotency key demands. Names and values are ours and have no quotes or breaks."""
    boundary = f"onehour{hashlib.sha256(content).hexdigest()[:40]}"
    parts = [
        f'--{boundary}\r\nContent-Disposition: form-data; name="{key}"\r\n\r\n{value}\r\n'.encode()
        for key, value in fields.items()
    ]
    head = (
        f'--{boundary}\r\nContent-Disposition: form-data; name="file"; filename="{name}"\r\n'
        f"Content-Type: {kind}\r\n\r\n"
    ).encode()
    body = b"".join((*parts, head, content, f"\r\n--{boundary}--\r\n".encode()))
    return f"multipart/form-data; boundary={boundary}", body
