"""The quality checklist of a plugin: what an author has forgotten, in sentences."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from quart import Blueprint, Quart

from core.errors import OneHourError
from onehour.sections import plugin_prefix, section_names
from plugins.manager import Plugins
from web.shared.access import access_of
from web.shared.capabilities import WebCapability

CONTRACTS = {
    "mail": "MailerContract",
    "payments": "PaymentGatewayContract",
    "payouts": "PayoutsContract",
    "push": "PusherContract",
    "storage": "StorageContract",
    "video": "VideoProviderContract",
    "virus_scan": "VirusScannerContract",
}
"""The contract class of `onehour.testing` that the tests of an adapter inherit, by port."""


ROOT = Path(__file__).parents[1]
BUILT_IN = "onehour"
"""The distribution of the plugins that come with OneHour."""


@dataclass(frozen=True, slots=True)
class Project:
    """Where a plugin is explained and tested."""

    page: Path
    tests: Path

    @classmethod
    def of(cls, name: str, folder: Path, distribution: str) -> Project:
        """In `folder`, or, for a plugin that comes with OneHour, in OneHour's checkout. Raises
        `NotAProject` outside of that."""
        if distribution != BUILT_IN:
            return cls(folder / "README.md", folder)
        found = cls(ROOT / "docs" / f"{name}.md", ROOT / "tests" / "plugins" / name)
        if not found.tests.is_dir():
            raise NotAProject(f"{name} comes with OneHour and can be checked in its checkout only.")
        return found


class NotAProject(OneHourError):
    """There is nothing to check."""

    code = "not_a_project"


def findings(name: str, plugins: Plugins, project: Project) -> Iterator[str]:
    """What is missing in the plugin of this name, the only one of `plugins`. Raises `WrongPlugin`
    and `WrongSetting` as the start does."""
    yield from _wrong_names(name, plugins)
    for record in plugins.web:
        yield from _undeclared(record)
    yield from _undocumented(name, plugins, project.page)
    for capability in plugins.capabilities:
        if capability.documents and capability.personal_data is None:
            yield f"{capability.name} stores documents and declares no personal data."
    yield from _untested(plugins, project.tests)


def _wrong_names(name: str, plugins: Plugins) -> Iterator[str]:
    """Of everything that shares one namespace with the application and other plugins."""
    found = [("blueprint", each.name.removeprefix("api_")) for each in _blueprints(plugins)]
    found += [("folder of static files", r.static.prefix) for r in plugins.web if r.static]
    for record in plugins.capabilities:
        found.append(("capability", record.name))
        found += [("collection", each.collection) for each in record.documents]
        found += [("outbox message", each.kind) for each in record.messages]
    for what, given in found:
        if not given.startswith(name):
            yield f"The {what} {given} should begin with {name}."


def _blueprints(plugins: Plugins) -> Iterator[Blueprint]:
    for record in plugins.web:
        yield from (*record.pages, *record.api)


def _undeclared(record: WebCapability) -> Iterator[str]:
    app = Quart("check", static_folder=None)
    for blueprint in (*record.pages, *record.api):
        app.register_blueprint(blueprint)
    for rule in app.url_map.iter_rules():
        if access_of(app, rule.endpoint) is None:
            yield f"{rule.rule} does not declare who may call it."
    for event, handler in record.events.items():
        if not hasattr(handler, "access"):
            yield f"The socket event {event} does not declare who may send it."


def _undocumented(name: str, plugins: Plugins, page: Path) -> Iterator[str]:
    text = page.read_text(encoding="utf-8") if page.is_file() else ""
    if not text:
        yield (
            f"{page.name} is missing in {page.parent.resolve()}: --folder names the folder of the"
            " project."
        )
        return
    settings = dict[str, str]()
    for model in plugins.settings_models.values():
        settings |= section_names(model, prefix=plugin_prefix(name))
    for offer in plugins.adapters:
        settings |= section_names(offer.settings)
    for setting in settings:
        if setting not in text:
            yield f"{page.name} does not explain {setting}."


def _untested(plugins: Plugins, tests: Path) -> Iterator[str]:
    texts = [each.read_text(encoding="utf-8") for each in tests.rglob("test_*.py")]
    if not texts:
        yield "There are no tests."
    for offer in plugins.adapters:
        contract = CONTRACTS.get(offer.port)
        if contract and not any(contract in text for text in texts):
            yield f"No test of the adapter {offer.name} inherits {contract}."
