"""Jinja2 templates, with one folder per source."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import fields
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from jinja2 import (
    BytecodeCache,
    Environment,
    FileSystemLoader,
    PrefixLoader,
    StrictUndefined,
    Template,
    TemplateError,
    TemplateNotFound,
    select_autoescape,
)

from adapters.jinja.filters import FILTERS
from adapters.jinja.parts import Quote, parts_of, with_line_marks, without_line_marks
from ports.formats import NO_BREAK, Formats
from ports.templates import Choice, Email, TemplateFailed, Templates, UnknownTemplate

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

RENDER_ERRORS = (TemplateError, LookupError, AttributeError, TypeError, ValueError)
"""Errors of a template that does not match its context."""


class JinjaTemplates(Templates):
    """`sources` are pairs of source name and template folder. The template of the e-mail
    'bookings/accepted' is 'emails/accepted.txt' in the folder of `bookings`; documents are in
    'documents/'.

    `layout` is the path, without extension, of the two layout templates ('.txt' and '.html') of
    every e-mail. `values` are variables of all templates, such as the address of the support.
    Values are escaped in templates whose names end with '.html'.
    """

    compiled: ClassVar[BytecodeCache | None] = None
    """Shared by all that are made in a process, if it makes many with the same sources."""

    def __init__(
        self,
        sources: Iterable[tuple[str, Path]],
        *,
        formats: Formats,
        layout: str,
        values: Mapping[str, str] | None = None,
    ) -> None:
        folders = {name: FileSystemLoader(folder) for name, folder in sources}
        self._formats = formats
        self._layout = layout
        self._environment = Environment(
            loader=PrefixLoader(folders),
            autoescape=select_autoescape(["html"], default=False),
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
            auto_reload=False,
            bytecode_cache=self.compiled,
            finalize=with_line_marks,
        )
        self._environment.filters.update(FILTERS)
        self._environment.tests["quoted"] = _is_quoted
        self._environment.globals.update(values or {}, no_break=NO_BREAK)

    def email(
        self,
        name: str,
        context: DataclassInstance,
        *,
        zone: str,
        locale: str | None = None,
        choice: Choice | None = None,
    ) -> Email:
        template = self._template(name, f"{_in_folder('emails', name)}.txt")
        try:
            parts = parts_of(_blocks(template, self._variables(context, zone, locale)))
            return Email(
                subject=parts.subject,
                text=self._layout_text(f"{self._layout}.txt", email=parts, choice=choice),
                html=self._layout_text(f"{self._layout}.html", email=parts, choice=choice),
            )
        except RENDER_ERRORS as error:
            raise TemplateFailed(name, str(error)) from error

    def document(
        self, name: str, context: DataclassInstance, *, zone: str, locale: str | None = None
    ) -> str:
        template = self._template(name, _in_folder("documents", name))
        try:
            text = template.render(self._variables(context, zone, locale))
        except RENDER_ERRORS as error:
            raise TemplateFailed(name, str(error)) from error
        return without_line_marks(text)

    def _template(self, name: str, path: str) -> Template:
        try:
            return self._environment.get_template(path)
        except TemplateNotFound as error:
            raise UnknownTemplate(name, f"{error.name} does not exist") from error
        except TemplateError as error:
            raise TemplateFailed(name, str(error)) from error

    def _layout_text(self, layout: str, **variables: object) -> str:
        text = self._environment.get_template(layout).render(variables)
        return f"{without_line_marks(text)}\n"

    def _variables(
        self, context: DataclassInstance, zone: str, locale: str | None
    ) -> dict[str, Any]:
        formats = self._formats.in_locale(locale) if locale else self._formats
        own = {field.name: getattr(context, field.name) for field in fields(context)}
        return {**own, "formats": formats, "zone": zone}


def _is_quoted(paragraph: object) -> bool:
    return isinstance(paragraph, Quote)


def _in_folder(folder: str, name: str) -> str:
    source, _, rest = name.partition("/")
    return f"{source}/{folder}/{rest}"


def _blocks(template: Template, variables: dict[str, Any]) -> dict[str, str]:
    """Every block as text, including those of the templates it extends."""
    context = template.new_context(variables)
    for _ in template.root_render_func(context):
        pass  # a parent template adds its blocks to the context
    return {name: "".join(chain[0](context)) for name, chain in context.blocks.items()}
