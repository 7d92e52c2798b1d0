"""`onehour plugins`: lists installed plugins, checks one, and writes the files of a new one."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from core.errors import OneHourError
from onehour.plugin_checks import Project, findings
from onehour.plugin_templates import write_plugin
from onehour.plugin_tests import failing_tests
from onehour.plugins import reading
from onehour.settings import Settings
from plugins.manager import installed


class PluginFindings(OneHourError):
    """A plugin does not fulfil the checklist."""

    code = "plugin_findings"


def main(settings: Settings, action: str, name: str | None, folder: Path) -> None:
    """Raises `WrongPlugin` and `WrongSetting`, and `PluginFindings` with all of them."""
    match action, name:
        case "list", None:
            print(*listed(settings), sep="\n")
        case "check", str():
            check(settings, name, folder)
            print(f"The plugin {name} fulfils the checklist.")
        case "new", str():
            print(f"{write_plugin(name, folder)} is a plugin: see its README.md.")
        case "list", _:
            raise PluginFindings("`onehour plugins list` takes no name.")
        case _:
            raise PluginFindings(f"`onehour plugins {action}` needs the name of a plugin.")


def listed(settings: Settings) -> Iterator[str]:
    """Name, version and whether it is enabled, of each installed plugin."""
    found = installed()
    for _, point in sorted(found.items()):
        version = point.dist.version if point.dist else "unknown"
        enabled = "  enabled" if point.name in settings.plugins else ""
        yield f"{point.name}  {version}{enabled}"
    if not found:
        yield "No plugins are installed."


def check(settings: Settings, name: str, folder: Path) -> None:
    """Raises `PluginFindings` with a sentence for each finding. If there is none, the tests of the
    project are run, and each adapter must pass the contract suite of its port. A plugin that comes
    with OneHour is explained and tested in its checkout."""
    if name not in installed():
        known = ", ".join(sorted(installed())) or "none"
        raise PluginFindings(
            f"No plugin {name} is installed; installed plugins: {known}. Install its project first:"
            f" pip install -e {folder}"
        )
    plugins = reading(settings.plugin_settings)
    plugins.load([name], alone=True)
    distribution = installed()[name].dist
    project = Project.of(name, folder, distribution.name if distribution else "")
    found = list(findings(name, plugins, project))
    found = found or list(failing_tests(project.tests, plugins.adapters))
    if found:
        raise PluginFindings("\n".join(found))
