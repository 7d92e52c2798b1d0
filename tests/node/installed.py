"""The programs of npm that a folder names in its lock file."""

from __future__ import annotations

import fcntl
import subprocess
from pathlib import Path

NPM_CI = ("npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error")


def install(folder: Path) -> Path:
    """Install the exact versions of the lock file, once for each of its contents. Returns the
    folder of the packages. Raises `CalledProcessError` if npm fails."""
    packages = folder / "node_modules"
    wanted, installed = folder / "package-lock.json", packages / ".installed"
    with wanted.open("rb") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # another worker of the same run waits
        if not installed.exists() or installed.read_bytes() != wanted.read_bytes():
            subprocess.run(NPM_CI, cwd=folder, check=True)
            installed.write_bytes(wanted.read_bytes())
    return packages
