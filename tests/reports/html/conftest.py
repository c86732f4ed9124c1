"""The recordings and pages that the tests share: each server is played once, also where several processes test."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from filelock import FileLock

from conformance.matrix.stable import Stable
from conformance.recording import Recording
from conformance.recording_file import load, save
from tests.reports.html.judged import BROKEN, HOSTILE, played, played_hostile, report_of

Judged = tuple[Recording, dict[str, Any]]


@pytest.fixture(scope="session")
def judged(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Callable[[str], Judged]:
    """By the name of a broken server, or of a hostile mode: its recording, and the report of it."""
    base = tmp_path_factory.getbasetemp()
    folder = base if worker_id == "master" else base.parent
    made: dict[str, Judged] = {}

    def get(name: str) -> Judged:
        if name not in made:
            recording = _recording(folder / f"played-{name}.json", name)
            made[name] = (recording, report_of(recording))
        return made[name]

    return get


def _recording(path: Path, name: str) -> Recording:
    with FileLock(f"{path}.lock"):
        if not path.exists():
            save(_played(name), path)
    return load(path)


def _played(name: str) -> Recording:
    if name in HOSTILE:
        return played_hostile(name)
    with Stable() as stable:
        return played(stable, BROKEN[name])
