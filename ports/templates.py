"""Rendering e-mails and documents from templates that stand beside their capability."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from core.errors import Unavailable

if TYPE_CHECKING:
    from _typeshed import DataclassInstance


@dataclass(frozen=True, slots=True)
class Email:
    """One e-mail in both forms; `subject` is one line."""

    subject: str
    text: str
    html: str


class TemplateFailed(Unavailable):
    """This text cannot be produced at the moment. Try again later."""

    code = "template_failed"

    def __init__(self, name: str, reason: str) -> None:
        super().__init__()
        self.name, self.reason = name, reason
        self.add_note(f"template {name}: {reason}")


class UnknownTemplate(TemplateFailed):
    """There is no template for this text. Try again later."""

    code = "unknown_template"


class Templates(Protocol):
    """Every adapter keeps:

    - a name is '<source>/<template>', such as 'bookings/accepted'; a source is a capability or a
      plugin, with a folder of templates of its own;
    - the variables of a template are the fields of `context`, beside the formats of the locale
      and the reader's zone; a variable that is not there is an error, not an empty text;
    - what people wrote is text: it adds no markup to HTML, no paragraph, no header line;
    - the wording of an e-mail is written once: text and HTML say the same.

    `zone` is an IANA name, `locale` a language tag; without one it is the site's. All methods
    raise `UnknownTemplate`, `TemplateFailed` for one that cannot be rendered, or
    `ports.formats.UnknownLocale`.
    """

    def email(
        self, name: str, context: DataclassInstance, *, zone: str, locale: str | None = None
    ) -> Email: ...

    def document(
        self, name: str, context: DataclassInstance, *, zone: str, locale: str | None = None
    ) -> str:
        """`name` ends with the kind of the document, such as 'payments/receipt.html'."""
        ...
