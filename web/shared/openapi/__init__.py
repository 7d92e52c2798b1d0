"""The OpenAPI description of the API: made from the routes, their models and their callers."""

from web.shared.openapi.description import ApiDescription, WrongDescription
from web.shared.openapi.errors import document_errors
from web.shared.openapi.models import Archive, CalendarFile, Redirect, resolved

__all__ = [
    "ApiDescription",
    "Archive",
    "CalendarFile",
    "Redirect",
    "WrongDescription",
    "document_errors",
    "resolved",
]
