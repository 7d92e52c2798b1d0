"""The composition root: adapters, services and what the entry points need."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import UTC

import httpx
import redis.asyncio as aioredis
import socketio
from dependency_injector import containers, providers

from adapters.babel import BabelFormats
from adapters.celery.app import celery_app
from adapters.celery.scheduling import CeleryNotifier
from adapters.celery.settings import RedisOptions
from adapters.email_validator.addresses import ValidatedEmailAddresses
from adapters.fpdf import FpdfPrinter
from adapters.icalendar import IcalendarFiles
from adapters.jinja import JinjaTemplates
from adapters.jose.settings import TokenOptions
from adapters.jose.signer import JoseSigner
from adapters.mongo.connection import Client, Driver, close_client, open_client
from adapters.mongo.settings import MongoOptions
from adapters.mongo.store import MongoStore
from adapters.oauth.client import Registration
from adapters.oauth.github import GitHubProvider
from adapters.oauth.openid import OpenIdProvider
from adapters.oauth.settings import GitHubOptions, GoogleOptions, OpenIdOptions
from adapters.pillow.inspection.inspector import ChildInspector
from adapters.pillow.link_previews import PillowLinkPreviews
from adapters.pillow.pictures import PillowPictures
from adapters.system.clock import RandomIds, SystemClock
from adapters.system.factors import TotpAuthenticator
from adapters.system.passwords import BcryptPasswords
from adapters.system.settings import BcryptOptions
from adapters.yrs import YrsTexts
from core.errors import Unavailable
from onehour.chosen import (
    gateways,
    link_secret,
    mailer,
    payouts,
    pusher,
    return_secret,
    storage,
    video,
    virus_scanner,
)
from onehour.plugins import all_offers, load_plugins
from onehour.provider_calls import ObservedClient
from onehour.settings import Settings, WrongSetting
from plugins.manager import Plugins
from ports.adapters import Resources
from ports.clock import Clock
from ports.formats import Formats
from ports.identity import IdentityProvider
from ports.storage import Area, Key
from ports.telemetry import NO_TELEMETRY, Telemetry
from services.bootstrap import CAPABILITIES, Services, build_services
from services.shared.capabilities import Capability, documents_of
from services.shared.dependencies import Dependencies
from services.shared.templates import LAYOUT, contact, template_sources
from web.shared.assets import DOCUMENT_FONTS, TEXT_FONTS
from web.shared.live import PipelinedManager, SocketLive

CHANNEL = "onehour"
GOOGLE = "https://accounts.google.com"
DATABASE_PATIENCE_MS = 5_000
DATABASE_IDLE_MS = 60_000
"""How long a connection without use is kept. Servers and firewalls close such connections after
some minutes (the embedded server after five), and the driver does not notice that before it writes:
the request would fail."""
STORAGE_PATIENCE_S = 3.0
NO_OBJECT = Key(Area.FINAL, f"fil_{'0' * 26}")


def mongo_client(url: str, driver: Driver) -> Client:
    """Constructing does no I/O; a server that does not answer is reported within seconds."""
    return open_client(
        url,
        driver,
        tz_aware=True,
        tzinfo=UTC,
        serverSelectionTimeoutMS=DATABASE_PATIENCE_MS,
        connectTimeoutMS=DATABASE_PATIENCE_MS,
        socketTimeoutMS=20_000,
        maxIdleTimeMS=DATABASE_IDLE_MS,
    )


def redis_client(url: str) -> aioredis.Redis:
    pool = aioredis.BlockingConnectionPool.from_url(
        url, max_connections=4, timeout=2, socket_timeout=2, socket_connect_timeout=1
    )
    return aioredis.Redis(connection_pool=pool)


def records(plugins: Plugins) -> tuple[Capability, ...]:
    """The capabilities, built-in ones and those of plugins."""
    return (*CAPABILITIES, *plugins.capabilities)


def services(dependencies: Dependencies, plugins: Plugins) -> Services:
    """Raises `WrongCapability`."""
    built = build_services(dependencies, added=plugins.capabilities)
    plugins.connect(built.built)
    return built


def identity_providers(
    settings: Settings, http: httpx.AsyncClient, clock: Clock
) -> Mapping[str, IdentityProvider]:
    """The sites people can sign in with, by their names in paths: those that are registered."""
    google = _registration(settings.section(GoogleOptions))
    github = _registration(settings.section(GitHubOptions))
    options = settings.section(OpenIdOptions)
    own = _registration(options)
    offered: list[IdentityProvider] = []
    if google:
        offered.append(
            OpenIdProvider(http, google, clock, issuer=GOOGLE, name="google", label="Google")
        )
    if github:
        offered.append(GitHubProvider(http, github))
    if own and options.issuer:
        offered.append(
            OpenIdProvider(
                http, own, clock, issuer=options.issuer, name="openid", label=options.label
            )
        )
    return {provider.name: provider for provider in offered}


def _registration(options: GoogleOptions | GitHubOptions | OpenIdOptions) -> Registration | None:
    if not options.client_id or not options.client_secret:
        return None
    return Registration(options.client_id, options.client_secret)


def templates(
    settings: Settings, formats: Formats, records: Sequence[Capability]
) -> JinjaTemplates:
    values = contact(settings.base_url, settings.support_email)
    return JinjaTemplates(template_sources(records), formats=formats, layout=LAYOUT, values=values)


def token_signer(settings: Settings) -> JoseSigner:
    """Without keys of their own, access tokens are signed by way of the secret key."""
    keys = dict(settings.section(TokenOptions).keys) or {"house": settings.secret_key}
    return JoseSigner(keys, issuer=settings.base_url, audience=f"{settings.base_url}/api/v1")


def passwords(settings: Settings) -> BcryptPasswords:
    return BcryptPasswords(
        pepper=settings.lasting_key, rounds=settings.section(BcryptOptions).rounds
    )


def authenticator(settings: Settings) -> TotpAuthenticator:
    return TotpAuthenticator(settings.lasting_key.encode(), issuer="1HourDeveloper")


def encoded(text: str) -> bytes:
    return text.encode()


class Container(containers.DeclarativeContainer):
    """Every part once per process. Providers only construct; I/O begins with first use."""

    settings = providers.Dependency(instance_of=Settings)
    telemetry: providers.Provider[Telemetry] = providers.Dependency(instance_of=Telemetry)
    mongo_options = settings.provided.section.call(MongoOptions)
    redis_options = settings.provided.section.call(RedisOptions)
    clock = providers.Singleton(SystemClock)
    ids = providers.Singleton(RandomIds)
    mongo = providers.Singleton(mongo_client, mongo_options.url, mongo_options.driver)
    redis = providers.Singleton(redis_client, redis_options.url)
    http = providers.Singleton(ObservedClient, telemetry, timeout=10.0)
    celery = providers.Singleton(celery_app, redis_options.url)
    notifier = providers.Singleton(CeleryNotifier, celery)
    plugins = providers.Singleton(load_plugins, settings)
    offers = providers.Singleton(all_offers, plugins)
    records = providers.Singleton(records, plugins)
    store = providers.Singleton(
        MongoStore,
        mongo,
        mongo_options.database,
        clock,
        notifier,
        documents=providers.Callable(documents_of, records),
        vocabulary=settings.provided.vocabulary,
        telemetry=telemetry,
    )
    deployment = settings.provided.deployment
    resources = providers.Singleton(
        Resources,
        deployment=deployment,
        http=http,
        clock=clock,
        telemetry=telemetry,
        link_secret=providers.Callable(link_secret, settings),
        return_secret=providers.Callable(return_secret, settings),
    )
    gateways = providers.Singleton(gateways, settings, resources, offers)
    payouts = providers.Singleton(payouts, settings, resources, offers)
    mailer = providers.Singleton(mailer, settings, resources, offers)
    storage = providers.Singleton(storage, settings, resources, offers)
    video = providers.Singleton(video, settings, resources, offers)
    token_signer = providers.Singleton(token_signer, settings)
    identities = providers.Singleton(identity_providers, settings, http, clock)
    socket_manager: providers.Provider[socketio.AsyncManager] = providers.Singleton(
        PipelinedManager, redis_options.url, channel=CHANNEL
    )
    formats = providers.Singleton(BabelFormats)
    live = providers.Singleton(SocketLive, socket_manager)
    inspector = providers.Singleton(ChildInspector)
    service_dependencies = providers.Singleton(
        Dependencies,
        store=store,
        storage=storage,
        gateways=gateways,
        payouts=payouts,
        payout_provider=settings.provided.payouts,
        video=video,
        mailer=mailer,
        templates=providers.Singleton(templates, settings, formats, records),
        live=live,
        extensions=plugins,
        email_addresses=providers.Singleton(ValidatedEmailAddresses),
        passwords=providers.Singleton(passwords, settings),
        authenticator=providers.Singleton(authenticator, settings),
        signer=token_signer,
        identities=identities,
        pictures=providers.Singleton(PillowPictures),
        link_previews=providers.Singleton(PillowLinkPreviews, TEXT_FONTS),
        inspector=inspector,
        formats=formats,
        calendars=providers.Singleton(IcalendarFiles, settings.provided.mail_from),
        printer=providers.Singleton(FpdfPrinter, DOCUMENT_FONTS),
        shared_texts=providers.Singleton(YrsTexts),
        clock=clock,
        ids=ids,
        site=settings.provided.base_url,
        provider=settings.provided.payments,
        secret_key=providers.Callable(encoded, settings.provided.secret_key),
        lasting_key=providers.Callable(encoded, settings.provided.lasting_key),
        policies=settings.provided.policies,
        vocabulary=settings.provided.vocabulary,
        telemetry=telemetry,
        push=providers.Singleton(pusher, settings, resources, offers),
        virus_scanner=providers.Singleton(virus_scanner, settings, resources, offers),
        operator=settings.provided.operator,
    )
    services = providers.Singleton(services, service_dependencies, plugins)


def build(settings: Settings, telemetry: Telemetry = NO_TELEMETRY) -> Container:
    """Raises `WrongSetting` for what no command can do without."""
    needed = {
        "MONGO": settings.section(MongoOptions).url,
        "REDIS": settings.section(RedisOptions).url,
    }
    for name, url in needed.items():
        if url is None:
            raise WrongSetting(
                f"ONEHOUR_{name}_URL is missing; `onehour run` brings its own for trying out."
            )
    return Container(settings=settings, telemetry=telemetry)


async def close(container: Container) -> None:
    """Give back what the parts hold open; those never used are not made for it."""
    await container.http().aclose()
    await container.redis().aclose()
    container.notifier().close()
    await close_client(container.mongo())
    await container.storage().close()
    await container.inspector().close()


Check = Callable[[], Awaitable[object]]


def checks(container: Container) -> Mapping[str, Check]:
    """What /readyz asks. Redis, the file storage, late relays and failing periodic jobs are
    reported, and do not make us unready: routing the traffic elsewhere would not solve that."""
    store, clock = container.store(), container.clock()
    storage = container.storage()
    periodic = container.services().periodic

    async def database() -> None:
        await store.ready()

    async def redis() -> str:
        try:
            await container.redis().ping()
        except Exception as error:
            return f"away ({type(error).__name__})"
        return "ok"

    async def file_storage() -> str:
        try:
            async with asyncio.timeout(STORAGE_PATIENCE_S):
                await storage.head(NO_OBJECT)
        except (Unavailable, TimeoutError) as error:
            return f"away ({type(error.__cause__ or error).__name__})"
        return "ok"

    async def relay_lag_s() -> object:
        try:
            oldest = await store.repositories.outbox.oldest_due(now=clock.now())
        except Unavailable:
            return "unknown"
        return round((clock.now() - oldest).total_seconds(), 3) if oldest else 0.0

    async def periodic_failing() -> object:
        try:
            return await periodic.failing()
        except Unavailable:
            return "unknown"

    return {
        "database": database,
        "redis": redis,
        "file_storage": file_storage,
        "relay_lag_s": relay_lag_s,
        "periodic_failing": periodic_failing,
    }
