"""Everything an operator can set, read once at the start from the environment and `.env`.

Each adapter has a section of its own, defined beside it (`adapters/*/settings.py`); here is what
belongs to none of them. The same list for people: docs/settings.md.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from email.utils import parseaddr
from pathlib import Path
from typing import Annotated, Any, Literal, Self, TypeVar, get_args
from urllib.parse import urlsplit

from email_validator import EmailNotValidError, validate_email
from pydantic import AfterValidator, BaseModel, BeforeValidator, Field, SkipValidation
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from core.errors import Invalid
from core.gst import FEE_SERVICE_CODE, PERCENT, SERVICE_CODE, STATES, Operator, checked_gstin
from core.policy import Policies
from core.vocabulary import Vocabulary
from onehour.adapters import (
    ALWAYS,
    BUILT_IN,
    RESERVED,
    Offers,
    built_in_names,
    built_in_sections,
    selected,
)
from onehour.data_dir import usable_folder
from onehour.dotenv import read_dotenv
from onehour.local.ports import reachable
from onehour.logs import LogFormat
from onehour.policy import policy_names, read_policies
from onehour.sections import (
    PLUGIN_PREFIX,
    PREFIX,
    plugin_section,
    read_section,
    refuse_control_characters,
    refuse_unknown,
    section_names,
)
from onehour.stored_secret import stored_secret
from onehour.vocabulary import read_vocabulary
from ports.adapters import PortName
from ports.settings import ChecksProduction, Deployment, WrongSetting, either, url

__all__ = ["Settings", "WrongSetting", "plugin_section", "setting_names"]

SECRET_MINIMUM = 32
EXAMPLE = "change-me"
"""The key in the example of `deploy/`, which everybody can read."""
CHECKOUT_PATH = "/checkout"
WEBHOOK_PATH = "/api/v1/webhooks/payments"

S = TypeVar("S", bound=BaseModel)


def _names(given: object) -> object:
    if not isinstance(given, str):
        return given
    names = tuple(part.strip() for part in given.split(",") if part.strip())
    if not all(re.fullmatch(r"[\w.-]+", name) for name in names):
        raise ValueError("names separated by commas")
    return names


def _site(given: str) -> str:
    parts = urlsplit(given)
    if parts.query or parts.fragment or "@" in parts.netloc:
        raise ValueError("a URL without a query, fragment or password")
    return given


def _host(given: str) -> str:
    if urlsplit(_site(given)).path:
        raise ValueError("a URL without a path, a query, a fragment or a password")
    return given


def _mail_address(given: str) -> str:
    if not re.fullmatch(r"[^@\s]+@[^@\s]+", parseaddr(given)[1]):
        raise ValueError("a mail address, such as 1HourDeveloper <hello@example.com>")
    return given


def _support_address(given: str) -> str:
    """With the domain in its readable form. Whether it can get mail is not checked."""
    try:
        return given and validate_email(given, check_deliverability=False).normalized
    except EmailNotValidError:
        raise ValueError("a plain mail address, such as support@example.com") from None


def _gstin(given: str) -> str:
    try:
        return checked_gstin(given)
    except Invalid as error:
        raise ValueError(error.fields["gstin"].rstrip(".")) from None


def _state(given: str) -> str:
    if given and given not in STATES:
        raise ValueError("it must be the two digits of a state of India, such as 29 for Karnataka")
    return given


def _folder(given: Path) -> Path:
    return given.expanduser().resolve()


HttpUrl = Annotated[str, AfterValidator(url("http", "https"))]


class General(BaseSettings):
    """The section that belongs to no adapter: `ONEHOUR_…`."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, frozen=True, hide_input_in_errors=True)

    env: Literal["development", "production"] = "development"
    host: str = "127.0.0.1"
    port: int = Field(default=8000, ge=1, le=65535)
    data_dir: Annotated[Path, AfterValidator(_folder)] = Path("data")
    base_url: Annotated[HttpUrl, AfterValidator(_site)] | Literal[""] = ""
    files_url: Annotated[HttpUrl, AfterValidator(_host)] | Literal[""] = ""
    secret_key: str = Field(default="", repr=False)
    lasting_key: str = Field(default="", repr=False)
    log_level: Literal["debug", "info", "warning", "error"] = "info"
    log_format: LogFormat | None = None
    trusted_proxies: int = Field(default=0, ge=0, le=9)
    seed_demo: bool = True
    plugins: Annotated[tuple[str, ...], NoDecode, BeforeValidator(_names)] = ()
    mail_from: Annotated[str, AfterValidator(_mail_address)] = "1HourDeveloper <no-reply@localhost>"
    support_email: Annotated[str, AfterValidator(_support_address)] = ""
    operator_name: str = Field(default="", max_length=200)
    operator_address: str = Field(default="", max_length=400)
    operator_gstin: Annotated[str, AfterValidator(_gstin)] = ""
    operator_state: Annotated[str, AfterValidator(_state)] = ""
    service_code: str = Field(default=SERVICE_CODE, pattern=r"^[0-9]{4,8}$")
    fee_service_code: str = Field(default=FEE_SERVICE_CODE, pattern=r"^[0-9]{4,8}$")
    gst_percent: int = Field(default=PERCENT, ge=0, le=40)
    pages_dir: Annotated[Path, AfterValidator(_folder)] | None = None
    search_synonyms: Annotated[Path, AfterValidator(_folder)] | None = None

    payments: str = "cashfree"
    payouts: str = ""
    video: str = "peer"
    storage: str = "disk"
    mail: str = "smtp"
    push: str = "off"
    virus_scan: str = "off"

    @property
    def in_production(self) -> bool:
        return self.env == "production"

    @property
    def operator(self) -> Operator:
        """Who runs the site, for documents."""
        return Operator(
            name=self.operator_name,
            address=self.operator_address,
            gstin=self.operator_gstin,
            service_code=self.service_code,
            state=self.operator_state,
            fee_service_code=self.fee_service_code,
            percent=self.gst_percent,
        )

    def completed(self, *, keeps: bool) -> Self:
        """With what follows from the rest when it is not set. `keeps` False: without a secret key,
        which would be kept in the data folder."""
        secret = self.secret_key
        if keeps and not self.in_production:
            usable_folder(self.data_dir)
            secret = secret or stored_secret(self.data_dir / "secret-key", minimum=SECRET_MINIMUM)
        changes = {
            "payouts": self.payouts or ("off" if self.in_production else "cashfree"),
            "base_url": self.base_url or f"http://127.0.0.1:{self.port}",
            "secret_key": secret,
            "lasting_key": self.lasting_key or secret,
            "log_format": self.log_format or ("json" if self.in_production else "text"),
        }
        return self.model_copy(update=changes)

    def check_production(self, deployment: Deployment) -> None:
        for name, key in (("SECRET", self.secret_key), ("LASTING", self.lasting_key)):
            if len(key) < SECRET_MINIMUM or EXAMPLE in key:
                raise WrongSetting(
                    f"In production ONEHOUR_{name}_KEY must be {SECRET_MINIMUM} or more characters"
                    " nobody can guess."
                )
        if urlsplit(self.base_url).scheme != "https":
            raise WrongSetting(
                "In production ONEHOUR_BASE_URL must be the https:// address of the site."
            )
        if self.files_url and urlsplit(self.files_url).scheme != "https":
            raise WrongSetting(
                "In production ONEHOUR_FILES_URL must be an https:// address of its own."
            )
        if "@localhost" in self.mail_from:
            raise WrongSetting("In production ONEHOUR_MAIL_FROM must be a mail address of yours.")


