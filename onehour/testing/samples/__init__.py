"""Samples of everything that is stored, one module per capability, gathered by name.

Each module has builders (`a_booking(**changes)`: a usual entity with what a test changes) and
`SAMPLES`, the `Sample`s that the contract of the store and the golden documents use. A new
capability adds a module; nothing else here changes.
"""

from __future__ import annotations

from importlib import import_module
from pkgutil import iter_modules

from onehour.testing.samples.sample import Sample

__all__ = ["Sample", "all_samples"]


def all_samples() -> tuple[Sample, ...]:
    """The samples of every module of this package, in the order of the modules' names."""
    names = sorted(module.name for module in iter_modules(__path__))
    modules = [import_module(f"{__name__}.{name}") for name in names if name != "sample"]
    return tuple(sample for module in modules for sample in module.SAMPLES)
