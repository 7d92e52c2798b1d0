"""Documents exactly as MongoDB stores them, one file per collection in `golden/`.

They fix the stored form: a change that would write another document, or that could no longer
read these, fails `test_golden_documents.py`. The samples are those of
`onehour/testing/samples/`; a new kind also needs a file, which
`python -m tests.contracts.golden_documents` writes. Files that exist are data somebody may have
stored, so this program leaves them alone.
"""

from __future__ import annotations

import asyncio
import json
import tempfile
from pathlib import Path
from typing import Any

from bson import ObjectId, json_util
from motor.motor_asyncio import AsyncIOMotorClient

from adapters.memory.clock import FixedClock
from adapters.mongo.periodic import PERIODIC_JOBS, MongoPeriodicJobs
from adapters.mongo.store import MongoStore
from onehour.testing.samples import all_samples
from onehour.testing.samples.periodic import a_periodic_job
from onehour.testing.samples.sample import NOW, Sample
from onehour.testing.scheduling import RecordedWakeUps
from ports.store import Repositories
from tests.servers import start_mongo, stop

Document = dict[str, Any]
Client = AsyncIOMotorClient[Document]

FOLDER = Path(__file__).with_name("golden")
NO_ID = ObjectId("0" * 24)
"""Stands in a file for an object id, which is another one each time."""


async def _insert_periodic(repositories: Repositories) -> None:
    """Past the repository, which takes all times from the server's clock."""
    assert isinstance(repositories.periodic_jobs, MongoPeriodicJobs)
    await repositories.periodic_jobs.collection.insert(PERIODIC_JOBS.to_document(a_periodic_job()))


PERIODIC = Sample(
    "periodic_jobs",
    (a_periodic_job(),),
    _insert_periodic,
    lambda repositories: repositories.periodic_jobs.all(),
)


def golden() -> list[Sample]:
    """A sample per golden document, each kind with one that has no field at its default."""
    others = (sample for sample in all_samples() if sample.collection != PERIODIC.collection)
    return [*others, PERIODIC]


def canonical(document: Document) -> str:
    """Extended JSON that names every type, so that 32 and 64 bits differ."""
    steady = {name: NO_ID if isinstance(v, ObjectId) else v for name, v in document.items()}
    options = json_util.CANONICAL_JSON_OPTIONS
    return json_util.dumps(steady, json_options=options, sort_keys=True, ensure_ascii=False)


def stored(collection: str) -> list[Document]:
    """The documents of a golden file."""
    text = (FOLDER / f"{collection}.json").read_text("utf-8")
    found: list[Document] = json_util.loads(text, json_options=json_util.CANONICAL_JSON_OPTIONS)
    return found


async def write_missing(store: MongoStore, database: Any) -> None:
    """Make the files of collections that have none yet."""
    documents: dict[str, list[str]] = {}
    for one in golden():
        if not (FOLDER / f"{one.collection}.json").exists():
            documents.setdefault(one.collection, []).append(await _written(one, store, database))
    for collection, texts in documents.items():
        readable = json.dumps([json.loads(t) for t in texts], indent=2, ensure_ascii=False)
        (FOLDER / f"{collection}.json").write_text(readable + "\n", "utf-8")


async def _written(one: Sample, store: MongoStore, database: Any) -> str:
    for name in await database.list_collection_names():
        await database[name].delete_many({})
    await one.write(store.repositories)
    return canonical(await database[one.collection].find_one())


async def main(url: str) -> None:
    client: Client = AsyncIOMotorClient(url, tz_aware=True)
    await write_missing(
        MongoStore(client, "golden", FixedClock(NOW), RecordedWakeUps()), client["golden"]
    )
    client.close()


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        process, mongo_url = start_mongo(Path(folder))
        asyncio.run(main(mongo_url))
        stop(process)
