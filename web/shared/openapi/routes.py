"""The operations of the API, as the view functions of the routes declare them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from quart_schema import DataSource
from quart_schema.openapi import QUART_SCHEMA_TAG_ATTRIBUTE
from quart_schema.validation import (
    QUART_SCHEMA_QUERYSTRING_ATTRIBUTE,
    QUART_SCHEMA_REQUEST_ATTRIBUTE,
    QUART_SCHEMA_RESPONSE_ATTRIBUTE,
)
from werkzeug.routing import Rule

from web.shared.access import Access
from web.shared.openapi.errors import Errors, errors_of
from web.shared.openapi.models import Model

PATH_VARIABLE = re.compile(r"<(?:[^:]*:)?([^>]+)>")
CONTENT_TYPES = {
    DataSource.JSON: "application/json",
    DataSource.FORM: "application/x-www-form-urlencoded",
    DataSource.FORM_MULTIPART: "multipart/form-data",
}


@dataclass(frozen=True)
class Route:
    """One operation of the API, as its view function declares it."""

    rule: Rule
    method: str
    view: Callable[..., Any]
    access: Access

    @property
    def id(self) -> str:
        """`bookings_hold`: the capability's blueprint and the view function. Programs generated
        from the document have a function of this name."""
        blueprint, _, name = self.rule.endpoint.rpartition(".")
        return f"{blueprint.removeprefix('api_')}_{name}"

    @property
    def path(self) -> str:
        return PATH_VARIABLE.sub(r"{\1}", self.rule.rule)

    @property
    def tag(self) -> str:
        return next(iter(sorted(getattr(self.view, QUART_SCHEMA_TAG_ATTRIBUTE, ()))), "Other")

    @property
    def query(self) -> Model | None:
        return getattr(self.view, QUART_SCHEMA_QUERYSTRING_ATTRIBUTE, None)

    @cached_property
    def body(self) -> tuple[Model, str] | None:
        """The model of the body and its content type."""
        found = getattr(self.view, QUART_SCHEMA_REQUEST_ATTRIBUTE, None)
        return found and (found[0], CONTENT_TYPES[found[1]])

    @cached_property
    def answers(self) -> Mapping[int, Model]:
        found = getattr(self.view, QUART_SCHEMA_RESPONSE_ATTRIBUTE, {})
        return {int(status): model for status, (model, _) in found.items()}

    @property
    def errors(self) -> Errors:
        return errors_of(
            self.view,
            self.access,
            method=self.method,
            in_path="<" in self.rule.rule,
            query=self.query is not None,
            body=self.body is not None,
        )

    @property
    def models(self) -> Iterator[Model]:
        yield from self.answers.values()
        if self.query:
            yield self.query
        if self.body:
            yield self.body[0]
