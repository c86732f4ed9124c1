"""Where each fault was seen the last time: the quick matrix looks there first, and everywhere if it is not there.

A file that saves time and decides nothing: a wrong entry costs one short play.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path

from conformance.matrix.judging import CellResult
from conformance.recording_file import write_whole

_PATH = Path(__file__).with_name("seen.json")


def seen_before() -> Mapping[str, Sequence[str]]:
    """The journeys by the name of the fault."""
    known: dict[str, list[str]] = json.loads(_PATH.read_text(encoding="utf-8"))
    return known


def remember(results: Sequence[CellResult]) -> None:
    """Write down where the faults of these results were seen; what is known of others stays."""
    known = {**seen_before(), **{one.name: list(one.seen) for one in results if one.seen}}
    lines = ",\n".join(f"{json.dumps(name)}: {json.dumps(known[name])}" for name in sorted(known))
    write_whole(_PATH, f"{{\n{lines}\n}}\n")
