"""Everything an operator can set, read once at the start from the environment and `.env`.

The same list for people: docs/settings.md.
"""

from __future__ import annotations

import os
import secrets
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field, fields
from difflib import get_close_matches
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Any

from core.policy import Policy
from onehour import values
from onehour.dotenv import read_dotenv
from onehour.production import check_production
from onehour.values import WrongSetting, setting

__all__ = ["Settings", "WrongSetting", "setting_names"]

PREFIX = "ONEHOUR_"
POLICY_PREFIX = "ONEHOUR_POLICY_"
PLUGIN_PREFIX = "ONEHOUR_PLUGIN_"
"""Names that belong to plugins: theirs to read and to check."""
BUILT_IN = {
    "payments": ("cashfree",),
    "video": ("peer",),
    "storage": ("disk",),
    "mail": ("smtp", "mailjet"),
}
"""The adapters of the house, by the setting that chooses between them."""
REGISTRATIONS = (
    ("google_client_id", "google_client_secret"),
    ("github_client_id", "github_client_secret"),
    ("openid_issuer", "openid_client_id", "openid_client_secret"),
)
"""What belongs together: a site to sign in with knows the house by all of them."""


@dataclass(frozen=True, kw_only=True)
class Settings:
    """One frozen answer to "how is this house set up?"; `None` means: not configured."""

    env: str = setting(values.choice("development", "production"), "development")
    host: str = setting(values.text(), "127.0.0.1")
    port: int = setting(values.number(1, 65535), "8000")
    data_dir: Path = setting(values.folder(), "./data")
    base_url: str = setting(values.url("http", "https"))  # type: ignore[assignment]
    secret_key: str = setting(values.text(), secret=True)
    lasting_key: str = setting(values.text(), secret=True)
    token_keys: tuple[tuple[str, str], ...] = setting(values.named_secrets(), secret=True)
    log_level: str = setting(values.choice("debug", "info", "warning", "error"), "info")
    trusted_proxies: int = setting(values.number(0, 9), "0")
    bcrypt_rounds: int = setting(values.number(4, 16), "12")
    seed_demo: bool = setting(values.yes_or_no(), "1")
    plugins: tuple[str, ...] = setting(values.name_list())

    mongo_url: str | None = setting(values.url("mongodb", "mongodb+srv"), secret=True)
    mongo_database: str = setting(values.text(), "onehour")
    redis_url: str | None = setting(values.url("redis", "rediss", "unix"), secret=True)

    payments: str = setting(values.text(), "cashfree")
    video: str = setting(values.text(), "peer")
    storage: str = setting(values.text(), "disk")
    mail: str = setting(values.text(), "smtp")

    smtp_url: str | None = setting(values.url("smtp", "smtps"), secret=True)
    mail_from: str = setting(values.mail_address(), "1HourDeveloper <no-reply@localhost>")
    mailjet_api_key: str | None = setting(values.maybe_text())
    mailjet_secret_key: str | None = setting(values.maybe_text(), secret=True)
    mailjet_sandbox: bool = setting(values.yes_or_no(), "0")
    mailjet_base_url: str = setting(values.url("http", "https"), "https://api.mailjet.com")  # type: ignore[assignment]

    cashfree_base_url: str | None = setting(values.url("http", "https"))
    cashfree_client_id: str | None = setting(values.maybe_text())
    cashfree_client_secret: str | None = setting(values.maybe_text(), secret=True)
    cashfree_api_version: str = setting(values.text(), "2025-01-01")
    cashfree_sdk_url: str | None = setting(values.url("http", "https"))
    cashfree_mode: str = setting(values.choice("sandbox", "production"), "sandbox")
    simulator_time_scale: float = setting(values.factor(), "1.0")

    google_client_id: str | None = setting(values.maybe_text())
    google_client_secret: str | None = setting(values.maybe_text(), secret=True)
    github_client_id: str | None = setting(values.maybe_text())
    github_client_secret: str | None = setting(values.maybe_text(), secret=True)
    openid_issuer: str | None = setting(values.url("http", "https"))
    openid_client_id: str | None = setting(values.maybe_text())
    openid_client_secret: str | None = setting(values.maybe_text(), secret=True)
    openid_label: str = setting(values.text(), "OpenID")

    policy: Policy = field(default_factory=Policy)
    plugin_settings: Mapping[str, str] = field(default_factory=dict, repr=False)
    """ONEHOUR_PLUGIN_…: what plugins are told; their own to read and to check."""

    @property
    def in_production(self) -> bool:
        return self.env == "production"

    @property
    def caught_mail(self) -> Path:
        """Where the local mail catcher keeps what it caught."""
        return self.data_dir / "mail.sqlite3"

    @classmethod
    def load(cls, environ: Mapping[str, str], dotenv: Path | None) -> Settings:
        """Settings from the environment, which wins over the `.env` file.

        In development a secret key is made once and kept in the data folder, so that
        sessions survive a restart. Raises `WrongSetting`.
        """
        given = {**(read_dotenv(dotenv) if dotenv else {}), **environ}
        texts = {name: text for name, text in given.items() if name.startswith(PREFIX) and text}
        _refuse_unknown(texts)
        settings = cls(
            **_read(texts),
            policy=_policy(texts),
            plugin_settings={n: t for n, t in texts.items() if n.startswith(PLUGIN_PREFIX)},
        )
        _refuse_unknown_adapters(settings)
        _refuse_half_registrations(settings)
        if settings.in_production:
            check_production(settings)
        return settings


