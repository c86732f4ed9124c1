"""The real AI SDK client, installed once a machine, outside the checkout."""

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
_INSTALL_SECONDS = 180


@pytest.fixture(scope="session")
def ai_package(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A directory with the scripts of tests/envelopes/node and the npm packages that they import.

    Without node, npm or the registry the tests are skipped on a developer's machine, and fail where CI is set: a gate
    that skips the one comparison with the real client would be green for nothing.
    """
    if shutil.which("node") is None or shutil.which("npm") is None:
        _cannot_run("node and npm are needed to run the AI SDK's own client")
    home = tmp_path_factory.mktemp("ai")
    for script in NODE.iterdir():
        if script.suffix in (".mjs", ".json"):
            shutil.copy(script, home)
    (home / "node_modules").symlink_to(_installed() / "node_modules", target_is_directory=True)
    return home


def _installed() -> Path:
    manifest = (NODE / "package.json").read_bytes()
    caches = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    cache = caches / "neo-conformance" / f"ai-{hashlib.sha256(manifest).hexdigest()[:16]}"
    cache.mkdir(parents=True, exist_ok=True)
    complete = cache / "complete"
    with FileLock(cache / "lock"):  # pytest-xdist runs several sessions at once
        if not complete.exists():
            (cache / "package.json").write_bytes(manifest)
            command = ["npm", "install", "--no-audit", "--no-fund", "--no-package-lock", "--ignore-scripts"]
            try:
                subprocess.run(command, cwd=cache, check=True, capture_output=True, text=True, timeout=_INSTALL_SECONDS)
            except subprocess.CalledProcessError as error:
                _cannot_run(f"npm could not install the AI SDK: {error.stderr.strip()[-500:]}")
            except subprocess.TimeoutExpired:
                _cannot_run(f"npm did not install the AI SDK within {_INSTALL_SECONDS} s")
            complete.touch()
    return cache


def _cannot_run(reason: str) -> NoReturn:
    if os.environ.get("CI", "").lower() in ("", "0", "false", "no"):
        pytest.skip(reason)
    pytest.fail(f"{reason} (CI is set: not skipped)", pytrace=False)
