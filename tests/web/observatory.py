"""The score Mozilla's HTTP Observatory gives a page: from 100, at most 135 by its first table.

The rules: `httpobs/scanner/grader/grade.py` and `httpobs/scanner/analyzer/` of
github.com/mozilla/http-observatory, and where its successor is stricter or says more,
`src/analyzer/tests/` of github.com/mdn/mdn-http-observatory. Left out, since no answer of an
application decides them: the redirection from http (0 when right) and the list of preloaded
hosts (+5). The successor's +10 for Cross-Origin-Resource-Policy is not counted either, so the
figures stay on the scale of 135.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from html.parser import HTMLParser
from http.cookies import Morsel, SimpleCookie
from urllib.parse import urlsplit

MODIFIERS = {
    "csp-no-unsafe-default-src-none": 10,
    "csp-no-unsafe": 5,
    "csp-unsafe-inline-in-style-src-only": 0,
    "csp-insecure-scheme-in-passive-content-only": -10,
    "csp-unsafe-eval": -10,
    "csp-unsafe-inline": -20,
    "csp-insecure-scheme": -20,
    "csp-header-invalid": -25,
    "csp-not-implemented": -25,
    "cookies-secure-httponly-samesite": 5,
    "cookies-secure-httponly": 0,
    "cookies-not-found": 0,
    "cookies-without-secure-but-hsts": -5,
    "cookies-without-secure": -20,
    "cookies-samesite-invalid": -20,
    "cookies-session-without-httponly": -30,
    "cors-not-implemented": 0,
    "cors-restricted": 0,
    "cors-universal": -50,
    "referrer-policy-private": 5,
    "referrer-policy-not-implemented": 0,
    "referrer-policy-unsafe": -5,
    "hsts-six-months": 0,
    "hsts-less-than-six-months": -10,
    "hsts-not-implemented": -20,
    "hsts-invalid": -20,
    "sri-all-scripts": 5,
    "sri-not-needed": 0,
    "sri-missing-on-external-scripts": -5,
    "sri-missing-and-external-scripts-insecure": -50,
    "nosniff": 0,
    "nosniff-missing": -5,
    "xfo-by-csp": 5,
    "xfo": 0,
    "xfo-missing": -20,
    "corp": 0,
    "corp-invalid": -5,
}
ENOUGH_FOR_EXTRA_CREDIT = 90
SIX_MONTHS = 15_552_000
BROAD = {"ftp:", "http:", "https:", "*", "http://*", "http://*.*", "https://*", "https://*.*"}
INLINE = {"'unsafe-inline'", "data:"}
WITH_NONCE_OR_HASH = ("'sha256-", "'sha384-", "'sha512-", "'nonce-")
PASSIVE = ("img-src", "media-src")
PRIVATE = {"no-referrer", "same-origin", "strict-origin", "strict-origin-when-cross-origin"}


@dataclass(frozen=True, slots=True)
class Page:
    """An answer over https. `headers` by lower-case name; `set_cookies` are the cookie lines of
    the whole visit that led here, as the Observatory looks into its jar."""

    host: str
    headers: Mapping[str, str]
    html: str
    set_cookies: tuple[str, ...] = ()


def results(page: Page) -> list[str]:
    return [
        content_security_policy(page), cookies(page), cors(page), referrer_policy(page),
        strict_transport_security(page), subresource_integrity(page), sniffing(page),
        framing(page), resource_policy(page),
    ]  # fmt: skip


def score(page: Page) -> int:
    """Bonuses count only for a page whose penalties leave it at 90 or more."""
    modifiers = [MODIFIERS[result] for result in results(page)]
    penalised = 100 + sum(modifier for modifier in modifiers if modifier < 0)
    enough = penalised >= ENOUGH_FOR_EXTRA_CREDIT
    return max(0, 100 + sum(modifiers) if enough else penalised)


def parsed(policy: str) -> dict[str, set[str]]:
    """Raises `ValueError` for a duplicate directive."""
    found: dict[str, set[str]] = {}
    for name, *sources in filter(None, (part.split() for part in policy.split(";"))):
        if name.lower() in found:
            raise ValueError(name)
        found[name.lower()] = {source.lower() for source in sources} or {"'none'"}
    return found


def content_security_policy(page: Page) -> str:
    header = page.headers.get("content-security-policy")
    if header is None:
        return "csp-not-implemented"
    try:
        policy = parsed(header)
    except ValueError:
        return "csp-header-invalid"
    scripts, styles = _of(policy, "script-src"), _of(policy, "style-src")
    if "'strict-dynamic'" in scripts and not _by_nonce_or_hash(scripts):
        return "csp-header-invalid"
    others = (found for name, found in policy.items() if name not in (*PASSIVE, "script-src"))
    passive = set[str]().union(*(_of(policy, name) for name in PASSIVE))
    flaws = {
        "csp-unsafe-inline": scripts & (BROAD | INLINE) or _of(policy, "object-src") & BROAD,
        "csp-insecure-scheme": _over_http(scripts.union(*others)),
        "csp-unsafe-eval": {"'unsafe-eval'"} & (scripts | styles),
        "csp-insecure-scheme-in-passive-content-only": _over_http(passive),
        "csp-unsafe-inline-in-style-src-only": styles & (BROAD | INLINE),
        "csp-no-unsafe": policy.get("default-src") != {"'none'"},
    }
    return next((name for name, found in flaws.items() if found), "csp-no-unsafe-default-src-none")


def _of(policy: Mapping[str, set[str]], name: str) -> set[str]:
    """The sources that count: beside a nonce or hash browsers overlook 'unsafe-inline', and
    under 'strict-dynamic' everything that names places."""
    sources = set(policy.get(name) or policy.get("default-src") or {"*"})
    if _by_nonce_or_hash(sources):
        sources.discard("'unsafe-inline'")
        if name == "script-src" and "'strict-dynamic'" in sources:
            return {source for source in sources if not source.startswith((*BROAD, "'self'"))}
    return sources


def _by_nonce_or_hash(sources: set[str]) -> bool:
    return any(source.startswith(WITH_NONCE_OR_HASH) for source in sources)


def _over_http(sources: set[str]) -> bool:
    return any(source.startswith(("http:", "ftp:")) for source in sources)


def cookies(page: Page) -> str:
    """Stricter than the Observatory in one thing: every cookie counts as a session's."""
    jar = [morsel for line in page.set_cookies for morsel in SimpleCookie(line).values()]
    if not jar:
        return "cookies-not-found"
    worst = [_flaw(page, morsel) for morsel in jar]
    return min(worst, key=MODIFIERS.__getitem__)


