"""How a broken adapter names the cases it breaks, and a runner that finds those that fail.

The runner is quicker than pytest: thousands of cases pass here for each that fails.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any, TypeVar

import pytest

from onehour.testing.suite import Contract, cases_of

Adapter = TypeVar("Adapter", bound=type)


def breaks(*cases: str) -> Callable[[Adapter], Adapter]:
    """This adapter fails these cases of its contract and no other."""

    def mark(adapter: Adapter) -> Adapter:
        adapter.breaks = frozenset(f"test_{case}" for case in cases)  # type: ignore[attr-defined]
        return adapter

    return mark


@dataclass(frozen=True)
class Suite:
    """A contract and the module with its broken adapters, those of `base`. `fixtures` makes what
    the cases of one adapter get, by name."""

    contract: type[Contract]
    module: ModuleType
    fixtures: Callable[[Any], Mapping[str, Any]]
    base: type = object

    @property
    def adapters(self) -> list[Any]:
        found = (each for each in vars(self.module).values() if isinstance(each, type))
        return [each for each in found if "breaks" in vars(each) and issubclass(each, self.base)]

    async def failed(
        self, adapter: type, folder: Path, caplog: pytest.LogCaptureFixture
    ) -> set[str]:
        """The names of the cases that the adapter fails."""
        found = set[str]()
        for number, (name, values) in enumerate(calls(self.contract)):
            tmp_path = folder / str(number)
            tmp_path.mkdir()
            caplog.clear()
            given = {"tmp_path": tmp_path, "caplog": caplog, **self.fixtures(adapter), **values}
            if not await _passes(self.contract, name, given):
                found.add(name)
        return found


async def _passes(contract: type[Contract], name: str, given: Mapping[str, Any]) -> bool:
    suite = contract()
    suite._test = SimpleNamespace(user_properties=[])
    case = getattr(suite, name)
    arguments = {each: given[each] for each in inspect.signature(case).parameters}
    try:
        result = case(**arguments)
        if inspect.isawaitable(result):
            await result
    except pytest.skip.Exception:
        return True
    except (Exception, pytest.fail.Exception):
        return False
    return True


def calls(contract: type[Contract]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Each case with each of its parameters."""
    for name in sorted(cases_of(contract)):
        marks = getattr(getattr(contract, name), "pytestmark", ())
        axes = [_axis(*mark.args) for mark in marks if mark.name == "parametrize"]
        for values in product(*axes):
            yield name, {key: value for each in values for key, value in each.items()}


def _axis(names: str | tuple[str, ...], values: Any) -> list[dict[str, Any]]:
    keys = (names,) if isinstance(names, str) else names
    rows = (value if len(keys) > 1 else (value,) for value in values)
    return [dict(zip(keys, row, strict=True)) for row in rows]
