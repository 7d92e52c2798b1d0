"""Rendering e-mails and documents from the templates of capabilities and plugins."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from core.errors import Unavailable

if TYPE_CHECKING:
    from _typeshed import DataclassInstance


@dataclass(frozen=True, slots=True)
class Email:
    """One rendered e-mail as text and as HTML; `subject` is one line."""

    subject: str
    text: str
    html: str


@dataclass(frozen=True, slots=True)
class Choice:
    """The last words of an e-mail: what its reader can choose about e-mails of its kind, and the
    page where, with the `label` of its link; `url` may be empty."""

    sentence: str
    url: str = ""
    label: str = "Your choices"


class TemplateFailed(Unavailable):
    """This text cannot be created at the moment. Try again later."""

    code = "template_failed"
    service = "a template"

    def __init__(self, name: str, reason: str) -> None:
        super().__init__()
        self.name, self.reason = name, reason
        self.add_note(f"template {name}: {reason}")


class UnknownTemplate(TemplateFailed):
    """There is no template for this text. Try again later."""

    code = "unknown_template"


class Templates(Protocol):
    """Rules for every adapter:

    - a name is '<source>/<template>', such as 'bookings/accepted'; a source is a capability or a
      plugin with its own template folder;
    - the variables of a template are the fields of `context`, the formats of the locale and the
      recipient's time zone; an undefined variable is an error, not an empty text;
    - user input is escaped: it adds no markup to HTML, no paragraph and no header line;
    - text and HTML of an e-mail are made from one template, with the same wording.

    `zone` is an IANA name, `locale` a language tag (by default the site's). All methods raise
    `UnknownTemplate`, `TemplateFailed` if rendering fails, or `ports.formats.UnknownLocale`.
    """

    def email(
        self,
        name: str,
        context: DataclassInstance,
        *,
        zone: str,
        locale: str | None = None,
        choice: Choice | None = None,
    ) -> Email: ...

    def document(
        self, name: str, context: DataclassInstance, *, zone: str, locale: str | None = None
    ) -> str:
        """`name` has the file extension of the document, such as 'payments/receipt.html'."""
        ...
