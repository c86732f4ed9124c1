"""A failed history as a file: its steps, what was found, the curl lines, and the recording that shows it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from conformance.histories.curl_lines import curl_lines
from conformance.histories.outcome import FailedHistory
from conformance.histories.steps import Step, steps_from_json
from conformance.outcomes import BadInput
from conformance.recording_file import MAX_FILE_BYTES, to_json, write_whole

FORMAT = 1


def write_history(failed: FailedHistory, folder: Path, number: int) -> Path:
    """``history-N.json`` in that folder, whole or not at all.

    :raises OSError: when it cannot be written.
    """
    value = {
        "format": FORMAT,
        "seed": failed.seed,
        "seen": failed.seen,
        "steps": [step.to_json() for step in failed.steps],
        "broken": [
            {"requirement": one.rule, "expected": one.violation.expected, "came": one.violation.came}
            for one in failed.broken
        ],
        "curl": [
            {"number": line.number, "command": line.command, "gave": line.gave} for line in curl_lines(failed.recording)
        ],
        "recording": to_json(failed.recording),
    }
    path = folder / f"history-{number}.json"
    write_whole(path, json.dumps(value, indent=1, ensure_ascii=True) + "\n")
    return path


def read_history(path: Path) -> tuple[Sequence[Step], frozenset[str]]:
    """The steps of such a file, and the requirements that were found broken.

    :raises BadInput: when the file cannot be read, or is none.
    """
    try:
        if path.stat().st_size > MAX_FILE_BYTES:
            raise BadInput(f"{path.name}: larger than any history")
        value: Any = json.loads(path.read_bytes())
    except OSError as error:
        raise BadInput(f"{path.name}: {error.strerror}") from None
    except (ValueError, RecursionError):
        raise BadInput(f"{path.name}: not a history (no JSON)") from None
    if not isinstance(value, dict) or value.get("format") != FORMAT:
        raise BadInput(f"{path.name}: not a history of format {FORMAT}")
    try:
        steps = steps_from_json(value.get("steps"))
    except BadInput as bad:
        raise BadInput(f"{path.name}: {bad}") from None
    broken = value.get("broken")
    rules = [one.get("requirement") for one in broken if isinstance(one, dict)] if isinstance(broken, list) else []
    return steps, frozenset(rule for rule in rules if isinstance(rule, str))
