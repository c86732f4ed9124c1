"""Reports for the tests: the example run of the repository, and changes of it."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from conformance.observations import Observation
from conformance.report.document import RunFigures, document
from conformance.requirements import catalogue
from conformance.verdict import TestResult, counts, requirement_results, verdict

Report = dict[str, Any]

NASTY = (
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "a | b | c",
    "a \\| b",
    "ends in a backslash\\",
    "`code` and ``more`` and ```fence",
    "`",
    "` | `",
    "[a link](https://evil.example.net)",
    "![picture](https://evil.example.net/p.png)",
    "https://evil.example.net www.evil.example.net a@evil.example.net",
    "@someone #1 owner/repo#2 :+1:",
    "**bold** _it_ ~~gone~~ $x^2$ $`y`$",
    "# heading\n\n- list\n\n| t |\n|---|\n",
    "line\r\nline\u2028line\x85line\x0bline",
    "\x1b[31mred\x1b]8;;https://evil.example.net\x07link\x1b]8;;\x07\x9b2J",
    "\u202eevil\u2066\u200b\ufeff\x00",
    "half a pair \ud800",
    '=HYPERLINK("https://evil.example.net")',
    "&lt;b&gt; &#124; &amp;",
    "[0](1) {0} {target} \\[x\\](y)",
    "]]> --> */ <!--",
    "::error::workflow command\n::set-env name=X::y",
    "   ",
    "x" * 100_000,
)


def report(change: Callable[[Report], None] | None = None, /, **outcomes: str) -> Report:
    """A report of all requirements, passed but for those named (``CUR_01="failed"``); ``change`` is made at the end."""
    named = {name.replace("_", "-"): outcome for name, outcome in outcomes.items()}
    tests = [
        TestResult(f"test_{one}", (one,), named.get(one, "passed"), "" if one not in named else f"because of {one}")  # type: ignore[arg-type]
        for one in catalogue()
    ]
    results = requirement_results(catalogue(), tests)
    figures = RunFigures(
        target="https://staging.example.net",
        embedded=False,
        spec="sha256:" + "0" * 64,
        suite="0.1.0",
        started="2026-11-20T01:00:00+00:00",
        seconds=61.5,
        turns={"scenarios": 16, "fuzzing": 0},
        requests={"scenarios": 700, "fuzzing": 450},
    )
    seen = (
        Observation("status of a created session", {"201": 17}),
        Observation("heartbeat events", False),
        Observation("event: names", []),
        Observation("first cursor of a fresh session", ["1795467443021-3", "None"]),
        Observation("status of a long, unusual text", {"nul": 202}),
        Observation("seconds of the dialogue's turns", [3.0, 4.0, 9.0]),
    )
    made = document(verdict(results, "MUST"), "MUST", figures, results, seen, ())
    assert made["counts"] == counts(results)
    value: Report = json.loads(json.dumps(made))
    if change is not None:
        change(value)
    return value


def with_reason(text: str) -> Report:
    """A report in which everything that a target can have a hand in is ``text``."""

    def change(value: Report) -> None:
        value["target"] = value["started"] = text
        for one in value["requirements"]:
            one["reason"] = text if one["outcome"] != "passed" else ""
        value["observations"].append({"about": "event: names, more", "value": [text, {text[:40]: text}]})
        value["breaks"] = [{"journey": text, "step": text, "reason": text}]

    return report(change, CUR_01="failed", CUR_02="failed", ACC_07="unobservable", AUTH_03="untested", EVT_06="waived")


def saved(value: Mapping[str, Any], path: Path) -> Path:
    """``value`` as a run writes it."""
    path.write_text(json.dumps(value, indent=1, ensure_ascii=False), encoding="utf-8", errors="backslashreplace")
    return path


def example() -> Report:
    """The run that is kept in the repository."""
    return _read(Path(__file__).parents[2] / "reports" / "example" / "conformance.json")


def earlier() -> Report:
    """A run of an earlier version of the suite, whose report had other fields."""
    return _read(Path(__file__).with_name("earlier_report.json"))


def _read(path: Path) -> Report:
    value: Report = json.loads(path.read_text(encoding="utf-8"))
    return value
