"""What the page is looked at with, and installed once a machine: the npm packages, outside the checkout."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
from pathlib import Path
from typing import NoReturn

import pytest
from filelock import FileLock

NODE = Path(__file__).with_name("node")
CHROMIUM = ("chromium", "chromium-browser", "google-chrome")
_INSTALL_SECONDS = 180


def chromium() -> str:
    """The path of the machine's Chromium; without it the tests do not run, and say so."""
    found = next((path for name in CHROMIUM if (path := shutil.which(name))), None)
    if found is None:
        cannot_run("chromium is needed to open the report (Debian: apt-get install chromium)")
    return found


def npm_packages(wanted: Path = NODE) -> Path:
    """A folder with ``node_modules`` of the ``package.json`` in ``wanted`` and the scripts beside it."""
    if shutil.which("node") is None or shutil.which("npm") is None:
        cannot_run(f"node and npm are needed for what {wanted.parent.name}/node/package.json names")
    manifest = (wanted / "package.json").read_bytes()
    caches = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    cache = caches / "neo-conformance" / f"report-{hashlib.sha256(manifest).hexdigest()[:16]}"
    cache.mkdir(parents=True, exist_ok=True)
    with FileLock(cache / "lock"):  # pytest-xdist runs several sessions at once
        if not (cache / "complete").exists():
            (cache / "package.json").write_bytes(manifest)
            command = ["npm", "install", "--no-audit", "--no-fund", "--no-package-lock", "--ignore-scripts"]
            try:
                subprocess.run(command, cwd=cache, check=True, capture_output=True, text=True, timeout=_INSTALL_SECONDS)
            except subprocess.CalledProcessError as error:
                cannot_run(f"npm could not install {manifest!r}: {error.stderr.strip()[-500:]}")
            except subprocess.TimeoutExpired:
                cannot_run(f"npm did not install within {_INSTALL_SECONDS} s")
            (cache / "complete").touch()
        for script in wanted.glob("*.mjs"):
            # Whole or not at all, and not while it is the same: another process may be reading it.
            there = cache / script.name
            if not there.exists() or there.read_bytes() != script.read_bytes():
                shutil.copy(script, cache / f"{script.name}.new")
                (cache / f"{script.name}.new").replace(there)
    return cache


def cannot_run(reason: str) -> NoReturn:
    """Skip on a developer's machine, fail where CI is set: a gate that skips would be green for nothing."""
    if os.environ.get("CI", "").lower() in ("", "0", "false", "no"):
        pytest.skip(reason)
    pytest.fail(f"{reason} (CI is set: not skipped)", pytrace=False)
