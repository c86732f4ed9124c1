"""The matrix as JSON, as a table, and read again to go on from."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from statistics import median
from typing import Any

from conformance.matrix.cells import Cell
from conformance.matrix.judging import GOOD, CellResult
from conformance.outcomes import BadInput
from conformance.recording_file import write_whole

FORMAT = 1
JSON_NAME = "matrix.json"
TABLE_NAME = "matrix.md"
_ORDER = ("error", "missed", "elsewhere", "false alarm", "early", "blind", "caught", "passed")


def state_of_the_suite() -> str:
    """``sha256:`` and a digest of every source and spec file: results of another state are not to be gone on from."""
    root = Path(__file__).parent.parent
    digest = hashlib.sha256()
    for path in sorted(root.rglob("*.py")):
        digest.update(path.relative_to(root).as_posix().encode() + b"\0" + path.read_bytes() + b"\0")
    return f"sha256:{digest.hexdigest()}"


def document(results: Sequence[CellResult], wanted: int, seed: int, seconds: float, started: str) -> dict[str, Any]:
    """The matrix as JSON values. ``interrupted``: fewer cells ran than were wanted."""
    return {
        "format": FORMAT,
        "suite": state_of_the_suite(),
        "started": started,
        "seconds": round(seconds, 1),
        "seed": seed,
        "interrupted": len(results) < wanted,
        "wanted": wanted,
        "counts": counts(results),
        "median_seconds": round(median([one.seconds for one in results]), 2) if results else None,
        "cells": [asdict(one) for one in sorted(results, key=_place)],
    }


def counts(results: Sequence[CellResult]) -> dict[str, dict[str, int]]:
    """How many cells of each kind have each outcome."""
    found: dict[str, Counter[str]] = {}
    for one in results:
        found.setdefault(one.kind, Counter())[one.outcome] += 1
    return {kind: dict(sorted(numbers.items())) for kind, numbers in sorted(found.items())}


def write(value: Mapping[str, Any], folder: Path) -> None:
    """Write both forms into the folder, each whole or not at all.

    :raises BadInput: they cannot be written.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        write_whole(folder / JSON_NAME, json.dumps(value, indent=1, ensure_ascii=False) + "\n")
        write_whole(folder / TABLE_NAME, table(value))
    except OSError as wrong:
        raise BadInput(f"the matrix cannot be written to {folder}: {wrong.strerror}") from wrong


def finished(folder: Path, cells: Sequence[Cell]) -> list[CellResult]:
    """The results of those cells that an earlier run of this state of the suite has written.

    :raises BadInput: there is no such file, or it is of another state.
    """
    path = folder / JSON_NAME
    try:
        value = json.loads(path.read_text(encoding="utf-8"))
        if value["format"] != FORMAT:
            raise BadInput(f"--resume: {path} has another format")
        if value["suite"] != state_of_the_suite():
            raise BadInput(f"--resume: {path} was written by another state of the suite; run without --resume")
        read = [_read(one) for one in value["cells"] if one["outcome"] != "error"]
    except OSError as wrong:
        raise BadInput(f"--resume: {path} cannot be read: {wrong.strerror}") from wrong
    except (ValueError, KeyError, TypeError) as wrong:
        raise BadInput(f"--resume: {path} is no matrix") from wrong
    wanted = {(cell.kind, cell.name) for cell in cells}
    return [one for one in read if (one.kind, one.name) in wanted]


def _read(one: Mapping[str, Any]) -> CellResult:
    return CellResult(**{**one, "breaks": tuple(one["breaks"]), "seen": tuple(one["seen"])})


def table(value: Mapping[str, Any]) -> str:
    """The matrix in markdown: what is wrong first, then a line for each cell."""
    words = "; ".join(
        f"{kind}: " + ", ".join(f"{number} {outcome}" for outcome, number in numbers.items())
        for kind, numbers in value["counts"].items()
    )
    state = " **Interrupted**: not every cell ran." if value["interrupted"] else ""
    lines = [
        "# Matrix of faults and variants",
        "",
        f"{len(value['cells'])} of {value['wanted']} servers in {value['seconds']} s, seed {value['seed']}.{state}",
        "",
        words + ".",
        "",
        "| server | outcome | breaks | failed | seconds |",
        "|---|---|---|---|---:|",
    ]
    for one in value["cells"]:
        failed = ", ".join(one["failed"]) or one["note"].replace("|", "/")[:200]
        lines.append(
            f"| {one['name']} | {one['outcome']} | {', '.join(one['breaks'])} | {failed} | {one['seconds']:.1f} |"
        )
    return "\n".join(lines) + "\n"


def is_good(results: Sequence[CellResult]) -> bool:
    """Every fault was caught by its own requirement, and every lawful server passed, and every fault of load alone."""
    return all(one.outcome in GOOD for one in results)


def _place(one: CellResult) -> tuple[Any, ...]:
    return (_ORDER.index(one.outcome), one.kind, one.breaks, one.name)
