"""Static files: a folder per capability, and one bundle of all style sheets."""

from __future__ import annotations

import hashlib
import re
from base64 import b64encode
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from mimetypes import guess_type
from pathlib import Path, PurePosixPath
from typing import cast

from markupsafe import Markup
from quart import Quart, Response, abort, current_app, request, url_for
from quart_schema import hide
from werkzeug.security import safe_join

from core.errors import OneHourError
from web.shared.caching import with_etag
from web.shared.compression import keep_compressed
from web.shared.headers import nonce
from web.shared.minified import minified

COMMON = Path(__file__).parent.parent / "static"
"""Files of no capability: the favicon and the packages from npm (`vendor`)."""
TEXT_FONTS = tuple(
    COMMON / "vendor" / "archivo" / "files" / f"archivo-{part}-wght-normal.woff2"
    for part in ("latin", "latin-ext")
)
"""The files of the font of all texts, by part of the Latin script; from npm, so maybe missing."""
DOCUMENT_FONTS = COMMON / "vendor" / "noto"
"""The fonts of printed documents, also from npm; `web/static/fonts.txt` lists them."""
BUNDLE = "look.css"
NAME = "assets"
MISSING = "0"
"""The version of a missing file."""
FILE_IN_SHEET = re.compile(r"""url\(["']?(?!data:|https?:|[/#])([^"')?]+)["']?\)""")
KINDS = {
    ".js": "text/javascript",
    ".mjs": "text/javascript",
    ".css": "text/css",
    ".svg": "image/svg+xml",
    ".webp": "image/webp",
    ".woff2": "font/woff2",
    ".webmanifest": "application/manifest+json",
}
"""Of the files we have: what the system knows differs from machine to machine."""
PREFIX = re.compile(r"[a-z][a-z0-9_-]*")


class WrongStaticFolder(OneHourError, ValueError):
    """A folder of static files cannot be served as it is declared."""

    code = "wrong_static_folder"


@dataclass(frozen=True, slots=True)
class StaticFolder:
    """The files of a capability or plugin, served below `/static/<prefix>/`.

    `sheets` are the style sheets of the folder for the bundle, in the order of the cascade: paths
    inside the folder. Their rules are in `@layer components`; a `url()` is relative to
    `/static/`.
    """

    prefix: str
    path: Path
    sheets: tuple[str, ...] = ()


class Assets:
    """Finds static files by the path below `/static/`, and bundles the style sheets.

    Folders are added at start-up. The bundle is built once per process, on first use; adding a
    folder after that raises `RuntimeError`.
    """

    def __init__(self, common: Path = COMMON, folders: Iterable[StaticFolder] = ()) -> None:
        self._common = common
        self._folders: dict[str, StaticFolder] = {}
        self._bundle: bytes | None = None
        self._digests: dict[tuple[str, str], bytes] = {}
        self._urls: dict[tuple[str, str], str] = {}
        for folder in folders:
            self.add(folder)

    def add(self, folder: StaticFolder) -> None:
        """Raises `WrongStaticFolder` for an invalid or duplicate prefix, or a missing sheet."""
        if self._bundle is not None:
            raise RuntimeError(f"The style sheets are already served without {folder.prefix}.")
        if not PREFIX.fullmatch(folder.prefix):
            raise WrongStaticFolder(f"{folder.prefix!r} cannot be the prefix of static files.")
        if folder.prefix in self._folders or (self._common / folder.prefix).exists():
            raise WrongStaticFolder(f"Two folders of static files are called {folder.prefix}.")
        for sheet in folder.sheets:
            if not (folder.path / sheet).is_file():
                raise WrongStaticFolder(f"{folder.path} has no style sheet {sheet}.")
        self._folders[folder.prefix] = folder

    def find(self, path: str) -> Path | None:
        """The file at this path, or None. Never a hidden file or one outside the folders."""
        if any(part.startswith(".") for part in PurePosixPath(path).parts):
            return None
        prefix, _, rest = path.partition("/")
        folder = self._folders.get(prefix)
        root, rest = (folder.path, rest) if folder else (self._common, path)
        joined = None if "\0" in rest else safe_join(str(root), rest)
        file = Path(joined) if joined else None
        return file if file and file.is_file() else None

    def bundle(self) -> bytes:
        """All style sheets, minified, UTF-8. The files they name have their version."""
        if self._bundle is None:
            sheets = (one.path / sheet for one in self._folders.values() for sheet in one.sheets)
            text = "\n".join(sheet.read_text(encoding="utf-8") for sheet in sheets)
            self._bundle = self._versioned(minified(text)).encode()
        return self._bundle

    def version(self, path: str) -> str:
        """Twelve digits of the hash of a file's content, for its URL; "0" for a missing file."""
        return self.digest(path, "sha256").hex()[:12] or MISSING

    def digest(self, path: str, algorithm: str) -> bytes:
        """The hash of a file's content, cached in the process; empty for a missing file."""
        key = (path, algorithm)
        if key not in self._digests:
            content = self.read(path)
            if content is None:
                return b""
            self._digests[key] = hashlib.new(algorithm, content).digest()
        return self._digests[key]

    def url(self, path: str, root: str) -> str:
        """The URL of a file below the path at which the application is mounted, with the version.
        Cached in the process: a page has some dozens. Needs the context of a request."""
        key = (root, path)
        if key not in self._urls:
            version = self.version(path)
            url = url_for("static", filename=path, v=version)
            if version == MISSING:
                return url
            self._urls[key] = url
        return self._urls[key]

    def read(self, path: str) -> bytes | None:
        """The content of a file or of the bundle; None for a missing file. Raises `OSError`."""
        if path == BUNDLE:
            return self.bundle()
        file = self.find(path)
        return file.read_bytes() if file else None

    def _versioned(self, sheet: str) -> str:
        """The files that a sheet names, with the hash of their content as in `asset`."""

        def version(found: re.Match[str]) -> str:
            return f'url("{found[1]}?v={self.version(found[1])}")'

        return FILE_IN_SHEET.sub(version, sheet)


