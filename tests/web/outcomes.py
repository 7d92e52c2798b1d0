"""One word for the outcome of a request, and what a refusal contains beside it."""

from __future__ import annotations

import re
from urllib.parse import parse_qs, urlsplit

from quart import Response

from onehour.testing.browser import HOST
from web.shared.cookies import ForgedRequest

CODES = {
    "sign_in_first": "login", "token_refused": "login", "session_over": "login",
    "step_up_required": "fresh", "forbidden": "role", "csrf_failed": "csrf",
    "signature_invalid": "sign", "link_refused": "link", "call_closed": "state",
    "not_found": "none",
}  # fmt: skip
SENTENCES = {"This is for": "role", str(ForgedRequest.__doc__): "csrf"}


def outcome_of(answer: Response, text: str) -> str:
    """One word for an answer; `matrix.txt` says what each means. Other statuses are given as
    they are."""
    status = answer.status_code
    if 300 <= status < 400:
        return _led(answer.headers["Location"])
    if 200 <= status < 300:
        return "yes"
    words = {404: "none", 409: "state", 422: "state"}
    if status in words:
        return words[status]
    if answer.mimetype == "application/problem+json":
        code = text.partition('"code":"')[2].partition('"')[0]
        return CODES.get(code, code if status < 500 else str(status))
    return next((word for sentence, word in SENTENCES.items() if sentence in text), str(status))


def _led(location: str) -> str:
    target = urlsplit(location)
    if target.netloc not in ("", HOST):
        return "away"
    query = parse_qs(target.query)
    if "why" in query:
        return "state"
    if target.path == "/login":
        return "yes" if "reset" in query else "login"
    return "fresh" if target.path == "/account/verify" else "yes"


OWN_WORDS = (
    (re.compile(r'"trace_id":"[^"]*"'), '"trace_id":"…"'),
    (re.compile(r"\b[0-9a-f]{32}\b"), "…"),
    (re.compile(r"nonce[-=]\"?[\w-]+"), "nonce…"),
    (re.compile(r'name="csrf_token" value="[^"]*"'), 'name="csrf_token"'),
    (re.compile(r"resume(=|%3D)\w+"), "resume…"),
)


def refusal_of(answer: Response, text: str, thing: str) -> str:
    """All of it but what is only its own: the id of what was asked for, nonces, traces."""
    headers = sorted(
        f"{name}: {value}"
        for name, value in answer.headers.items()
        if name.lower() not in ("set-cookie", "date")
    )
    refusal = "\n".join([str(answer.status_code), *headers, text])
    for pattern, word in OWN_WORDS:
        refusal = pattern.sub(word, refusal)
    return refusal.replace(thing, "<the thing>") if thing else refusal
