"""A run without a verdict: why, and how every process of the session (``pytest -n``) learns of it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

from conformance.outcomes import EXIT_OUR_MISTAKE, BadInput
from conformance.recording_file import write_whole

_FILE = "stopped.json"


@dataclass(frozen=True)
class Stopped:
    """The exit code, and the one line that the user reads."""

    code: int
    line: str


def by_bad_input(bad: BadInput) -> Stopped:
    return Stopped(bad.exit_code, _one_line(str(bad)))


def by_our_mistake(error: BaseException, where: str = "") -> Stopped:
    what = f"{where}: " if where else ""
    what += f"{type(error).__name__}: {error}"
    return Stopped(EXIT_OUR_MISTAKE, f"a mistake of the suite, not of the target; please report it: {_one_line(what)}")


def tell(folder: Path, stopped: Stopped) -> None:
    """Leave word for the other processes; what was told first stands."""
    if told(folder) is None:
        write_whole(folder / _FILE, json.dumps({"code": stopped.code, "line": stopped.line}))


def told(folder: Path) -> Stopped | None:
    """What some process of the session has told, if any did."""
    try:
        value = json.loads((folder / _FILE).read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    return Stopped(value["code"], value["line"])


def _one_line(text: str) -> str:
    shown = "".join(c if c.isprintable() else " " for c in " ".join(text.split()))
    return shown if len(shown) <= 400 else f"{shown[:399]}…"
