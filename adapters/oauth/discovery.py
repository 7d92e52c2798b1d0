"""What an OpenID provider says about itself (OpenID Connect Discovery 1.0)."""

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
    """`tells_issuer`: its answers carry `iss` (RFC 9207)."""

    issuer: str
    authorization_endpoint: str
    token_endpoint: str
    jwks_uri: str
    userinfo_endpoint: str | None
    tells_issuer: bool
    secret_in_body: bool

    @classmethod
    def read(cls, document: Mapping[str, object], *, issuer: str) -> Self:
        """Raises `IdentityUnavailable` for a document that is not this issuer's, or names
        addresses that are no safer or less complete than they must be."""
        told = document.get("issuer")
        # Settings lose the slash at the end that some issuers have; tokens must match `told`.
        if not isinstance(told, str) or told.rstrip("/") != issuer.rstrip("/"):
            log.error("The OpenID provider %s calls itself %.200r", issuer, told)
            raise IdentityUnavailable
        methods = document.get("token_endpoint_auth_methods_supported")
        return cls(
            issuer=told,
            authorization_endpoint=_address(document, "authorization_endpoint", issuer),
            token_endpoint=_address(document, "token_endpoint", issuer),
            jwks_uri=_address(document, "jwks_uri", issuer),
            userinfo_endpoint=_address(document, "userinfo_endpoint", issuer)
            if "userinfo_endpoint" in document
            else None,
            tells_issuer=document.get("authorization_response_iss_parameter_supported") is True,
            # The header is the default, also where nothing is said.
            secret_in_body=isinstance(methods, list) and "client_secret_basic" not in methods,
        )


def _address(document: Mapping[str, object], name: str, issuer: str) -> str:
    """Encrypted, unless the issuer itself is not: a house for trying out."""
    found = document.get(name)
    parts = urlsplit(found if isinstance(found, str) else "")
    if not parts.netloc or parts.scheme not in {"https", urlsplit(issuer).scheme}:
        log.error("The OpenID provider %s names no usable %s", issuer, name)
        raise IdentityUnavailable
    return parts.geturl()
