"""The files of a new plugin: a setting, stored documents, an outbox handler, a page, tests."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from string import Template

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
    "tests/test_$name.py": "test.py",
}
"""The template of each file."""
MARKER = "src/$name/py.typed"


def write_plugin(name: str, folder: Path) -> Path:
    """Write the files of a plugin with this name into a new folder, which is returned. Raises
    `WrongSetting` for a name that is no lower-case identifier, and for a folder that exists."""
    words = "".join(part.capitalize() for part in checked_name(name).split("_"))
    texts = {
        path: (FOLDER / f"{template}.txt").read_text(encoding="utf-8")
        for path, template in FILES.items()
    }
    return write_files({**texts, MARKER: ""}, name, folder, {"plugin": f"{words}Plugin"})


def checked_name(name: str) -> str:
    """The name of a plugin, which is also that of its package. Raises `WrongSetting`."""
    if not (name.isidentifier() and name.isascii() and name == name.lower()):
        raise WrongSetting(f"{name} must be lower-case letters, digits and _.")
    return name


def write_files(
    files: Mapping[str, str], name: str, folder: Path, values: Mapping[str, str]
) -> Path:
    """Write templates, by path, into the new folder `name`, which is returned. Paths and texts may
    have the words of the name and `values`. Raises `WrongSetting` for a folder that exists."""
    project = folder / name
    if project.exists():
        raise WrongSetting(f"{project} exists already.")
    words = {
        "name": name,
        "upper": name.upper(),
        "dashed": name.replace("_", "-"),
        "title": name.replace("_", " ").capitalize(),
        **values,
    }
    for path, text in files.items():
        file = project / Template(path).substitute(words)
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(Template(text).substitute(words), encoding="utf-8")
    return project
