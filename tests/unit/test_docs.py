"""The documents agree with the code."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import fields
from datetime import timedelta
from inspect import signature
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from quart import Quart

from core.policy import DAY, HOUR, MINUTE, SECOND, RefundStep, Terms
from onehour.api import Capability, WebCapability
from onehour.policy import POLICIES
from onehour.sections import read_section
from onehour.settings import Settings, WrongSetting, setting_names
from plugins import hookspecs
from plugins.manager import Plugins
from ports.extensions import Vetoed
from tests.app import MemoryApp, memory_app
from tests.web.site import app_of
from web.app import create_app
from web.shared import templating
from web.shared.access import access_of
from web.shared.api import is_idempotent
from web.shared.context import Site, WebDependencies

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
PAGES = sorted(
    [ROOT / "README.md", ROOT / "CHANGELOG.md"]
    + [page for folder in ("docs", "deploy", "examples") for page in (ROOT / folder).rglob("*.md")]
)
SYSTEM = ("/healthz", "/readyz")


def test_the_rules_list_every_field_of_the_policy_with_its_default() -> None:
    documented = {
        row[0].strip("`"): row[1] for row in _table_rows(DOCS / "rules.md") if len(row) == 4
    }

    everything = dict[str, str]()
    for policy in (*POLICIES, Terms):
        everything |= _defaults(policy())
    everything["terms"] = "the terms below"
    assert documented == everything


async def test_the_api_lists_every_route_with_its_callers(app: MemoryApp) -> None:
    rows = [row for row in _table_rows(DOCS / "api.md") if row[1].startswith("`/")]
    documented = {(row[0], row[1].strip("`"), row[2]) for row in rows}

    assert len(documented) == len(rows), "a route is listed twice"
    assert documented == set(_api_routes(app))


async def test_routes_marked_with_a_key_are_those_that_can_be_repeated(app: MemoryApp) -> None:
    rows = [row for row in _table_rows(DOCS / "api.md") if row[1].startswith("`/")]
    documented = {(row[0], row[1].strip("`")) for row in rows if row[3].startswith("key.")}

    assert documented == _repeatable_routes(app)


def test_decisions_are_numbered_without_a_gap() -> None:
    numbers = sorted(page.name[:4] for page in (DOCS / "decisions").glob("*.md"))

    assert numbers == [f"{number:04d}" for number in range(1, len(numbers) + 1)]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_between_documents_are_valid(page: Path) -> None:
    links = re.findall(r"\]\(([^)#]+)", page.read_text(encoding="utf-8"))

    ours = [link for link in links if "://" not in link and "docs/pictures/" not in link]
    assert [link for link in ours if not (page.parent / link).exists()] == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_files_the_documents_name_are_there(page: Path) -> None:
    folders = "core|ports|services|adapters|web|plugins|onehour|tests|docs|examples|deploy|bench"
    named = re.findall(rf"`((?:{folders})/[\w./*-]*)`", page.read_text(encoding="utf-8"))

    assert [name for name in named if not any(ROOT.glob(name.rstrip("/")))] == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_settings_the_documents_name_exist(page: Path) -> None:
    named = set(re.findall(r"ONEHOUR_[A-Z0-9_]*[A-Z0-9]", page.read_text(encoding="utf-8")))

    unknown = named - setting_names().keys() - {"ONEHOUR_PLUGIN", "ONEHOUR_POLICY"}
    assert {name for name in unknown if not name.startswith("ONEHOUR_PLUGIN_")} == set()


def test_each_hook_has_its_place_in_the_documents() -> None:
    page = (DOCS / "plugins.md").read_text(encoding="utf-8")

    hooks = [name for name in vars(hookspecs) if name.startswith("onehour_")]
    assert re.findall(r"^### `(onehour_\w+)\(", page, re.MULTILINE) == hooks


PLUGINS = (DOCS / "plugins.md").read_text(encoding="utf-8")
EXCERPTS = re.findall(
    r"```python\n# ((?:notes|quiet_hours|feedback|coupons)/\S+)\n(.*?)```",
    (DOCS / "plugins.md").read_text(),
    re.DOTALL,
)


@pytest.mark.parametrize(("name", "excerpt"), EXCERPTS)
def test_the_excerpts_in_the_page_about_plugins_are_code_that_is_tested(
    name: str, excerpt: str
) -> None:
    folders = {
        "notes": "tests/plugins",
        "feedback": "plugins",
        "quiet_hours": "examples",
        "coupons": "examples",
    }
    code = _stripped((ROOT / folders[name.partition("/")[0]] / name).read_text(encoding="utf-8"))

    parts = re.split(r"^ *\.\.\.\n", excerpt, flags=re.MULTILINE)

    assert [part for part in parts if _stripped(part) not in code] == []


def _stripped(code: str) -> str:
    """Without indentation and empty lines."""
    return "\n".join(line.strip() for line in code.splitlines() if line.strip()) + "\n"


def test_the_macros_of_the_page_about_plugins_stay() -> None:
    macros = (ROOT / "web" / "shared" / "templates" / "_parts.html").read_text(encoding="utf-8")
    promised = re.search(r"`_parts.html` has macros that stay: (.*?)\. ", PLUGINS, re.DOTALL)
    assert promised

    names = re.findall(r"`(\w+)`", promised[1])

    assert len(names) == 7
    assert [name for name in names if f"macro {name}(" not in macros] == []


def test_the_filters_of_the_page_about_plugins_stay() -> None:
    promised = re.search(r"Filters that stay are (.*?): in the viewer", PLUGINS, re.DOTALL)
    assert promised
    app = Quart("filters", static_folder=None)
    templating.install(app)

    names = re.findall(r"`(\w+)`", promised[1])

    assert len(names) == 10
    assert [name for name in names if name not in app.jinja_env.filters] == []


def test_every_contribution_has_an_excerpt() -> None:
    page = "".join(excerpt for _, excerpt in EXCERPTS)

    parts = {*signature(Capability).parameters, *signature(WebCapability).parameters}
    unused = {"repositories", "policy"}  # for the built-in capabilities
    unused |= {"within", "on"}  # set by the manager
    assert {part for part in parts - unused if f"{part}=" not in page} == set()


async def test_the_plugin_of_five_minutes_works() -> None:
    code = re.findall(r"```python\n(.*?)```", (DOCS / "plugins.md").read_text(), re.DOTALL)[0]
    module = ModuleType("long_hours")
    exec(code, module.__dict__)
    plugins = Plugins()
    plugins.add(module, "long_hours")
    app = memory_app(extensions=plugins)
    (client, _), developer = await app.client(), await app.developer()

    with pytest.raises(Vetoed, match="Book two hours or more"):
        await app.hold(client, developer, hours=1)


def test_the_adapter_of_the_page_about_adapters_can_be_offered() -> None:
    blocks = re.findall(r"```python\n(.*?)```", (DOCS / "adapters.md").read_text(), re.DOTALL)
    (code,) = (block for block in blocks if "OFFER = " in block)
    module = ModuleType("bank")
    # This file's own `from __future__ import annotations` is not the example's.
    exec(compile(code, "bank", "exec", dont_inherit=True), module.__dict__)
    settings = Settings.load({"ONEHOUR_SECRET_KEY": "k"}, None)

    with pytest.raises(WrongSetting) as refused:
        read_section(module.OFFER.settings, {"ONEHOUR_PLUGIN_BANK_BASE_URL": "http://b.example"})
    unset = settings.section(module.OFFER.settings)

    assert refused.value.message == (
        "ONEHOUR_PLUGIN_BANK_BASE_URL must be a URL that begins with https://."
    )
    assert not module.OFFER.configured(unset)
    with pytest.raises(WrongSetting, match="In production ONEHOUR_PLUGIN_BANK_KEY must be"):
        unset.check_production(settings.deployment)


def test_the_production_example_is_complete_but_for_the_keys() -> None:
    example = ROOT / "deploy" / ".env.production"
    with pytest.raises(WrongSetting, match="ONEHOUR_SECRET_KEY"):
        Settings.load({}, example)

    secret = {"ONEHOUR_SECRET_KEY": "k" * 32}
    with pytest.raises(WrongSetting, match="ONEHOUR_LASTING_KEY"):
        Settings.load(secret, example)

    settings = Settings.load({**secret, "ONEHOUR_LASTING_KEY": "l" * 32}, example)

    assert settings.in_production
    assert settings.base_url == "https://hours.example.com"
    assert settings.mail_from == "1HourDeveloper <hello@example.com>"


def _defaults(part: Any) -> dict[str, str]:
    return {each.name: _words(getattr(part, each.name)) for each in fields(part)}


def _words(value: object) -> str:
    """A default as the page writes it."""
    match value:
        case timedelta():
            return _duration(value)
        case (RefundStep(), *_):
            steps = [each for each in value if isinstance(each, RefundStep)]
            return ", ".join(f"{_duration(each.notice)}: {each.percent} %" for each in steps)
        case tuple() if len(value) > 4:
            return _long_list(value)
        case tuple():
            return ", ".join(_duration(each) for each in value)
    return str(value)


def _duration(length: timedelta) -> str:
    for unit, name in ((DAY, "d"), (HOUR, "h"), (MINUTE, "min"), (SECOND, "s")):
        # Hours are hours up to three days, as people say "72 h".
        if not length % unit and not (name == "d" and length <= 3 * DAY):
            return f"{length // unit} {name}"
    return f"{length // timedelta(seconds=1)} s"


def _long_list(moments: tuple[timedelta, ...]) -> str:
    """The polls: some moments, then a regular stretch of hours, then one of days."""
    first = [each for each in moments if each < HOUR]
    hours = [hour * HOUR for hour in range(1, 25)]
    days = [day * DAY for day in range(2, 8)]
    assert list(moments) == [*first, *hours, *days]
    return f"{', '.join(map(_duration, first))}, then hourly to 24 h, then daily to 7 d"


def _table_rows(page: Path) -> list[list[str]]:
    """The cells of all table rows below a head."""
    found: list[list[str]] = []
    for line in page.read_text(encoding="utf-8").splitlines():
        if line.startswith("|") and not line.startswith("|---"):
            found.append([cell.strip() for cell in line.strip("|").split(" | ")])
    heads = {"field", "method", "status", "direction"}
    return [row for row in found if row[0] not in heads and len(row) > 2]


def _api_routes(app: MemoryApp) -> Iterator[tuple[str, str, str]]:
    site = Site(base_url="http://localhost", secret_key="a secret for tests")
    quart_app = create_app(WebDependencies(app.services, app.store, app.clock, site, app.formats))
    for rule in quart_app.url_map.iter_rules():
        if rule.rule.startswith("/api/") or rule.rule in SYSTEM:
            access = access_of(quart_app, rule.endpoint)
            assert access
            fresh = ", fresh code" if access.step_up else ""
            for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}:
                yield method, rule.rule, f"{access.who.value}{fresh}"


def _repeatable_routes(app: MemoryApp) -> set[tuple[str, str]]:
    site = app_of(app)
    return {
        (method, re.sub(r"<(?:\w+:)?(\w+)>", r"<\1>", rule.rule))
        for rule in site.url_map.iter_rules()
        if is_idempotent(site.view_functions[rule.endpoint])
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
    }
