"""Error handlers: problem+json for the API, an error page elsewhere."""

from __future__ import annotations

import logging
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import orjson
from quart import Quart, Response, current_app, render_template, request
from quart_schema import RequestSchemaValidationError
from werkzeug.exceptions import HTTPException, InternalServerError

from core.accounts import MailboxCodeNeeded, TooManyAttempts, WrongPassword
from core.calendars import TooManyReads
from core.errors import Conflict, Forbidden, Invalid, NotFound, OneHourError, Unavailable
from core.sessions import StepUpNeeded
from core.text import problem_with
from ports.payments import ForgedWebhook
from ports.telemetry import current_trace
from ports.tokens import TokenRefused
from ports.video import ForgedNews
from services.accounts import OtpNeeded, RefreshRefused
from web.shared.access import RoleNeeded, SignInFirst
from web.shared.context import now
from web.shared.cookies import StaleForm
from web.shared.kept_forms import detour, way_back
from web.shared.log_allowance import LogAllowance
from web.shared.plain_page import plain_page

log = logging.getLogger(__name__)

STATUS: tuple[tuple[type[OneHourError], int], ...] = (
    (SignInFirst, 401),
    (WrongPassword, 401),
    (OtpNeeded, 401),
    (MailboxCodeNeeded, 401),
    (RefreshRefused, 401),
    (TokenRefused, 401),
    (ForgedWebhook, 401),
    (ForgedNews, 401),
    (TooManyAttempts, 429),
    (TooManyReads, 429),
    (NotFound, 404),
    (Forbidden, 403),
    (Conflict, 409),
    (Invalid, 422),
    (Unavailable, 503),
)
TITLES = {
    400: "Bad request",
    401: "Log in first",
    403: "Access denied",
    404: "Not found",
    405: "Method not allowed",
    409: "Conflict",
    413: "Too large",
    422: "Invalid input",
    429: "Too many requests",
    500: "Internal error",
    503: "Service unavailable",
}
RETRY_AFTER_S = {429: "300", 503: "2"}
DETAILS = {
    400: "The request could not be read.",
    404: "This does not exist, or you do not have access to it.",
    405: "This URL does not support the method of the request.",
    413: "The request is too large.",
    500: "The error was logged. Please try again in a moment.",
}


def install(app: Quart) -> None:
    app.register_error_handler(OneHourError, handle_error)
    app.register_error_handler(RequestSchemaValidationError, handle_schema_error)
    app.register_error_handler(HTTPException, handle_http_error)
    app.register_error_handler(Exception, handle_unexpected_error)


def status_of(error: OneHourError) -> int:
    return status_of_class(type(error))


def status_of_class(error: type[OneHourError]) -> int:
    """The HTTP status that answers errors of this class."""
    return next((status for kind, status in STATUS if issubclass(error, kind)), 500)


async def handle_error(error: OneHourError) -> Response:
    status = status_of(error)
    if status == 500:
        return await handle_unexpected_error(error)
    if isinstance(error, SignInFirst | StepUpNeeded | StaleForm) and not _is_api():
        return await detour(error)
    if isinstance(error, RoleNeeded) and not _is_api():
        return await _role_page(error)
    if isinstance(error, Unavailable):
        _report_outage(error)
    fields = error.fields if isinstance(error, Invalid) else {}
    title = "Not signed by the provider" if isinstance(error, ForgedWebhook) else ""
    return await Problem(status, error.message, error.code, fields, title).response()


def _report_outage(error: Unavailable) -> None:
    """Name the service in the log; the response does not. During an outage every request fails."""
    moment = now()
    fresh = LogAllowance(f"requests without {error.service}", began=moment)
    allowances: dict[str, LogAllowance] = current_app.extensions.setdefault("outages", {})
    if allowances.setdefault(error.service, fresh).allows(moment):
        route = _route()
        reason = error.__cause__ or error.message
        log.error("%s is not available for %s: %.300r", error.service, route, reason)


