"""Histories that failed once, kept in a folder, to be played first in the next run (``--fuzz-corpus``)."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Sequence
from pathlib import Path

from conformance.histories.steps import Step, steps_from_json
from conformance.outcomes import BadInput
from conformance.recording_file import write_whole

MOST = 100
"""Histories that are played from a corpus; more would leave no time for new ones."""


def kept(folder: Path) -> list[Sequence[Step]]:
    """The histories of that folder, in the order of their names; none where there is no such folder.

    :raises BadInput: a file in it is no list of steps.
    """
    found: list[Sequence[Step]] = []
    for path in sorted(folder.glob("steps-*.json"))[:MOST]:
        try:
            found.append(steps_from_json(json.loads(path.read_bytes())))
        except (OSError, ValueError, RecursionError, BadInput) as wrong:
            raise BadInput(f"--fuzz-corpus: {path.name} cannot be used ({wrong})") from None
    return found


def keep(folder: Path, histories: Iterable[Sequence[Step]]) -> None:
    """Add these histories; the same one is kept once.

    :raises BadInput: the folder cannot be written.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for steps in histories:
            text = json.dumps([step.to_json() for step in steps], indent=1)
            digest = hashlib.sha256(text.encode()).hexdigest()[:16]
            write_whole(folder / f"steps-{digest}.json", f"{text}\n")
    except OSError as error:
        raise BadInput(f"--fuzz-corpus {folder}: cannot be written ({error.strerror or error})") from None
