"""The offer of the S3 storage: ONEHOUR_STORAGE=s3."""

from __future__ import annotations

from adapters.s3.settings import S3Options
from ports.adapters import AdapterOffer, Resources
from ports.settings import WrongSetting
from ports.storage import Storage


def _build(options: S3Options, resources: Resources) -> Storage:
    from adapters.s3.storage import S3Storage

    if options.bucket is None:
        raise WrongSetting("ONEHOUR_S3_BUCKET is missing: the bucket for files.")
    options.check_keys()
    return S3Storage(options, options.bucket, resources.clock)


OFFER = AdapterOffer(
    port="storage",
    name="s3",
    settings=S3Options,
    build=_build,
    configured=lambda options: options.bucket is not None,
)
