"""What plugins say about each other: one sentence at the start for what does not fit."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import permutations
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from onehour.api import Booking, implements
from onehour.cli import main
from plugins.manager import Plugins, WrongPlugin
from plugins.relations import arranged
from tests.plugins.installed import install
from tests.plugins.test_declarations import SERVERS

VERSIONS = {"coupons": "1.4.0"}


class Plugin:
    """Implements a hook, so that it is one."""

    def __init__(self, **relations: object) -> None:
        for name, value in relations.items():
            setattr(self, name, value)

    @implements
    async def onehour_may_book(self, booking: Booking) -> str | None:
        return None


def loaded(monkeypatch: pytest.MonkeyPatch, *names: str, **plugins: Plugin) -> Plugins:
    install(monkeypatch, VERSIONS, **plugins)
    found = Plugins()
    found.load(names or list(plugins))
    return found


CIRCLE = "The plugins coupons and points are each to be called before the other."

WRONG: dict[str, tuple[dict[str, Any], str]] = {
    "not enabled": (
        {"points": Plugin(requires=["feedback"])},
        "The plugin points needs the plugin feedback, which ONEHOUR_PLUGINS does not name.",
    ),
    "not installed": (
        {"points": Plugin(requires=["nowhere>=1"])},
        "The plugin points needs the plugin nowhere, which is not installed.",
    ),
    "too old": (
        {"coupons": Plugin(), "points": Plugin(requires=["coupons>=2"])},
        "The plugin points needs coupons>=2, and the version of coupons is 1.4.0.",
    ),
    "no version": (
        {"others": Plugin(), "points": Plugin(requires=["others>=2"])},
        "The plugin points needs others>=2, and the version of others is unknown.",
    ),
    "conflict": (
        {"coupons": Plugin(), "points": Plugin(conflicts=["coupons"])},
        "The plugin points cannot be enabled together with coupons.",
    ),
    "conflict of versions": (
        {"coupons": Plugin(), "points": Plugin(conflicts=["coupons<1.5"])},
        "The plugin points cannot be enabled together with coupons<1.5.",
    ),
    "circle": (
        {"coupons": Plugin(before=["points"], after=["points"]), "points": Plugin()},
        CIRCLE,
    ),
    "circle of two": (
        {"coupons": Plugin(after=["points"]), "points": Plugin(requires=["coupons"])},
        CIRCLE,
    ),
    "no list": (
        {"points": Plugin(requires="coupons")},
        "requires of the plugin points must be a list of texts.",
    ),
    "no requirement": (
        {"points": Plugin(conflicts=["coupons is bad"])},
        "conflicts of the plugin points must name plugins, such as coupons>=1,<2.",
    ),
}


@pytest.mark.parametrize(("plugins", "sentence"), WRONG.values(), ids=list(WRONG))
def test_what_does_not_fit_together_stops_the_start(
    plugins: Mapping[str, Plugin], sentence: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(WrongPlugin) as refused:
        loaded(monkeypatch, *plugins, **plugins, feedback=Plugin())

    assert refused.value.message == sentence


def test_what_fits_together_starts(monkeypatch: pytest.MonkeyPatch) -> None:
    fits = Plugin(
        requires=["coupons>=1,<2", "others"], conflicts=["coupons>=2", "nowhere"], after=["nowhere"]
    )

    plugins = loaded(monkeypatch, coupons=Plugin(), others=Plugin(), points=fits)

    assert plugins.names == ("coupons", "others", "points")


def test_the_order_is_that_of_the_setting_unless_a_plugin_says_otherwise(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    plugins = loaded(
        monkeypatch,
        a=Plugin(after=["c"]), b=Plugin(), c=Plugin(before=["b"]), d=Plugin(requires=["e"]),
        e=Plugin(), f=Plugin(),
    )  # fmt: skip

    assert plugins.names == ("c", "a", "b", "e", "d", "f")


NAMES = ["a", "b", "c", "d", "e"]
SOME = st.lists(st.sampled_from(NAMES), max_size=3)


@given(relations=st.lists(st.tuples(SOME, SOME), min_size=5, max_size=5))
def test_the_order_fulfils_every_wish_or_there_is_none(
    relations: list[tuple[list[str], list[str]]],
) -> None:
    plugins = {
        name: Plugin(before=before, after=after)
        for name, (before, after) in zip(NAMES, relations, strict=True)
    }
    wishes = [(name, later) for name, plugin in plugins.items() for later in plugin.before]  # type: ignore[attr-defined]
    wishes += [(earlier, name) for name, plugin in plugins.items() for earlier in plugin.after]  # type: ignore[attr-defined]

    try:
        order = arranged(plugins, {}, installed=NAMES)
    except WrongPlugin:
        assert not any(
            all(order.index(a) < order.index(b) for a, b in wishes) for order in permutations(NAMES)
        )
    else:
        assert sorted(order) == NAMES
        assert all(order.index(first) < order.index(then) for first, then in wishes)


def test_the_command_ends_with_the_sentence_and_no_traceback(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    install(monkeypatch, points=Plugin(requires=["coupons"]))
    monkeypatch.setenv("ONEHOUR_PLUGINS", "points")
    monkeypatch.setenv("ONEHOUR_DATA_DIR", str(tmp_path))
    for name, url in SERVERS.items():
        monkeypatch.setenv(name, url)

    status = main(["prepare"])

    sentence = "The plugin points needs the plugin coupons, which is not installed."
    assert status
    assert capsys.readouterr().err.splitlines() == [sentence]


def test_one_that_needs_others_is_checked_alone(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    install(monkeypatch, points=Plugin(requires=["coupons"]))

    main(["plugins", "check", "points", "--folder", str(tmp_path)])

    assert capsys.readouterr().err.splitlines() == [
        f"README.md is missing in {tmp_path}: --folder names the folder of the project.",
        "There are no tests.",
    ]
