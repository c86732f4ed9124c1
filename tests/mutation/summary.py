"""The results as a file and as a table."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from tests.mutation.mutants import Source
from tests.mutation.trials import Result

COLUMNS = ("mutants", "killed", "survived", "timeout", "no coverage")


def entry(result: Result, change: str) -> dict[str, object]:
    return {
        "mutant": result.mutant.key,
        "line": result.mutant.line,
        "change": change,
        "status": result.status,
        "killer": result.killer,
        "seconds": round(result.seconds, 2),
    }


def save(path: Path, results: Sequence[Result], sources: Mapping[str, Source]) -> None:
    entries = [entry(r, "" if r.killed else sources[r.mutant.module].change(r.mutant)) for r in results]
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(entries, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


def load(path: Path) -> dict[str, dict[str, str]]:
    """What an earlier run wrote, by mutant; nothing where there is none."""
    if not path.is_file():
        return {}
    return {one["mutant"]: one for one in json.loads(path.read_text(encoding="utf-8"))}


def counts(results: Iterable[Result]) -> Counter[str]:
    found: Counter[str] = Counter()
    for result in results:
        found["mutants"] += 1
        found["killed" if result.killed else result.status] += 1
    return found


def score(results: Sequence[Result]) -> float:
    """Percent of the mutants that a test noticed. Those that no test runs count as not noticed."""
    return 100 * sum(r.killed for r in results) / len(results) if results else 100.0


def table(results: Sequence[Result]) -> Iterable[str]:
    modules = list(dict.fromkeys(r.mutant.module for r in results))
    width = max([len("module"), *(len(m) for m in modules)])
    yield f"{'module':{width}}  " + "  ".join(f"{c:>11}" for c in COLUMNS) + "    score"
    for name in (*modules, "all"):
        of_it = [r for r in results if name in (r.mutant.module, "all")]
        found = counts(of_it)
        yield f"{name:{width}}  " + "  ".join(f"{found[c]:>11}" for c in COLUMNS) + f"  {score(of_it):6.1f}%"
