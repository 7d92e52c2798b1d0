"""The one place where adapters, services and doors are put together."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from datetime import UTC
from typing import Any

import httpx
import redis.asyncio as aioredis
import socketio
from dependency_injector import containers, providers
from motor.motor_asyncio import AsyncIOMotorClient

from adapters.babel import BabelFormats
from adapters.cashfree import CashfreeGateway, CashfreeSettings
from adapters.celery.app import celery_app
from adapters.celery.scheduling import CeleryNotifier
from adapters.jinja import JinjaTemplates
from adapters.jose.signer import JoseSigner
from adapters.mailjet.mailer import MailjetMailer, MailjetSettings
from adapters.mongo.store import MongoStore
from adapters.oauth import GitHubProvider, OpenIdProvider, Registration
from adapters.pillow.pictures import PillowPictures
from adapters.smtp.mailer import SmtpMailer, SmtpSettings
from adapters.system.clock import RandomIds, SystemClock
from adapters.system.factors import TotpAuthenticator
from adapters.system.passwords import BcryptPasswords
from onehour.addresses import checkout_base, gateway_url, notify_url
from onehour.settings import Settings, WrongSetting
from plugins.manager import Plugins
from ports.clock import Clock
from ports.formats import Formats
from ports.identity import IdentityProvider
from ports.mail import Mailer
from ports.payments import PaymentGateway
from services.bootstrap import build_services
from services.shared.dependencies import Dependencies
from services.shared.templates import LAYOUT, template_sources
from web.shared.live import PipelinedManager, SocketLive

CHANNEL = "onehour"
GOOGLE = "https://accounts.google.com"
DATABASE_PATIENCE_MS = 5_000


def mongo_client(url: str) -> AsyncIOMotorClient[Any]:
    """Constructing does no I/O; a server that is away is told within seconds."""
    return AsyncIOMotorClient(
        url,
        tz_aware=True,
        tzinfo=UTC,
        serverSelectionTimeoutMS=DATABASE_PATIENCE_MS,
        connectTimeoutMS=DATABASE_PATIENCE_MS,
        socketTimeoutMS=20_000,
    )


def redis_client(url: str) -> aioredis.Redis:
    pool = aioredis.BlockingConnectionPool.from_url(
        url, max_connections=4, timeout=2, socket_timeout=2, socket_connect_timeout=1
    )
    return aioredis.Redis(connection_pool=pool)


def cashfree(settings: Settings, client: httpx.AsyncClient, clock: SystemClock) -> CashfreeGateway:
    return CashfreeGateway(
        client,
        CashfreeSettings(
            base_url=gateway_url(settings),
            client_id=settings.cashfree_client_id or "simulator",
            client_secret=settings.cashfree_client_secret or "simulator-secret",
            api_version=settings.cashfree_api_version,
            checkout_base=checkout_base(settings),
            notify_url=notify_url(settings),
        ),
        clock,
    )


def plugins(settings: Settings) -> Plugins:
    loaded = Plugins()
    loaded.load(settings.plugins)
    return loaded


def gateways(
    settings: Settings, own: Callable[[], PaymentGateway], extensions: Plugins
) -> Mapping[str, PaymentGateway]:
    """All that can be reached, not the chosen one alone: payments made with another before
    ONEHOUR_PAYMENTS was changed are still settled and refunded."""
    offered = dict(extensions.gateways(settings.plugin_settings))
    if settings.payments == "cashfree" or settings.cashfree_base_url:
        offered["cashfree"] = own()
    if settings.payments not in offered:
        names = ", ".join(sorted({"cashfree", *offered}))
        raise WrongSetting(f"ONEHOUR_PAYMENTS is {settings.payments}; choose one of {names}.")
    return offered


def identity_providers(
    settings: Settings, http: httpx.AsyncClient, clock: Clock
) -> Mapping[str, IdentityProvider]:
    """The sites people can sign in with, by their names in paths: those that are registered."""

    def openid(issuer: str, ours: Registration, name: str, label: str) -> IdentityProvider:
        return OpenIdProvider(http, ours, clock, issuer=issuer, name=name, label=label)

    google = _registration(settings.google_client_id, settings.google_client_secret)
    github = _registration(settings.github_client_id, settings.github_client_secret)
    own = _registration(settings.openid_client_id, settings.openid_client_secret)
    offered = [
        *([openid(GOOGLE, google, "google", "Google")] if google else []),
        *([GitHubProvider(http, github)] if github else []),
        *(
            [openid(settings.openid_issuer, own, "openid", settings.openid_label)]
            if settings.openid_issuer and own
            else []
        ),
    ]
    return {provider.name: provider for provider in offered}


def _registration(client_id: str | None, client_secret: str | None) -> Registration | None:
    return Registration(client_id, client_secret) if client_id and client_secret else None


def mailer(settings: Settings, client: httpx.AsyncClient) -> Mailer:
    if settings.mail == "mailjet":
        return mailjet(settings, client)
    if settings.smtp_url is None:
        raise WrongSetting("ONEHOUR_SMTP_URL is missing: where mails are handed over.")
    return SmtpMailer(SmtpSettings.parse(settings.smtp_url), settings.mail_from)


def mailjet(settings: Settings, client: httpx.AsyncClient) -> MailjetMailer:
    key, secret = settings.mailjet_api_key, settings.mailjet_secret_key
    if not key or not secret:
        missing = "SECRET_KEY" if key else "API_KEY"
        raise WrongSetting(f"ONEHOUR_MAILJET_{missing} is missing: Mailjet knows us by its keys.")
    account = MailjetSettings(
        api_key=key,
        secret_key=secret,
        sandbox=settings.mailjet_sandbox,
        base_url=settings.mailjet_base_url,
    )
    return MailjetMailer(client, account, settings.mail_from)


def templates(formats: Formats) -> JinjaTemplates:
    return JinjaTemplates(template_sources(), formats=formats, layout=LAYOUT)


def token_signer(settings: Settings) -> JoseSigner:
    """Without keys of their own, access tokens are signed by way of the secret key."""
    keys = dict(settings.token_keys) or {"house": settings.secret_key}
    return JoseSigner(keys, issuer=settings.base_url, audience=f"{settings.base_url}/api/v1")


def passwords(settings: Settings) -> BcryptPasswords:
    return BcryptPasswords(pepper=settings.lasting_key, rounds=settings.bcrypt_rounds)


def authenticator(settings: Settings) -> TotpAuthenticator:
    return TotpAuthenticator(settings.lasting_key.encode(), issuer="1HourDeveloper")


def encoded(text: str) -> bytes:
    return text.encode()


class Container(containers.DeclarativeContainer):
    """Every part once per process. Providers only construct; I/O begins with first use."""

    settings = providers.Dependency(instance_of=Settings)
    clock = providers.Singleton(SystemClock)
    ids = providers.Singleton(RandomIds)
    mongo = providers.Singleton(mongo_client, settings.provided.mongo_url)
    redis = providers.Singleton(redis_client, settings.provided.redis_url)
    http = providers.Singleton(httpx.AsyncClient, timeout=10.0)
    celery = providers.Singleton(celery_app, settings.provided.redis_url)
    notifier = providers.Singleton(CeleryNotifier, celery)
    store = providers.Singleton(
        MongoStore, mongo, settings.provided.mongo_database, clock, notifier
    )
    plugins = providers.Singleton(plugins, settings)
    own_gateway = providers.Singleton(cashfree, settings, http, clock)
    gateways = providers.Singleton(gateways, settings, own_gateway.provider, plugins)
    mailer = providers.Singleton(mailer, settings, http)
    token_signer = providers.Singleton(token_signer, settings)
    identities = providers.Singleton(identity_providers, settings, http, clock)
    socket_manager: providers.Provider[socketio.AsyncManager] = providers.Singleton(
        PipelinedManager, settings.provided.redis_url, channel=CHANNEL
    )
    formats = providers.Singleton(BabelFormats)
    live = providers.Singleton(SocketLive, socket_manager)
    service_dependencies = providers.Singleton(
        Dependencies,
        store=store,
        gateways=gateways,
        mailer=mailer,
        templates=providers.Singleton(templates, formats),
        live=live,
        extensions=plugins,
        passwords=providers.Singleton(passwords, settings),
        authenticator=providers.Singleton(authenticator, settings),
        signer=token_signer,
        identities=identities,
        pictures=providers.Singleton(PillowPictures),
        formats=formats,
        clock=clock,
        ids=ids,
        site=settings.provided.base_url,
        provider=settings.provided.payments,
        secret_key=providers.Callable(encoded, settings.provided.secret_key),
        lasting_key=providers.Callable(encoded, settings.provided.lasting_key),
        policy=settings.provided.policy,
    )
    services = providers.Singleton(build_services, service_dependencies)


def build(settings: Settings) -> Container:
    """Raises `WrongSetting` for what no command can do without."""
    for name in ("mongo_url", "redis_url"):
        if getattr(settings, name) is None:
            raise WrongSetting(
                f"ONEHOUR_{name.upper()} is missing; `onehour run` brings its own for trying out."
            )
    return Container(settings=settings)


async def close(container: Container) -> None:
    """Give back what the parts hold open; those never used are not made for it."""
    await container.http().aclose()
    await container.redis().aclose()
    container.notifier().close()
    container.mongo().close()


Check = Callable[[], Awaitable[object]]


def checks(container: Container) -> Mapping[str, Check]:
    """What /readyz asks. Redis and late relays are told, and do not make us unready: both
    only delay work."""
    store, clock = container.store(), container.clock()

    async def database() -> None:
        await store.ready()

    async def redis() -> str:
        try:
            await container.redis().ping()
        except Exception as error:
            return f"away ({type(error).__name__})"
        return "ok"

    async def relay_lag_s() -> float:
        oldest = await store.repositories.outbox.oldest_due(now=clock.now())
        return round((clock.now() - oldest).total_seconds(), 3) if oldest else 0.0

    return {"database": database, "redis": redis, "relay_lag_s": relay_lag_s}
