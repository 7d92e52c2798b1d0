"""What templates with files use."""

from __future__ import annotations

from quart import Blueprint

from core.file_usage import count_maximum
from core.files import Purpose
from web.files.wording import file_facts, file_icon, limit_words, size_words
from web.shared.context import services
from web.shared.headers import allow_source

ENTRIES_SHOWN = 50
"""Files of an archive that a page lists."""


def add_globals(blueprint: Blueprint) -> None:
    """Make the functions known to the templates of all capabilities."""
    for function in (
        file_bytes_maximum,
        file_count_maximum,
        file_facts,
        file_icon,
        limit_words,
        send_files,
        show_previews,
        size_words,
    ):
        blueprint.add_app_template_global(function)
    blueprint.add_app_template_global(ENTRIES_SHOWN, "ENTRIES_SHOWN")  # type: ignore[arg-type]


def show_previews() -> str:
    """Let this page show pictures, sounds and videos of the file storage."""
    sources = " ".join(services().storage_links.origins)
    allow_source("media-src", f"'self' {sources}".strip())
    if sources:
        allow_source("img-src", sources)
    return ""


def send_files() -> str:
    """Let scripts of this page send files to the file storage."""
    sources = " ".join(services().storage_links.origins)
    if sources:
        allow_source("connect-src", sources)
    return show_previews()


def file_bytes_maximum(purpose: str) -> int:
    return services().uploads.size_maximum(Purpose(purpose))


def file_count_maximum(purpose: str) -> int:
    return count_maximum(Purpose(purpose), services().uploads.policy)
