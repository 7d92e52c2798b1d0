"""For the tests of plugins: a plugin enabled as the application does it, with all checks; the whole
application with it in memory; and a browser for its pages."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from quart import Quart

from core.accounts import Account
from onehour.plugins import check_names, reading
from onehour.testing.application import SITE, MemoryApp
from onehour.testing.browser import Browser
from plugins.manager import Plugins
from web.app import create_app
from web.shared.context import Site, WebDependencies

__all__ = ["Browser", "MemoryApp", "Plugins", "application", "enabled", "signed_in", "site"]


def enabled(
    plugin: object, name: str = "a_plugin", *, settings: Mapping[str, str] | None = None
) -> Plugins:
    """The plugin alone, under this name, with settings given by their full names.

    Raises `WrongPlugin` and `WrongSetting`, as the start of the application does.
    """
    texts = dict(settings or {})
    plugins = reading(texts)
    plugins.add(plugin, name)
    check_names(plugins, texts)
    _ = plugins.context
    return plugins


def application(plugins: Plugins, **options: Any) -> MemoryApp:
    """The application in memory with these plugins, and what they add to the services. Options are
    those of `MemoryApp`, such as another `clock`, or payment `gateways`."""
    app = MemoryApp(extensions=plugins, added=plugins.capabilities, **options)  # type: ignore[arg-type]
    plugins.connect(app.services.built)
    return app


def site(app: MemoryApp, plugins: Plugins) -> Quart:
    """The pages and the API of the application, with those of the plugins."""
    return create_app(
        WebDependencies(
            services=app.services,
            store=app.store,
            clock=app.clock,
            site=Site(base_url=SITE, secret_key="a secret for tests, long enough"),
            formats=app.formats,
        ),
        added=plugins.web,
    )


async def signed_in(app: MemoryApp, quart_app: Quart, account: Account) -> Browser:
    """A browser in which this account is logged in, and has entered a one-time code just now."""
    browser, repositories = Browser(quart_app), app.store.repositories
    await browser.look("/login")
    await browser.log_in(account)
    await app.run()
    if account.factor:
        answer, html = await browser.send("/login/code", code=app.code_for(account.email))
        assert answer.status_code == 303, html
    for session in await repositories.sessions.of_account(account.id):
        await repositories.sessions.verify(session.id, now=app.clock.now())
    return browser