async def handle_schema_error(error: RequestSchemaValidationError) -> Response:
    """The errors of the request schema, one message for each field."""
    cause = error.validation_error
    if not hasattr(cause, "errors"):
        return await Problem(422, "The request is malformed.", "invalid").response()
    fields = {
        ".".join(str(part) for part in item["loc"]) or "body": _schema_message(item)
        for item in cause.errors()
    }
    detail = "Some fields of the request are invalid."
    return await Problem(422, detail, "invalid", fields).response()


def _schema_message(item: Mapping[str, Any]) -> str:
    """pydantic's message; for a lone surrogate, which it refuses itself, the usual one."""
    message = str(item["msg"]).removeprefix("Value error, ")
    if item["type"] != "string_unicode":
        return message
    return problem_with(str(item["input"])) or message


async def handle_http_error(error: HTTPException) -> Response:
    if isinstance(error, InternalServerError) and isinstance(error.original_exception, Exception):
        # Another error handler has failed, such as one that renders a page.
        return await handle_unexpected_error(error.original_exception)
    status = error.code or 500
    detail = DETAILS.get(status, "The request failed.")
    response = await Problem(status, detail, "http_error").response()
    allowed = getattr(error, "valid_methods", None)
    if allowed:
        response.headers["Allow"] = ", ".join(sorted(allowed))
    return response


async def handle_unexpected_error(error: Exception) -> Response:
    """Log an unexpected error under the trace id of the response, which shows no details."""
    problem = Problem(500, DETAILS[500], "internal")
    log.error("unhandled error %s at %s", problem.trace_id, _route(), exc_info=error)
    return await problem.response()


def _route() -> str:
    """Method and rule: some paths contain secrets, which must not be in a log."""
    rule = request.url_rule
    return f"{request.method} {rule.rule if rule else request.path}"


@dataclass(frozen=True, slots=True)
class Problem:
    """An error response: problem+json (RFC 9457) or a page."""

    status: int
    detail: str
    code: str
    fields: Mapping[str, str] = field(default_factory=dict)
    title: str = ""
    more: Mapping[str, object] = field(default_factory=dict)
    """Further members, for programs."""
    trace_id: str = field(default_factory=lambda: _trace_id())

    @property
    def heading(self) -> str:
        return self.title or TITLES.get(self.status, "Request failed")

    async def response(self) -> Response:
        response = self._as_json() if _is_api() else await self._as_page()
        if self.status in RETRY_AFTER_S:
            response.headers["Retry-After"] = RETRY_AFTER_S[self.status]
        return response

    def _as_json(self) -> Response:
        body: dict[str, object] = {
            "type": "about:blank",
            "title": self.heading,
            "status": self.status,
            "detail": self.detail,
            "code": self.code,
            "trace_id": self.trace_id,
            **self.more,
        }
        if self.status == 422:
            body["errors"] = [{"field": n, "message": text} for n, text in self.fields.items()]
        response = Response(
            orjson.dumps(body), status=self.status, content_type="application/problem+json"
        )
        if self.status == 401:
            response.headers["WWW-Authenticate"] = "Bearer"
        return response

    async def _as_page(self) -> Response:
        facts: dict[str, Any] = {
            "status": self.status,
            "title": self.heading,
            "detail": self.detail,
            "trace_id": self.trace_id,
        }
        try:
            page = await render_template("errors/error.html", **facts, fields=self.fields)
        except Exception:  # whatever it was, the visitor gets a page
            log.exception("the error page of %s cannot be rendered", self.trace_id)
            page = plain_page(**facts)
        return Response(page, status=self.status, content_type="text/html; charset=utf-8")


def _trace_id() -> str:
    """The id of the request, which each of its log lines has."""
    trace = current_trace()
    return trace.trace_id if trace else secrets.token_hex(16)


async def _role_page(error: RoleNeeded) -> Response:
    """Offers the missing role, and then leads on to the page, or back to the form."""
    page = await render_template(
        "errors/role.html", detail=error.message, role=error.role.value, back=await way_back(error)
    )
    return Response(page, status=403, content_type="text/html; charset=utf-8")


def _is_api() -> bool:
    return request.path.startswith(("/api/", "/healthz", "/readyz", "/storage/", "/dev/mail.json"))