class Settings(General):
    """All settings of this start, frozen: the general section, the policy, and `section(…)` for
    the section of each built-in adapter."""

    policies: SkipValidation[Policies]
    vocabulary: SkipValidation[Vocabulary]
    sections: SkipValidation[Mapping[type[BaseModel], Any]] = Field(repr=False)
    plugin_settings: SkipValidation[Mapping[str, str]] = Field(repr=False)
    """The texts named ONEHOUR_PLUGIN_…: read by the plugins' own sections."""

    @classmethod
    def load(cls, environ: Mapping[str, str], dotenv: Path | None, *, keeps: bool = True) -> Self:
        """Settings from the environment, which wins over the `.env` file.

        In development a secret key is made once and kept in the data folder, so that
        sessions survive a restart; with `keeps=False`, for commands that start nothing, the data
        folder is not touched. Raises `WrongSetting`.
        """
        given = {**(read_dotenv(dotenv) if dotenv else {}), **environ}
        texts = {name: text for name, text in given.items() if name.startswith(PREFIX) and text}
        of_plugins = {name: text for name, text in texts.items() if name.startswith(PLUGIN_PREFIX)}
        refuse_control_characters({n: t for n, t in texts.items() if n not in of_plugins})
        refuse_unknown({name: "" for name in texts.keys() - of_plugins.keys()}, setting_names())
        general = read_section(General, texts).completed(keeps=keeps)
        # Each part is checked by its own section already.
        settings = cls.model_construct(
            **dict(general),
            policies=read_policies(texts),
            vocabulary=read_vocabulary(general.search_synonyms),
            sections={model: read_section(model, texts) for model in built_in_sections()},
            plugin_settings=of_plugins,
        )
        _refuse_unknown_adapters(settings)
        if settings.in_production:
            settings.check_production(settings.deployment)
        for model in (*ALWAYS, *(offer.settings for offer in chosen(settings))):
            settings.section_in_use(model)
        return settings

    def section(self, model: type[S]) -> S:
        """The section of an adapter. A plugin's is read here, by the `env_prefix` of its model,
        which begins with ONEHOUR_PLUGIN_; then it raises `WrongSetting`."""
        found: S | None = self.sections.get(model)
        return read_section(model, self.plugin_settings) if found is None else found

    def section_in_use(self, model: type[S]) -> S:
        """The same for an adapter that is used: in production it is checked further. Raises
        `WrongSetting`."""
        section = self.section(model)
        if self.in_production and isinstance(section, ChecksProduction):
            section.check_production(self.deployment)
        return section

    @property
    def deployment(self) -> Deployment:
        return Deployment(
            in_production=self.in_production,
            base_url=self.base_url,
            files_url=self.files_url or self.base_url,
            own_url=f"http://{reachable(self.host)}:{self.port}",
            checkout_path=CHECKOUT_PATH,
            webhook_path=WEBHOOK_PATH,
            data_dir=self.data_dir,
            mail_from=self.mail_from,
        )

    @property
    def caught_mail(self) -> Path:
        """Where the local mail catcher keeps what it caught."""
        return self.data_dir / "mail.sqlite3"

    def choice(self, port: PortName) -> str:
        """The name of the adapter chosen for `port`."""
        return str(getattr(self, port))