def setting_names() -> dict[str, str]:
    """Every name the house reads, with the text of its default."""
    plain = {PREFIX + f.name.upper(): f.metadata["default"] for f in fields(Settings) if f.metadata}
    tuned = {POLICY_PREFIX + name.upper(): t for name, t in values.policy_defaults().items()}
    return plain | tuned


def _read(texts: Mapping[str, str]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for part in (part for part in fields(Settings) if part.metadata):
        name = PREFIX + part.name.upper()
        found[part.name] = part.metadata["kind"].value(
            name, texts.get(name, part.metadata["default"])
        )
    found["base_url"] = found["base_url"] or f"http://127.0.0.1:{found['port']}"
    if not found["secret_key"] and found["env"] == "development":
        found["secret_key"] = _kept_secret(found["data_dir"] / "secret-key")
    found["lasting_key"] = found["lasting_key"] or found["secret_key"]
    return found


def _policy(texts: Mapping[str, str]) -> Policy:
    start = len(POLICY_PREFIX)
    return values.policy_from(
        {
            name[start:].lower(): text
            for name, text in texts.items()
            if name[:start] == POLICY_PREFIX
        }
    )


def _refuse_unknown(texts: Mapping[str, str]) -> None:
    known = setting_names()
    for name in texts:
        if name not in known and not name.startswith(PLUGIN_PREFIX):
            nearest = get_close_matches(name, known, n=1, cutoff=0.0)[0]
            raise WrongSetting(f"{name} is not a setting; the nearest name is {nearest}.")


def _refuse_unknown_adapters(settings: Settings) -> None:
    for part, names in BUILT_IN.items():
        # Plugins offer gateways: only the container, which loads them, can tell their names.
        if part != "payments" or not settings.plugins:
            values.choice(*names).value(PREFIX + part.upper(), getattr(settings, part))


def _refuse_half_registrations(settings: Settings) -> None:
    for parts in REGISTRATIONS:
        given = [part for part in parts if getattr(settings, part)]
        missing = [PREFIX + part.upper() for part in parts if part not in given]
        if given and missing:
            raise WrongSetting(f"{missing[0]} must be set beside {PREFIX}{given[0].upper()}.")


def _kept_secret(path: Path) -> str:
    """The key in this file, made at the first call, readable by its owner only."""
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        with NamedTemporaryFile("w", dir=path.parent) as draft:  # its mode is 0600
            draft.write(secrets.token_urlsafe(48))
            draft.flush()
            with suppress(FileExistsError):  # two processes at once: both use the first key
                os.link(draft.name, path)
    return path.read_text()
