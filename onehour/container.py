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

from adapters.cashfree import CashfreeGateway, CashfreeSettings
from adapters.celery.app import celery_app
from adapters.celery.scheduling import CeleryWaker
from adapters.mongo.store import MongoStore
from adapters.smtp.mailer import SmtpMailer, SmtpSettings
from adapters.system.accounts import BcryptPasswords
from adapters.system.clock import RandomIds, SystemClock
from onehour.addresses import checkout_base, gateway_url, notify_url
from onehour.settings import Settings, WrongSetting
from plugins.manager import Plugins
from ports.payments import PaymentGateway
from services.house import Ports, Services, build_services
from web.live import PipelinedManager, SocketLive

CHANNEL = "onehour"
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


def mailer(settings: Settings) -> SmtpMailer:
    if settings.smtp_url is None:
        raise WrongSetting("ONEHOUR_SMTP_URL is missing: where mails are handed over.")
    return SmtpMailer(SmtpSettings.parse(settings.smtp_url), settings.mail_from)


def services(
    settings: Settings,
    store: MongoStore,
    gateways: Mapping[str, PaymentGateway],
    mailer: SmtpMailer,
    live: SocketLive,
    extensions: Plugins,
    clock: SystemClock,
    ids: RandomIds,
) -> Services:
    ports = Ports(
        store=store,
        gateways=gateways,
        mailer=mailer,
        live=live,
        extensions=extensions,
        passwords=BcryptPasswords(pepper=settings.secret_key, rounds=settings.bcrypt_rounds),
        clock=clock,
        ids=ids,
    )
    return build_services(
        ports,
        policy=settings.policy,
        site=settings.base_url,
        provider=settings.payments,
        key=settings.secret_key.encode(),
    )


class Container(containers.DeclarativeContainer):
    """Every part once per process. Providers only construct; I/O begins with first use."""

    settings = providers.Dependency(instance_of=Settings)
    clock = providers.Singleton(SystemClock)
    ids = providers.Singleton(RandomIds)
    mongo = providers.Singleton(mongo_client, settings.provided.mongo_url)
    redis = providers.Singleton(redis_client, settings.provided.redis_url)
    http = providers.Singleton(httpx.AsyncClient, timeout=10.0)
    celery = providers.Singleton(celery_app, settings.provided.redis_url)
    waker = providers.Singleton(CeleryWaker, celery)
    store = providers.Singleton(MongoStore, mongo, settings.provided.mongo_database, clock, waker)
    plugins = providers.Singleton(plugins, settings)
    own_gateway = providers.Singleton(cashfree, settings, http, clock)
    gateways = providers.Singleton(gateways, settings, own_gateway.provider, plugins)
    mailer = providers.Singleton(mailer, settings)
    socket_manager: providers.Provider[socketio.AsyncManager] = providers.Singleton(
        PipelinedManager, settings.provided.redis_url, channel=CHANNEL
    )
    live = providers.Singleton(SocketLive, socket_manager)
    services = providers.Singleton(
        services, settings, store, gateways, mailer, live, plugins, clock, ids
    )


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
    container.waker().close()
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
        oldest = await store.books.effects.oldest_due(now=clock.now())
        return round((clock.now() - oldest).total_seconds(), 3) if oldest else 0.0

    return {"database": database, "redis": redis, "relay_lag_s": relay_lag_s}