def _flaw(page: Page, cookie: Morsel[str]) -> str:
    same_site = cookie["samesite"].lower()
    if not cookie["httponly"]:
        return "cookies-session-without-httponly"
    if same_site and same_site not in ("lax", "strict"):
        return "cookies-samesite-invalid"
    if not cookie["secure"]:
        kept = strict_transport_security(page) == "hsts-six-months"
        return "cookies-without-secure-but-hsts" if kept else "cookies-without-secure"
    return "cookies-secure-httponly-samesite" if same_site else "cookies-secure-httponly"


def cors(page: Page) -> str:
    """For an answer that was asked for with an `Origin` of somebody else."""
    allowed = page.headers.get("access-control-allow-origin")
    if allowed is None:
        return "cors-not-implemented"
    with_cookies = page.headers.get("access-control-allow-credentials", "").lower() == "true"
    return "cors-universal" if with_cookies or allowed == "*" else "cors-restricted"


def referrer_policy(page: Page) -> str:
    header = page.headers.get("referrer-policy")
    if header is None:
        return "referrer-policy-not-implemented"
    last = header.lower().split(",")[-1].strip()
    return "referrer-policy-private" if last in PRIVATE else "referrer-policy-unsafe"


def strict_transport_security(page: Page) -> str:
    header = page.headers.get("strict-transport-security")
    if header is None:
        return "hsts-not-implemented"
    ages = [p.strip()[8:] for p in header.lower().split(";") if p.strip().startswith("max-age=")]
    if len(ages) != 1 or not ages[0].isdigit() or "," in header:
        return "hsts-invalid"
    return "hsts-six-months" if int(ages[0]) >= SIX_MONTHS else "hsts-less-than-six-months"


def subresource_integrity(page: Page) -> str:
    """A bonus for a script with a checksum, a penalty for one of others without."""
    loaded = [tag for tag in tags(page.html, "script") if "src" in tag]
    addresses = [(urlsplit(tag["src"]), bool(tag.get("integrity"))) for tag in loaded]
    foreign = [(a, checked) for a, checked in addresses if a.netloc not in ("", page.host)]
    if any(not checked and address.scheme != "https" for address, checked in foreign):
        return "sri-missing-and-external-scripts-insecure"
    if any(not checked for _, checked in foreign):
        return "sri-missing-on-external-scripts"
    return "sri-all-scripts" if any(checked for _, checked in addresses) else "sri-not-needed"


def sniffing(page: Page) -> str:
    header = page.headers.get("x-content-type-options", "")
    return "nosniff" if header.strip().lower() == "nosniff" else "nosniff-missing"


def framing(page: Page) -> str:
    if "frame-ancestors" in page.headers.get("content-security-policy", ""):
        return "xfo-by-csp"
    header = page.headers.get("x-frame-options", "").lower()
    return "xfo" if header in ("deny", "sameorigin") else "xfo-missing"


def resource_policy(page: Page) -> str:
    header = page.headers.get("cross-origin-resource-policy", "cross-origin")
    return "corp" if header in ("same-origin", "same-site", "cross-origin") else "corp-invalid"


def tags(html: str, name: str | None = None) -> list[dict[str, str]]:
    """The attributes of every tag of that name, or of all."""
    reader = _Reader(name)
    reader.feed(html)
    return reader.found


class _Reader(HTMLParser):
    def __init__(self, name: str | None) -> None:
        super().__init__()
        self._name = name
        self.found: list[dict[str, str]] = []

    def handle_starttag(self, tag: str, attrs: Iterable[tuple[str, str | None]]) -> None:
        if self._name in (None, tag):
            self.found.append({name: value or "" for name, value in attrs})