def setting_names() -> dict[str, str]:
    """Every name that is read, with the text of its default; "" means: not set."""
    found: dict[str, str] = {}
    sections: tuple[type[BaseModel], ...] = (General, *built_in_sections())
    for model in sections:
        found |= section_names(model)
    return found | policy_names()


def chosen(settings: Settings, offers: Offers = BUILT_IN) -> Offers:
    """The offers that the settings choose, one a port at most."""
    return [offer for offer in offers if settings.choice(offer.port) == offer.name]


def check_chosen(settings: Settings, offers: Offers) -> None:
    """Raises `WrongSetting` if the adapter that is chosen for a port is not among the offers."""
    for port in get_args(PortName):
        if settings.choice(port) not in RESERVED.get(port, ()):
            selected(offers, port, settings.choice(port))


def _refuse_unknown_adapters(settings: Settings) -> None:
    for port in get_args(PortName):
        names = built_in_names(port)
        # Plugins offer further ones: only the container, which loads them, can tell their names.
        open_to_plugins = settings.plugins and port in {offer.port for offer in BUILT_IN}
        if settings.choice(port) not in names and not open_to_plugins:
            raise WrongSetting(
                f"ONEHOUR_{port.upper()} must be {either(names)}, or the name of an adapter of a"
                " plugin that ONEHOUR_PLUGINS names."
            )
