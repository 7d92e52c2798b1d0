"""Files that attackers send: pictures, documents, archives, texts and names, made at each run.

Each has what its inspection must give; the tests of uploads send them by way of the API too.
"""

from __future__ import annotations

from collections.abc import Mapping

from tests.hostile_files import archives, documents, pictures, texts
from tests.hostile_files.sample import HostileFile

__all__ = ["CORPUS", "HostileFile"]

CORPUS: Mapping[str, HostileFile] = {
    **pictures.FILES,
    **documents.FILES,
    **archives.FILES,
    **texts.FILES,
}
"""By a title that says what is hostile."""
