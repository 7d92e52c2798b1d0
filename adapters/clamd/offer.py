"""The offer of clamd: ONEHOUR_VIRUS_SCAN=clamd."""

from __future__ import annotations

from adapters.clamd.settings import NO_URL, ClamdOptions
from ports.adapters import AdapterOffer, Resources
from ports.settings import WrongSetting
from ports.virus_scan import VirusScanner


def _build(options: ClamdOptions, resources: Resources) -> VirusScanner:
    from adapters.clamd.scanner import ClamdScanner

    if not options.url:
        raise WrongSetting(NO_URL)
    return ClamdScanner(options.url, timeout_s=options.timeout_s, size_maximum=options.size_maximum)


OFFER = AdapterOffer(
    port="virus_scan",
    name="clamd",
    settings=ClamdOptions,
    build=_build,
    configured=lambda options: bool(options.url),
)
