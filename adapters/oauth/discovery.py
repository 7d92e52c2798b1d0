"""The metadata of an OpenID provider (OpenID Connect Discovery 1.0)."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self
from urllib.parse import urlsplit

from ports.identity import IdentityUnavailable

log = logging.getLogger(__name__)

WELL_KNOWN = "/.well-known/openid-configuration"


@dataclass(frozen=True, slots=True)
class Metadata:
    """`sends_issuer`: its responses have the parameter `iss` (RFC 9207)."""

    issuer: str
    authorization_endpoint: str
    token_endpoint: str
    jwks_uri: str
    userinfo_endpoint: str | None
    sends_issuer: bool
    secret_in_body: bool

    @classmethod
    def parse(cls, document: Mapping[str, object], *, issuer: str) -> Self:
        """Raises `IdentityUnavailable` for a document of another issuer, and for missing or
        unencrypted endpoints."""
        given = document.get("issuer")
        # Settings have no trailing slash, which some issuers have; tokens must match `given`.
        if not isinstance(given, str) or given.rstrip("/") != issuer.rstrip("/"):
            log.error("The OpenID provider %s has the issuer %.200r", issuer, given)
            raise IdentityUnavailable
        methods = document.get("token_endpoint_auth_methods_supported")
        return cls(
            issuer=given,
            authorization_endpoint=_endpoint(document, "authorization_endpoint", issuer),
            token_endpoint=_endpoint(document, "token_endpoint", issuer),
            jwks_uri=_endpoint(document, "jwks_uri", issuer),
            userinfo_endpoint=_endpoint(document, "userinfo_endpoint", issuer)
            if "userinfo_endpoint" in document
            else None,
            sends_issuer=document.get("authorization_response_iss_parameter_supported") is True,
            # The header is the default (Discovery 1.0, section 3).
            secret_in_body=isinstance(methods, list) and "client_secret_basic" not in methods,
        )


def _endpoint(document: Mapping[str, object], name: str, issuer: str) -> str:
    """A URL with https, or with the scheme of the issuer, which may be http in development."""
    found = document.get(name)
    parts = urlsplit(found if isinstance(found, str) else "")
    if not parts.netloc or parts.scheme not in {"https", urlsplit(issuer).scheme}:
        log.error("The OpenID provider %s has no valid %s", issuer, name)
        raise IdentityUnavailable
    return parts.geturl()
