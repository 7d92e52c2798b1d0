"""The files of a new plugin: setting, stored documents, outbox handler, page, panel, tests."""

from __future__ import annotations

import re
from collections.abc import Mapping
from importlib.util import find_spec
from keyword import iskeyword
from pathlib import Path
from string import Template

from plugins.manager import installed
from ports.settings import WrongSetting

FOLDER = Path(__file__).parent / "templates" / "plugin"
FILES = {
    "pyproject.toml": "pyproject.toml",
    "README.md": "README.md",
    "src/$name/__init__.py": "__init__.py",
    "src/$name/plugin.py": "plugin.py",
    "src/$name/model.py": "model.py",
    "src/$name/service.py": "service.py",
    "src/$name/web.py": "web.py",
    "src/$name/personal_data.py": "personal_data.py",
    "src/$name/templates/$name/index.html": "index.html",
    "src/$name/templates/$name/_panel.html": "_panel.html",
    "tests/test_$name.py": "test.py",
}
"""The template of each file."""
MARKER = "src/$name/py.typed"
NAME = re.compile("[a-z](_?[a-z0-9])*")


def write_plugin(name: str, folder: Path) -> Path:
    """Write the files of a plugin with this name into a new folder, which is returned. Raises
    `WrongSetting` for a name that cannot be that of a package, and for a folder that exists or
    cannot be written."""
    words = "".join(part.capitalize() for part in checked_name(name, folder).split("_"))
    texts = {
        path: (FOLDER / f"{template}.txt").read_text(encoding="utf-8")
        for path, template in FILES.items()
    }
    return write_files({**texts, MARKER: ""}, name, folder, {"plugin": f"{words}Plugin"})


def checked_name(name: str, folder: Path) -> str:
    """The name of a plugin, which is also that of its package, and of its new folder in `folder`.
    Raises `WrongSetting`, also for the name of a plugin or a package that is installed: one of the
    two would hide the other."""
    if not NAME.fullmatch(name):
        raise WrongSetting(
            f"The name {name} must be lower-case letters and digits, with single _ between them."
        )
    if (folder / name).exists():
        raise WrongSetting(f"{folder / name} exists already.")
    if iskeyword(name) or name in installed() or find_spec(name):
        raise WrongSetting(f"{name} is the name of something else already: choose another one.")
    return name


def write_files(
    files: Mapping[str, str], name: str, folder: Path, values: Mapping[str, str]
) -> Path:
    """Write templates, by path, into the new folder `name`, which is returned. Paths and texts may
    have the words of the name and `values`. Raises `WrongSetting` for a folder that cannot be
    written."""
    project = folder / name
    words = {
        "name": name,
        "upper": name.upper(),
        "dashed": name.replace("_", "-"),
        "title": name.replace("_", " ").capitalize(),
        **values,
    }
    try:
        for path, text in files.items():
            file = project / Template(path).substitute(words)
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(Template(text).substitute(words), encoding="utf-8")
    except OSError as error:
        raise WrongSetting(f"{project} cannot be written: {error.strerror}.") from error
    return project
