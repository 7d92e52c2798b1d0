"""Writes the reference of the hooks, docs/hooks.md, from the docstrings of `plugins/hookspecs.py`
and of the records that plugins contribute: `python -m onehour.hook_reference`, in a checkout."""

from __future__ import annotations

import ast
import inspect
import re
import textwrap
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from types import FunctionType
from typing import Any

from core.prices import PriceLine
from plugins import hookspecs
from plugins.calls import EVENT_S, QUESTION_S
from plugins.context import PluginContext
from plugins.relations import Relations
from ports.adapters import AdapterOffer
from ports.documents import AddDocument, DocumentType, Order, SaveDocument, Unique
from services.shared.capabilities import Capability
from services.shared.notices import Notice, NoticeChannel
from services.shared.personal_data import PersonalData, Subject
from web.shared.capabilities import Link, Panel, Slot, WebCapability

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs" / "hooks.md"
RECORDS: Mapping[str, type[Any]] = {
    "PluginContext": PluginContext,
    "Capability": Capability,
    "DocumentType": DocumentType,
    "DocumentOrder": Order,
    "Unique": Unique,
    "AddDocument": AddDocument,
    "SaveDocument": SaveDocument,
    "PersonalData": PersonalData,
    "Subject": Subject,
    "NoticeKind": Notice,
    "NoticeChannel": NoticeChannel,
    "WebCapability": WebCapability,
    "Link": Link,
    "Panel": Panel,
    "Slot": Slot,
    "AdapterOffer": AdapterOffer,
    "PriceLine": PriceLine,
}
"""What plugins contribute and answer, by its name in `onehour.api`."""
LIMITS = {"Question": QUESTION_S, "Part": QUESTION_S, "Event": EVENT_S}
SOURCES = ("plugins/*/*.py", "examples/*/src/**/*.py", "tests/plugins/notes/*.py")
"""Where the plugins of the repository are."""
HEAD = """# The hooks

Written by `python -m onehour.hook_reference` from the docstrings of `plugins/hookspecs.py` and of
the records: do not edit it here. How they are used, with examples: [plugins.md](plugins.md). All
names are in `onehour.api`.
"""


@dataclass(frozen=True, slots=True)
class Hook:
    """`kind` is the first word of the docstring, `text` the rest; `users` are the folders of the
    plugins in this repository that implement it."""

    name: str
    signature: str
    kind: str
    text: str
    users: Sequence[str]


def hooks() -> list[Hook]:
    """In the order of `plugins/hookspecs.py`. Raises `ValueError` for one without a kind."""
    users = _users()
    found = list[Hook]()
    for name, function in vars(hookspecs).items():
        if not name.startswith("onehour_"):
            continue
        kind, colon, text = (inspect.getdoc(function) or "").partition(": ")
        if not colon:
            raise ValueError(f"The docstring of {name} begins with its kind, as `Question: `.")
        found.append(Hook(name, _signature(function), kind, text, users.get(name, ())))
    return found


def reference() -> str:
    """The page."""
    found = hooks()
    about = (inspect.getdoc(hookspecs) or "").split("\n\n", 1)[1]
    rows = (f"| [`{each.name}`](#{each.name}) | {each.kind} | {_limit(each)} |" for each in found)
    parts = [
        HEAD,
        _paragraphs(about),
        "\n".join(["| hook | kind | at most |", "|---|---|---|", *rows]) + "\n",
        *(_section(each) for each in found),
        "## Attributes of a plugin\n",
        "`api` is the version of `onehour.api` that it was written for.\n",
        _paragraphs(inspect.getdoc(Relations) or ""),
        "## Records\n",
        *(_record(name, kind) for name, kind in RECORDS.items()),
    ]
    return "\n".join(parts)


def main() -> None:
    PAGE.write_text(reference(), encoding="utf-8")


def _limit(hook: Hook) -> str:
    seconds = LIMITS.get(hook.kind)
    return f"{seconds:g} s" if seconds else "once, at the start"