SHARED_SHEETS = (
    "tokens",
    "base",
    "layout",
    "fields",
    "buttons",
    "content",
    "lists",
    "code",
    "chat",
    "files",
    "utilities",
)
"""In the order of the cascade; `tokens` declares the layers, so it is first."""
SHARED = StaticFolder(
    "shared",
    Path(__file__).parent / "static",
    sheets=tuple(f"css/{name}.css" for name in SHARED_SHEETS),
)


def install(app: Quart, folders: Iterable[StaticFolder]) -> None:
    app.extensions[NAME] = Assets(folders=folders)
    app.add_url_rule("/static/<path:filename>", "static", hide(serve))


def assets(app: Quart | None = None) -> Assets:
    """The static files of this application, by default of the current request's application."""
    return cast(Assets, (app or current_app).extensions[NAME])


async def serve(filename: str) -> Response:
    content = assets().read(filename)
    if content is None:
        abort(404)
    kind = KINDS.get(PurePosixPath(filename).suffix) or guess_type(filename)[0]
    response = Response(content, mimetype=kind or "application/octet-stream")
    keep_compressed()
    return await with_etag(response, content, ranges=True)


def asset(path: str) -> str:
    """The URL of a static file, with a hash of its content for unlimited caching."""
    return assets().url(path, request.root_path)


def script(path: str, module: bool = True, early: bool = False) -> Markup:
    """The tag of a script, with the CSP nonce of the page and Subresource Integrity.

    `early` scripts run before the page is shown, which waits for them; others run afterwards.
    """
    kind = "" if early else 'type="module" ' if module else "defer "
    return _script_tag(asset(path), assets().digest(path, "sha384"), kind)


def module_of(source: str, file: Path) -> Markup:
    """The tag of a module that is served at `source` from a `file` outside the folders."""
    return _script_tag(source, file_digest(file, "sha384"), 'type="module" ')


@lru_cache(maxsize=64)
def file_digest(file: Path, algorithm: str) -> bytes:
    """The hash of a file's content, cached in the process. Raises `OSError`."""
    return hashlib.new(algorithm, file.read_bytes()).digest()


def _script_tag(source: str, digest: bytes, kind: str) -> Markup:
    """Without an integrity value for a missing file. `kind` are attributes."""
    return Markup('<script {}src="{}" integrity="{}" nonce="{}"></script>').format(
        Markup(kind),  # noqa: S704 - a constant
        source,
        f"sha384-{b64encode(digest).decode()}" if digest else "",
        nonce(),
    )


def icon(name: str, turns: bool = False) -> Markup:
    """A decorative icon, hidden from screen readers; `turns` mirrors it with the text direction."""
    extra = " turns" if turns else ""
    source = asset("vendor/icons.svg")
    return Markup(  # noqa: S704 - names from templates
        f'<svg class="icon{extra}" aria-hidden="true"><use href="{source}#i-{name}"/></svg>'
    )


def avatar_url(avatar: str) -> str:
    """The URL of a profile picture: a demo picture by its name, or a stored URL unchanged."""
    if avatar.startswith(("/", "http://", "https://")):
        return avatar
    return asset(avatar if "/" in avatar else f"avatars/{avatar}")
