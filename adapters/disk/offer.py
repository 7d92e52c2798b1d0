"""The offer of the disk storage: ONEHOUR_STORAGE=disk."""

from __future__ import annotations

from adapters.disk.settings import DiskOptions
from ports.adapters import AdapterOffer, Resources
from ports.settings import check_folder
from ports.storage import Storage

FOLDER = "files"


def _build(options: DiskOptions, resources: Resources) -> Storage:
    from adapters.disk.storage import DiskStorage
    from ports.storage_links import LinkSigner

    deployment = resources.deployment
    links = LinkSigner(deployment.files_url, resources.link_secret, resources.clock)
    folder = options.folder or deployment.data_dir / FOLDER
    check_folder(folder, "ONEHOUR_DISK_FOLDER" if options.folder else "ONEHOUR_DATA_DIR")
    return DiskStorage(folder, links, of_another_host=deployment.files_url != deployment.base_url)


OFFER = AdapterOffer(
    port="storage",
    name="disk",
    settings=DiskOptions,
    build=_build,
    configured=lambda options: True,
)
