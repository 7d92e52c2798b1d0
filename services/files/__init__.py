"""Files: uploads, checks, previews, downloads and attachments."""

from core.files_messages import CheckFile, RemoveBytes, ScanFile
from core.files_policy import FilePolicy
from core.notifications import HERE
from services.files.attachments import Attachments
from services.files.checking import REFUSED, FileChecks
from services.files.copies import FileCopies
from services.files.documents import FILES, USAGE
from services.files.downloaded import Downloaded
from services.files.forms import FormUploads
from services.files.personal_data import FileData
from services.files.service import FileService
from services.files.storage_links import Found, StorageLinks
from services.files.sweeping import POSITIONS, FileSweep
from services.files.uploads import UploadPlan, UploadService
from services.shared.capabilities import Built, Capability
from services.shared.dependencies import Dependencies
from services.shared.notices import WORK, Notice

__all__ = [
    "CAPABILITY",
    "FILES",
    "Attachments",
    "FileChecks",
    "FileCopies",
    "FileService",
    "FileSweep",
    "FormUploads",
    "Found",
    "StorageLinks",
    "UploadPlan",
    "UploadService",
]


def build(dependencies: Dependencies, built: Built) -> dict[str, object]:
    d = dependencies
    policy = d.policies[FilePolicy]
    checks = FileChecks(
        store=d.store,
        storage=d.storage,
        inspector=d.inspector,
        scanner=d.virus_scanner,
        live=d.live,
        clock=d.clock,
        ids=d.ids,
        downloaded=Downloaded(storage=d.storage),
    )
    uploads = UploadService(
        store=d.store,
        storage=d.storage,
        clock=d.clock,
        ids=d.ids,
        formats=d.formats,
        policy=policy,
    )
    return {
        "attachments": Attachments(clock=d.clock, policy=policy),
        "uploads": uploads,
        "file_copies": FileCopies(
            store=d.store,
            storage=d.storage,
            clock=d.clock,
            ids=d.ids,
            policy=policy,
            uploads=uploads,
        ),
        "form_uploads": FormUploads(storage=d.storage, uploads=uploads),
        "files": FileService(store=d.store, storage=d.storage, clock=d.clock),
        "file_checks": checks,
        "file_sweep": FileSweep(store=d.store, storage=d.storage, clock=d.clock, policy=policy),
        "storage_links": StorageLinks(storage=d.storage),
    }


CAPABILITY = Capability(
    name="files",
    build=build,
    documents=(FILES, USAGE, POSITIONS),
    messages=(CheckFile, ScanFile, RemoveBytes),
    notices=(Notice(REFUSED, "", WORK, channels=(HERE,)),),
    policy=FilePolicy,
    personal_data=FileData(),
)
