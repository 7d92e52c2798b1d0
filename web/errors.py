"""Failures become answers: problem+json under /api, a page that says what to do elsewhere."""

from __future__ import annotations

import logging
import secrets

import orjson
from quart import Quart, Response, redirect, render_template, request, url_for
from quart_schema import RequestSchemaValidationError
from werkzeug.exceptions import HTTPException

from core.accounts import EmailUnverified, TooManyTries, WrongCode, WrongPassword
from core.errors import Conflict, Forbidden, Invalid, NotFound, OneHourError, Unavailable
from ports.payments import ForgedNotice
from web.access import SignInFirst
from web.sessions import ForgedRequest

log = logging.getLogger(__name__)

STATUS: tuple[tuple[type[OneHourError], int], ...] = (
    (SignInFirst, 401),
    (WrongPassword, 401),
    (ForgedNotice, 401),
    (TooManyTries, 429),
    (NotFound, 404),
    (Forbidden, 403),
    (Conflict, 409),
    (Invalid, 422),
    (Unavailable, 503),
)
TITLES = {
    400: "This could not be read",
    401: "Log in first",
    403: "Not for this account",
    404: "Nothing here",
    405: "Not this way",
    409: "This has changed",
    413: "Too large",
    422: "Something needs another look",
    429: "A moment, please",
    500: "Something went wrong on our side",
    503: "A service does not answer",
}
SENTENCES = {
    400: "The request could not be read.",
    404: "There is nothing here, or it is not yours to see.",
    405: "This address does not take this kind of request.",
    413: "This is larger than we take.",
    500: "It is not your fault, and nothing you entered was charged. Try again in a moment.",
}

__all__ = ["EmailUnverified", "ForgedRequest", "WrongCode", "install", "problem", "status_of"]


def install(app: Quart) -> None:
    app.register_error_handler(OneHourError, told)
    app.register_error_handler(RequestSchemaValidationError, unreadable)
    app.register_error_handler(HTTPException, refused)
    app.register_error_handler(Exception, broken)


def status_of(error: OneHourError) -> int:
    return next((status for kind, status in STATUS if isinstance(error, kind)), 500)


async def told(error: OneHourError) -> Response:
    status = status_of(error)
    if status == 500:
        return await broken(error)
    if isinstance(error, SignInFirst) and not _is_api():
        back = request.full_path if request.method == "GET" else "/"
        return redirect(url_for("accounts.log_in", next=back.rstrip("?")))  # type: ignore[return-value]
    fields = error.fields if isinstance(error, Invalid) else {}
    return await _answer(status, error.message, error.code, fields)


async def unreadable(error: RequestSchemaValidationError) -> Response:
    """What the schema refused: each field with a sentence of its own."""
    cause = error.validation_error
    if not hasattr(cause, "errors"):
        return await _answer(422, "The request has not the expected form.", "invalid", {})
    fields = {
        ".".join(str(part) for part in item["loc"]) or "body": str(item["msg"]).removeprefix(
            "Value error, "
        )
        for item in cause.errors()
    }
    return await _answer(422, "Something in the request needs another look.", "invalid", fields)


async def refused(error: HTTPException) -> Response:
    status = error.code or 500
    sentence = SENTENCES.get(status, "This could not be done.")
    answer = await _answer(status, sentence, "http_error", {})
    if status == 405 and error.response is None:
        allowed = getattr(error, "valid_methods", None)
        if allowed:
            answer.headers["Allow"] = ", ".join(sorted(allowed))
    return answer


async def broken(error: Exception) -> Response:
    """The last resort: everything is in the log under the id we show, nothing leaves here."""
    trace_id = secrets.token_hex(8)
    log.error("unhandled error %s at %s %s", trace_id, request.method, request.path, exc_info=error)
    return await _answer(500, SENTENCES[500], "internal", {}, trace_id=trace_id)


async def _answer(
    status: int, detail: str, code: str, fields: dict[str, str], *, trace_id: str = ""
) -> Response:
    trace_id = trace_id or secrets.token_hex(8)
    if _is_api():
        return problem(status, detail, code, fields, trace_id=trace_id)
    page = await render_template(
        "errors/error.html", status=status, title=TITLES.get(status, "This could not be done"),
        detail=detail, fields=fields, trace_id=trace_id,
    )  # fmt: skip
    return Response(page, status=status, content_type="text/html; charset=utf-8")


def problem(
    status: int, detail: str, code: str, fields: dict[str, str], *, trace_id: str
) -> Response:
    """RFC 9457, with `code`, `trace_id` and for 422 the fields."""
    body: dict[str, object] = {
        "type": "about:blank",
        "title": TITLES.get(status, "This could not be done"),
        "status": status,
        "detail": detail,
        "code": code,
        "trace_id": trace_id,
    }
    if status == 422:
        body["errors"] = [{"field": name, "message": text} for name, text in fields.items()]
    response = Response(orjson.dumps(body), status=status, content_type="application/problem+json")
    if status in (429, 503):
        response.headers["Retry-After"] = "300" if status == 429 else "2"
    return response


def _is_api() -> bool:
    return request.path.startswith(("/api/", "/healthz", "/readyz", "/dev/mail.json"))