def _section(hook: Hook) -> str:
    users = ", ".join(f"`{each}`" for each in hook.users)
    code = f"```python\n{hook.signature}\n```\n"
    text = _paragraphs(hook.text)
    return f"## {hook.name}\n\n{code}\n**{hook.kind}**: {text}\nUsed by: {users}\n"


def _signature(function: FunctionType) -> str:
    """As it is written, without the body."""
    source = textwrap.dedent(inspect.getsource(function))
    (tree,) = ast.parse(source).body
    assert isinstance(tree, ast.FunctionDef | ast.AsyncFunctionDef)
    waits = "async " if isinstance(tree, ast.AsyncFunctionDef) else ""
    arguments = [ast.unparse(each) for each in tree.args.args]
    returns = ast.unparse(tree.returns) if tree.returns else "None"
    line = f"{waits}def {tree.name}({', '.join(arguments)}) -> {returns}"
    if len(line) <= 100:
        return line
    inner = ",\n    ".join(arguments)
    return f"{waits}def {tree.name}(\n    {inner},\n) -> {returns}"


def _record(name: str, kind: type[Any]) -> str:
    text = _paragraphs(inspect.getdoc(kind) or "")
    return f"### {name}\n\n{text}\n" + "".join(_members(kind))


def _members(kind: type[Any]) -> Iterator[str]:
    """The fields or members of a class, with what stands below each, and its public methods."""
    rows = list[str]()
    body = _body(kind)
    for line, following in zip(body, [*body[1:], None], strict=True):
        about = _text_of(following)
        if isinstance(line, ast.AnnAssign):
            default = f" = {ast.unparse(line.value)}" if line.value else ""
            shown = f"{ast.unparse(line.target)}: {ast.unparse(line.annotation)}{default}"
            rows.append(f"- `{shown}`" + (f": {about}" if about else ""))
        elif isinstance(line, ast.Assign) and issubclass(kind, Enum):
            rows.append(f"- `{ast.unparse(line.targets[0])}`" + (f": {about}" if about else ""))
        elif isinstance(line, ast.FunctionDef | ast.AsyncFunctionDef) and line.name[0] != "_":
            about = _one_line(ast.get_docstring(line) or "")
            rows.append(f"- `{line.name}({_arguments(line)})`" + (f": {about}" if about else ""))
    if rows:
        yield "\nMembers:\n\n" + "\n".join(rows) + "\n"


def _body(kind: type[Any]) -> list[ast.stmt]:
    (tree,) = ast.parse(textwrap.dedent(inspect.getsource(kind))).body
    assert isinstance(tree, ast.ClassDef)
    return tree.body


def _text_of(line: ast.stmt | None) -> str:
    is_text = isinstance(line, ast.Expr) and isinstance(line.value, ast.Constant)
    return _one_line(str(line.value.value)) if is_text else ""  # type: ignore[union-attr]


def _arguments(function: ast.FunctionDef | ast.AsyncFunctionDef) -> str:
    return ", ".join(each.arg for each in function.args.args if each.arg not in ("self", "cls"))


def _one_line(text: str) -> str:
    return " ".join(text.split())


def _paragraphs(text: str) -> str:
    """With one line for each paragraph and each item of a list; code stays as it is."""
    found = list[str]()
    for part in inspect.cleandoc(text).split("\n\n"):
        if part.startswith("    "):
            found.append(f"```python\n{textwrap.dedent(part)}\n```")
        elif part.startswith("- "):
            found.append("\n".join(_one_line(item) for item in re.split(r"\n(?=- )", part)))
        else:
            found.append(_one_line(part))
    return "\n\n".join(found) + "\n"


def _users() -> Mapping[str, Sequence[str]]:
    """The folders of the plugins of this repository, by the hooks they implement."""
    found = dict[str, list[str]]()
    for pattern in SOURCES:
        for file in sorted(ROOT.glob(pattern)):
            parts = file.relative_to(ROOT).parts
            depth = 3 if parts[0] == "tests" else 2
            folder = "/".join(parts[:depth]) + "/"
            for name in re.findall(r"def (onehour_\w+)\(", file.read_text(encoding="utf-8")):
                if folder not in found.setdefault(name, []):
                    found[name].append(folder)
    return found


if __name__ == "__main__":
    main()
