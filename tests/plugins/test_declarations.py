"""A wrong declaration in a plugin stops the start with one sentence, which is listed here."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any, ClassVar

import pytest
from pydantic import BaseModel
from pydantic_settings import BaseSettings, SettingsConfigDict
from quart import Blueprint

from core.errors import OneHourError
from onehour.api import (
    AdapterOffer,
    Booking,
    Capability,
    DocumentType,
    Link,
    NoticeKind,
    Panel,
    Payload,
    PluginContext,
    Slot,
    Socket,
    StaticFolder,
    WebCapability,
    Who,
    allow,
    handles,
    implements,
    periodic,
)
from onehour.application import Application
from onehour.settings import Settings
from tests.plugins.installed import install

SERVERS = {
    "ONEHOUR_MONGO_URL": "mongodb://127.0.0.1:1/",
    "ONEHOUR_REDIS_URL": "redis://127.0.0.1:1/0",
    "ONEHOUR_SMTP_URL": "smtp://127.0.0.1:1",
}
HERE = Path(__file__).parent


@dataclass(frozen=True, slots=True)
class Note:
    id: str
    version: int = 0


@dataclass(frozen=True, slots=True)
class Remind(Payload):
    kind: ClassVar[str] = "wrong.remind"


@dataclass(frozen=True, slots=True)
class Refund(Payload):
    kind: ClassVar[str] = "payments.refund"


class Handles:
    @handles(Remind)
    async def remind(self, payload: Remind) -> None: ...


class HandlesToo:
    @handles(Remind)
    async def remind(self, payload: Remind) -> None: ...


class Cleans:
    @periodic("outbox.watch", every=timedelta(hours=1))
    async def clean(self) -> None: ...


class Options(BaseModel):
    most: int = 20


class MailOptions(BaseSettings):
    model_config = SettingsConfigDict(env_prefix="ONEHOUR_PLUGIN_WRONG_")


class OwnOptions(BaseSettings):
    model_config = SettingsConfigDict(env_prefix="ONEHOUR_BANK_")

    key: str = ""


def building(**services: object) -> Callable[..., Mapping[str, object]]:
    return lambda dependencies, built: services


def a_capability(**fields: Any) -> Capability:
    given = {"name": "wrong", "build": building(), "personal_data": None, **fields}
    return Capability(**given)


def an_offer(name: str, settings: type[Any] = MailOptions) -> AdapterOffer[Any, Any]:
    return AdapterOffer(
        port="mail",
        name=name,
        settings=settings,
        build=lambda settings, resources: None,
        configured=lambda settings: True,
    )


def a_page(*, path: str = "/wrong", name: str = "wrong") -> Blueprint:
    blueprint = Blueprint(name, name)
    blueprint.add_url_rule(path, view_func=allow(Who.ANYONE)(nothing))
    return blueprint


async def nothing() -> str:
    return ""


def an_undeclared_page() -> Blueprint:
    blueprint = Blueprint("wrong", "wrong")

    @blueprint.get("/wrong")
    async def show() -> str:
        return ""

    return blueprint


@allow(Who.SIGNED_IN)
async def an_event(socket: Socket, data: object) -> None: ...


async def an_undeclared_event(socket: Socket, data: object) -> None: ...


async def a_panel(facts: Mapping[str, object]) -> str | None:
    return None


class Contributes:
    """`returns` are results of the hooks, by name; an error is raised."""

    def __init__(self, **returns: object) -> None:
        self._returns = returns

    @implements
    def onehour_settings(self) -> Any:
        return self._result("settings")

    @implements
    def onehour_capabilities(self, context: PluginContext) -> Any:
        return self._result("capabilities")

    @implements
    def onehour_web(self) -> Any:
        return self._result("web")

    @implements
    def onehour_adapters(self) -> Any:
        return self._result("adapters")

    def _result(self, hook: str) -> object:
        result = self._returns.get(hook)
        return result() if callable(result) and not isinstance(result, type) else result


def raises(error: Exception) -> Callable[[], object]:
    def fail() -> object:
        raise error

    return fail


class AsyncContribution:
    @implements
    async def onehour_web(self) -> list[WebCapability]:
        return []


class Misspelt:
    @implements
    async def onehour_may_bok(self, booking: Booking) -> str | None:
        return None


def web(**fields: Any) -> Contributes:
    return Contributes(web=[WebCapability(name="wrong", **fields)])


def services(**fields: Any) -> Contributes:
    return Contributes(capabilities=lambda: [a_capability(**fields)])


WRONG: dict[str, tuple[object, Mapping[str, str], str]] = {
    "hook unknown": (
        Misspelt,
        {},
        "The plugin wrong cannot be used: unknown hook 'onehour_may_bok'.",
    ),
    "hook async": (
        AsyncContribution,
        {},
        "The plugin wrong cannot be used: onehour_web must be a plain def.",
    ),
    "hook fails": (
        Contributes(capabilities=raises(OSError("no such file"))),
        {},
        "The plugin wrong failed in onehour_capabilities: no such file.",
    ),
    "hook returns no records": (
        Contributes(web=["/hello"]),
        {},
        "onehour_web of the plugin wrong must return a list of WebCapability records.",
    ),
    "hook returns one record": (
        Contributes(capabilities=a_capability()),
        {},
        "onehour_capabilities of the plugin wrong must return a list of Capability records.",
    ),
    "hook returns no adapters": (
        Contributes(adapters=[Options]),
        {},
        "onehour_adapters of the plugin wrong must return a list of AdapterOffer records.",
    ),
    "settings no model": (
        Contributes(settings={"most": 20}),
        {},
        "onehour_settings of the plugin wrong must return a pydantic model.",
    ),
    "settings wrong value": (
        Contributes(settings=Options),
        {"ONEHOUR_PLUGIN_WRONG_MOST": "many"},
        "ONEHOUR_PLUGIN_WRONG_MOST must be a whole number.",
    ),
    "settings unknown name": (
        Contributes(settings=Options),
        {"ONEHOUR_PLUGIN_WRONG_MOTS": "20"},
        "ONEHOUR_PLUGIN_WRONG_MOTS is not a setting; the nearest name is"
        " ONEHOUR_PLUGIN_WRONG_MOST.",
    ),
    "settings of no plugin": (
        Contributes(),
        {"ONEHOUR_PLUGIN_OTHER_MOST": "20"},
        "ONEHOUR_PLUGIN_OTHER_MOST is not a setting of an enabled plugin.",
    ),
    "capability named twice": (
        services(name="bookings"),
        {},
        "Two capabilities are named bookings.",
    ),
    "capability without personal data": (
        Contributes(capabilities=lambda: [Capability(name="wrong", build=building())]),  # type: ignore[call-arg]
        {},
        "The plugin wrong failed in onehour_capabilities: Capability.__init__() missing 1 required"
        " keyword-only argument: 'personal_data'.",
    ),
    "capability with other personal data": (
        services(personal_data={}),
        {},
        "The capability wrong must declare personal_data, or None if it stores nothing about"
        " people.",
    ),
    "service named twice": (
        services(build=building(bookings=Handles())),
        {},
        "Two capabilities build a service named bookings.",
    ),
    "repository unknown": (
        services(repositories=("notes",)),
        {},
        "The capability wrong needs the repository notes, which the store does not have.",
    ),
    "collection of a repository": (
        services(documents=(DocumentType("bookings", Note),)),
        {},
        "The collection 'bookings' is already in use.",
    ),
    "collection declared twice": (
        Contributes(
            capabilities=lambda: [
                a_capability(name="first", documents=(DocumentType("notes", Note),)),
                a_capability(name="second", documents=(DocumentType("notes", Note),)),
            ]
        ),
        {},
        "The collection notes of the capability second is already in use by the capability first.",
    ),
    "document without version": (
        Contributes(capabilities=lambda: [DocumentType("options", Options)]),  # type: ignore[type-var]
        {},
        "The plugin wrong failed in onehour_capabilities: Options is not a frozen dataclass with"
        " `id: str` and `version: int = 0`.",
    ),
    "message with two handlers": (
        services(build=building(one=Handles(), two=HandlesToo()), messages=(Remind,)),
        {},
        "The outbox message wrong.remind has two handlers.",
    ),
    "message without handler": (
        services(messages=(Remind,)),
        {},
        "The outbox message wrong.remind of the capability wrong has no handler.",
    ),
    "message not listed": (
        services(build=building(one=Handles())),
        {},
        "The capability wrong handles wrong.remind, but does not list it in messages.",
    ),
    "periodic job declared twice": (
        services(build=building(cleaner=Cleans())),
        {},
        "The periodic job outbox.watch is declared twice.",
    ),
    "notice named twice": (
        services(notices=(NoticeKind("accepted", "wrong/accepted"),)),
        {},
        "Two notices are named accepted.",
    ),
    "templates missing": (
        services(templates=Path("/nowhere/templates")),
        {},
        "The capability wrong has no folder /nowhere/templates of templates.",
    ),
    "adapter named twice": (
        Contributes(adapters=[an_offer("smtp")]),
        {},
        "Two adapters for mail are named smtp.",
    ),
    "adapter with settings of the application": (
        Contributes(adapters=[an_offer("bank", OwnOptions)]),
        {},
        "The settings of the adapter bank must begin with ONEHOUR_PLUGIN_.",
    ),
    "adapter unknown": (
        Contributes(adapters=[an_offer("pigeon")]),
        {"ONEHOUR_MAIL": "gull"},
        "ONEHOUR_MAIL is gull; choose one of mailjet, pigeon, smtp.",
    ),
    "web record named twice": (
        Contributes(web=[WebCapability(name="bookings")]),
        {},
        "The web record bookings is declared twice, by bookings and bookings.",
    ),
    "page without permission": (
        web(pages=(an_undeclared_page(),)),
        {},
        "/wrong (wrong.show) does not declare who may call it.",
    ),
    "blueprint named twice": (
        web(pages=(a_page(name="bookings"),)),
        {},
        "The blueprint bookings is declared twice, by bookings and wrong.",
    ),
    "socket event without permission": (
        web(events={"wrong:event": an_undeclared_event}),
        {},
        "The event wrong:event does not declare who may send it.",
    ),
    "socket event declared twice": (
        Contributes(
            web=[
                WebCapability(name="first", events={"wrong:event": an_event}),
                WebCapability(name="second", events={"wrong:event": an_event}),
            ]
        ),
        {},
        "The socket event wrong:event is declared twice, by first and second.",
    ),
    "link to another site": (
        web(navigation=(Link("Hello", "javascript:alert(1)"),)),
        {},
        "The link 'Hello' of the capability wrong must have a label, and a path that begins with a"
        " slash.",
    ),
    "panel without slot": (
        web(panels=(Panel("sidebar", a_panel),)),  # type: ignore[arg-type]
        {},
        "The capability wrong has a panel for 'sidebar', which is no slot.",
    ),
    "static folder named twice": (
        web(static=StaticFolder("bookings", HERE)),
        {},
        "The folder of static files bookings is declared twice, by bookings and wrong.",
    ),
    "route of the application": (
        web(pages=(a_page(path="/developers/<whose>"),)),
        {},
        "The route GET /developers/<…> is declared twice, by developers and wrong.",
    ),
    "route of two": (
        Contributes(
            web=[
                WebCapability(name="first", pages=(a_page(name="first"),)),
                WebCapability(name="second", pages=(a_page(name="second"),)),
            ]
        ),
        {},
        "The route GET /wrong is declared twice, by first and second.",
    ),
    "body limit of others": (
        web(pages=(a_page(),), body_limits={"/bookings/": lambda services: 1}),
        {},
        "The body limit /bookings/ of the capability wrong must be for routes of its own.",
    ),
    "body limit that fails": (
        web(pages=(a_page(),), body_limits={"/wrong": lambda services: 1 // 0}),
        {},
        "The plugin wrong failed in the body limit /wrong: integer division or modulo by zero.",
    ),
    "body limit of nothing": (
        web(pages=(a_page(),), body_limits={"/wrong": lambda services: 0}),
        {},
        "The plugin wrong must give the body limit /wrong as a number of bytes.",
    ),
    "style sheet missing": (
        web(static=StaticFolder("wrong", HERE, sheets=("wrong.css",))),
        {},
        f"{HERE} has no style sheet wrong.css.",
    ),
}


@pytest.mark.parametrize(("plugin", "settings", "sentence"), WRONG.values(), ids=list(WRONG))
async def test_a_wrong_declaration_stops_the_start_with_one_sentence(
    plugin: object,
    settings: Mapping[str, str],
    sentence: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    install(monkeypatch, wrong=plugin)
    given = {
        **SERVERS,
        "ONEHOUR_DATA_DIR": str(tmp_path),
        "ONEHOUR_PLUGINS": "wrong",
        **settings,
    }

    with pytest.raises(OneHourError) as refused:
        Application(Settings.load(given, None))

    assert refused.value.message == sentence


async def test_what_is_declared_well_starts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    plugin = Contributes(
        settings=Options,
        capabilities=lambda: [
            a_capability(
                build=building(handles=Handles()),
                messages=(Remind,),
                documents=(DocumentType("notes", Note),),
            )
        ],
        adapters=[an_offer("pigeon")],
        web=[
            WebCapability(
                name="wrong",
                pages=(a_page(),),
                events={"wrong:event": an_event},
                panels=(Panel(Slot.ADMIN, a_panel),),
            )
        ],
    )
    install(monkeypatch, well=plugin)
    given = {
        **SERVERS,
        "ONEHOUR_DATA_DIR": str(tmp_path),
        "ONEHOUR_PLUGINS": "well",
        "ONEHOUR_PLUGIN_WELL_MOST": "30",
        "ONEHOUR_MAIL": "pigeon",
    }

    application = Application(Settings.load(given, None))

    assert "wrong.nothing" in application.app.view_functions
