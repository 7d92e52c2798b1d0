"""The files of a new adapter: a distribution that works in memory, and the contract of its port."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from onehour.plugin_templates import checked_name, write_files
from ports.adapters import PortName

FOLDER = Path(__file__).parent / "templates" / "adapters"
COMMON = {
    "pyproject.toml": "common/pyproject.toml",
    "README.md": "common/README.md",
    "src/$name/__init__.py": "common/__init__.py",
    "src/$name/offer.py": "common/offer.py",
    "src/$name/provider.py": "$port/provider.py",
    "src/$name/adapter.py": "$port/adapter.py",
    "tests/test_$name.py": "$port/test.py",
}
"""The template of each file."""
IMPORTS = ("AdapterOffer", "Deployment", "Resources", "WrongSetting", "url")
PACKAGE = "src/$name/py.typed"
SIGNER = "LinkSigner(resources.deployment.files_url, resources.link_secret, resources.clock)"


@dataclass(frozen=True, slots=True)
class Words:
    """What differs between ports: what the adapter is, the name of the port's protocol, the end of
    the adapter's class, and the expression that makes it, with the names that it `uses`. `more` are
    further files."""

    what: str
    protocol: str
    kind: str
    build: str
    uses: tuple[str, ...] = ()
    more: tuple[tuple[str, str], ...] = ()


WORDS: dict[PortName, Words] = {
    "payments": Words(
        "a payment gateway",
        "PaymentGateway",
        "Gateway",
        "$adapter(Provider(resources.clock.now), options.key.encode())",
    ),
    "payouts": Words(
        "a payout provider",
        "PayoutProvider",
        "Payouts",
        "$adapter(Provider(), options.key.encode())",
    ),
    "video": Words(
        "a video provider",
        "VideoProvider",
        "Video",
        "$adapter(Provider(resources.clock.now), options.key.encode())",
        more=(("src/$name/static/$name.js", "video/module.js"),),
    ),
    "storage": Words(
        "a file storage",
        "Storage",
        "Storage",
        f"$adapter(\n        {SIGNER},\n        Provider(resources.clock.now),\n    )",
        ("LinkSigner",),
    ),
    "mail": Words("a mailer", "Mailer", "Mailer", "$adapter(Provider())"),
    "push": Words("messages to browsers", "Pusher", "Pusher", "$adapter(Provider(), options.key)"),
    "virus_scan": Words("a virus scanner", "VirusScanner", "Scanner", "$adapter(Provider())"),
}


def write_adapter(port: PortName, name: str, folder: Path) -> Path:
    """Write the files of an adapter of this port into a new folder, which is returned. Raises
    `WrongSetting` for a name that cannot be that of a package, and for a folder that exists or
    cannot be written."""
    words = WORDS[port]
    class_name = "".join(part.capitalize() for part in checked_name(name, folder).split("_"))
    adapter = f"{class_name}{words.kind}"
    values = {
        "port": port,
        "port_upper": port.upper(),
        "what": words.what,
        "protocol": words.protocol,
        "imports": ", ".join(sorted((*IMPORTS, words.protocol, *words.uses), key=_order)),
        "class": class_name,
        "adapter": adapter,
        "build": words.build.replace("$adapter", adapter),
    }
    files = {path: _template(source, port) for path, source in (*COMMON.items(), *words.more)}
    return write_files({**files, PACKAGE: ""}, name, folder, values)


def _order(name: str) -> tuple[bool, str]:
    """Classes before functions."""
    return name.islower(), name


def _template(source: str, port: PortName) -> str:
    return (FOLDER / f"{source.replace('$port', port)}.txt").read_text(encoding="utf-8")
