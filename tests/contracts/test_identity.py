"""Identity providers keep the contract: in memory, a fake GitHub, a certified OpenID server."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from urllib.parse import parse_qsl, urljoin, urlsplit

import httpx
import pytest

from adapters.memory.identity import MemoryIdentityProvider
from adapters.oauth.client import Registration
from adapters.oauth.github import GitHubProvider
from adapters.oauth.openid import OpenIdProvider
from adapters.system.clock import SystemClock
from onehour.testing.identity import (
    CALLBACK,
    OTHER_CALLBACK,
    IdentityProviderContract,
    NoncedIdentityProviderContract,
    ProviderSetup,
    an_attempt,
    callback_query,
    identified,
)
from ports.identity import IdentityProvider, IdentityUnavailable
from tests.contracts.fake_github import CLIENT_ID, CLIENT_SECRET, GitHub
from tests.oidc import OidcServer, may_be_skipped, start_provider
from tests.patience import PATIENCE_S


@dataclass
class MemoryProviderSetup(ProviderSetup):
    provider: MemoryIdentityProvider

    async def consent(self, address: str, name: str) -> dict[str, str]:
        who = self.provider.person(name, verified=not name.startswith("unverified"))
        return self.provider.consent(address, who)

    async def deny(self, address: str) -> dict[str, str]:
        return self.provider.deny(address)

    async def disconnect(self) -> None:
        self.provider.down = True


class TestMemoryIdentityProvider(NoncedIdentityProviderContract):
    @pytest.fixture
    def provider_setup(self) -> ProviderSetup:
        return MemoryProviderSetup(MemoryIdentityProvider())


@dataclass
class GitHubProviderSetup(ProviderSetup):
    provider: IdentityProvider
    github: GitHub

    async def consent(self, address: str, name: str) -> dict[str, str]:
        return await _answer(address, {"login": name})

    async def deny(self, address: str) -> dict[str, str]:
        return await _answer(address, {"says": "no"})

    async def disconnect(self) -> None:
        await self.github.close()


async def _answer(address: str, cookies: dict[str, str]) -> dict[str, str]:
    async with httpx.AsyncClient(cookies=cookies, timeout=PATIENCE_S) as browser:
        return _query((await browser.get(address)).headers["location"])


def _query(url: str) -> dict[str, str]:
    return dict(parse_qsl(urlsplit(url).query, strict_parsing=True))


@pytest.fixture
async def http() -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(timeout=PATIENCE_S) as http:
        yield http


@pytest.fixture
async def github() -> AsyncIterator[GitHub]:
    github = GitHub()
    await github.open()
    yield github
    await github.close()


@pytest.fixture
def github_setup(github: GitHub, http: httpx.AsyncClient) -> GitHubProviderSetup:
    ours = Registration(CLIENT_ID, CLIENT_SECRET)
    provider = GitHubProvider(http, ours, site=github.url, api=f"{github.url}/api")
    return GitHubProviderSetup(provider, github)


class TestGitHubProvider(IdentityProviderContract):
    @pytest.fixture
    def provider_setup(self, github_setup: GitHubProviderSetup) -> ProviderSetup:
        return github_setup


async def test_the_subject_at_github_is_a_number_that_stays_after_a_rename(
    github_setup: GitHubProviderSetup,
) -> None:
    gita = await identified(github_setup, "gita")

    assert gita.issuer == "https://github.com"
    assert gita.subject.isdecimal()


async def test_somebody_on_github_who_shows_no_address_has_none(
    github_setup: GitHubProviderSetup,
) -> None:
    github_setup.github.shows_addresses = False

    gita = await identified(github_setup, "gita")

    assert (gita.name, gita.email, gita.email_verified) == ("gita", "", False)


async def test_a_wrong_secret_at_github_is_for_the_operator_to_mend(
    github_setup: GitHubProviderSetup, http: httpx.AsyncClient
) -> None:
    url = github_setup.github.url
    github_setup.provider = GitHubProvider(
        http, Registration(CLIENT_ID, "outdated"), site=url, api=f"{url}/api"
    )
    attempt, answer = await callback_query(github_setup)

    with pytest.raises(IdentityUnavailable):
        await github_setup.provider.identify(attempt, answer)


@dataclass
class OpenIdProviderSetup(ProviderSetup):
    provider: IdentityProvider
    server: OidcServer

    async def consent(self, address: str, name: str) -> dict[str, str]:
        return await self._visit(address, {"name": name, "do": "sign-in"})

    async def deny(self, address: str) -> dict[str, str]:
        return await self._visit(address, {"name": "", "do": "cancel"})

    async def disconnect(self) -> None:
        self.server.stop()

    async def _visit(self, address: str, form: dict[str, str]) -> dict[str, str]:
        """As a browser does: to the page, through its form, and back to where we are called."""
        async with httpx.AsyncClient(timeout=PATIENCE_S) as browser:
            page = await browser.get(address, follow_redirects=True)
            response = await browser.post(page.url, data=form)
            while response.is_redirect:
                here = urljoin(str(response.url), response.headers["location"])
                if here.startswith((CALLBACK, OTHER_CALLBACK)):
                    return _query(here)
                response = await browser.get(here)
        raise AssertionError(f"HTTP {response.status_code}: {response.text}")


@pytest.fixture(scope="module")
def openid_server() -> Iterator[OidcServer]:
    if may_be_skipped():
        pytest.skip("There is no Node.js to run the OpenID provider with.")
    with start_provider([CALLBACK, OTHER_CALLBACK]) as server:
        yield server


@pytest.fixture
def openid_setup(openid_server: OidcServer, http: httpx.AsyncClient) -> OpenIdProviderSetup:
    openid_server.start()  # a test may have silenced it
    provider = OpenIdProvider(
        http,
        Registration(openid_server.client_id, openid_server.client_secret),
        SystemClock(),
        issuer=openid_server.issuer,
        name="openid",
        label="OpenID",
    )
    return OpenIdProviderSetup(provider, openid_server)


class TestOpenIdProvider(NoncedIdentityProviderContract):
    @pytest.fixture
    def provider_setup(self, openid_setup: OpenIdProviderSetup) -> ProviderSetup:
        return openid_setup


async def test_an_unavailable_openid_provider_is_reported_before_the_redirect(
    openid_setup: OpenIdProviderSetup,
) -> None:
    openid_setup.server.stop()

    with pytest.raises(IdentityUnavailable):
        await openid_setup.provider.authorization_url(an_attempt())

    openid_setup.server.start()
    assert await identified(openid_setup, "gita")
