"""What plugins say about each other: which they need, which they exclude, and their order."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from packaging.requirements import InvalidRequirement, Requirement

from plugins.errors import WrongPlugin


@dataclass(frozen=True, slots=True)
class Relations:
    """`requires`, `conflicts`, `before` and `after` are lists of texts. The first two name other
    plugins, with a range of versions if it matters: `requires = ["coupons>=1,<2"]`. Hooks are
    called after those of required plugins and of the plugins in `after`, and before those of the
    plugins in `before`, as far as these are enabled."""

    requires: tuple[Requirement, ...] = ()
    conflicts: tuple[Requirement, ...] = ()
    before: tuple[str, ...] = ()
    after: tuple[str, ...] = ()

    @classmethod
    def of(cls, name: str, plugin: object) -> Relations:
        """Raises `WrongPlugin`."""
        return cls(
            requires=_requirements(name, plugin, "requires"),
            conflicts=_requirements(name, plugin, "conflicts"),
            before=_texts(name, plugin, "before"),
            after=_texts(name, plugin, "after"),
        )

    @property
    def earlier(self) -> frozenset[str]:
        """The plugins that come first, if they are enabled."""
        return frozenset((*self.after, *(each.name for each in self.requires)))


def arranged(
    plugins: Mapping[str, object], versions: Mapping[str, str], *, installed: Collection[str]
) -> Sequence[str]:
    """The names of the plugins to enable, in the order of their calls: that of the setting, except
    where a plugin says otherwise. `versions` has those that are known.

    Raises `WrongPlugin` with one sentence for a requirement that is missing, for plugins that
    exclude each other, and for an order that has no beginning.
    """
    relations = {name: Relations.of(name, plugin) for name, plugin in plugins.items()}
    for name, each in relations.items():
        for needed in each.requires:
            _check_required(name, needed, plugins, versions, installed)
        for other in each.conflicts:
            _check_excluded(name, other, plugins, versions)
    return _ordered(relations)


def _check_required(
    name: str,
    needed: Requirement,
    plugins: Collection[str],
    versions: Mapping[str, str],
    installed: Collection[str],
) -> None:
    if needed.name not in plugins:
        missing = (
            "ONEHOUR_PLUGINS does not name" if needed.name in installed else "is not installed"
        )
        raise WrongPlugin(f"The plugin {name} needs the plugin {needed.name}, which {missing}.")
    version = versions.get(needed.name, "")
    if needed.specifier and not (version and needed.specifier.contains(version, prereleases=True)):
        raise WrongPlugin(
            f"The plugin {name} needs {needed}, and the version of {needed.name} is "
            f"{version or 'unknown'}."
        )


def _check_excluded(
    name: str, other: Requirement, plugins: Collection[str], versions: Mapping[str, str]
) -> None:
    version = versions.get(other.name, "")
    concerned = not version or other.specifier.contains(version, prereleases=True)
    if other.name in plugins and other.name != name and concerned:
        raise WrongPlugin(f"The plugin {name} cannot be enabled together with {other}.")


def _ordered(relations: Mapping[str, Relations]) -> Sequence[str]:
    earlier = {name: set(each.earlier & relations.keys()) for name, each in relations.items()}
    for name, each in relations.items():
        for later in each.before:
            if later in earlier:
                earlier[later].add(name)
    ordered = list[str]()
    while left := [name for name in relations if name not in ordered]:
        following = next((name for name in left if earlier[name] <= set(ordered)), None)
        if following is None:
            names = " and ".join(sorted(_in_circle(earlier, left)))
            raise WrongPlugin(f"The plugins {names} are each to be called before the other.")
        ordered.append(following)
    return ordered


def _in_circle(earlier: Mapping[str, Collection[str]], left: Sequence[str]) -> Sequence[str]:
    """Going back from any of them ends in a circle."""
    path, name = list[str](), left[0]
    while name not in path:
        path.append(name)
        name = next(each for each in earlier[name] if each in left)
    return path[path.index(name) :]


def _texts(name: str, plugin: object, attribute: str) -> tuple[str, ...]:
    given = getattr(plugin, attribute, ())
    if not isinstance(given, list | tuple) or not all(isinstance(each, str) for each in given):
        raise WrongPlugin(f"{attribute} of the plugin {name} must be a list of texts.")
    return tuple(given)


def _requirements(name: str, plugin: object, attribute: str) -> tuple[Requirement, ...]:
    texts = _texts(name, plugin, attribute)
    try:
        return tuple(Requirement(each) for each in texts)
    except InvalidRequirement:
        raise WrongPlugin(
            f"{attribute} of the plugin {name} must name plugins, such as coupons>=1,<2."
        ) from None
