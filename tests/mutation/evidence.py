"""What the unchanged modules do in each test: which lines it runs, how long it takes, what each scenario found.

Tests of cases judge whole recordings. Here a case is a test of those scenarios only that serve requirements of the
families that it names (``CUR`` of ``CUR-03``): that the others stay silent on it proves little about them, and costs most
of the time. Of these a change can alter only what those find that ran the changed line, so in a trial the others give
what they gave before.
"""

from __future__ import annotations

import functools
import sys
from collections import defaultdict
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import coverage
import pytest

from conformance.evidence import Session, Turn
from conformance.findings import SCENARIOS, Finding, Scenario
from conformance.kept import Kept
from conformance.recording import Recording
from tests.judges.cases import BROKEN, LAWFUL, Case
from tests.mutation.mutants import Mutant, Source

SHARED = "evidence.py"
"""The module whose views are made once for all scenarios of a recording."""


def _fresh(value: Any) -> Any:
    """A view without what it remembers: else only the first scenario that asks would seem to run those lines."""
    if isinstance(value, Turn):
        return replace(value)
    if isinstance(value, Session):
        return replace(value, turns=_fresh(value.turns))
    return tuple(_fresh(one) for one in value) if isinstance(value, tuple) else value


def forget() -> None:
    """Empty what the suite keeps of recordings (``conformance.kept``): it may come from the unchanged module."""
    for name, module in list(sys.modules.items()):
        if name.startswith("conformance."):
            for value in vars(module).values():
                if isinstance(value, Kept):
                    value._values.clear()


@dataclass
class Evidence:
    """Test by test (by its number): the lines that each scenario ran, and what it found each time that it was asked."""

    coverage: coverage.Coverage
    test: int = -1
    findings: dict[tuple[int, str], list[Finding | None]] = field(default_factory=dict)
    seconds: dict[int, float] = field(default_factory=dict)
    lines: dict[str, dict[int, set[tuple[int, str]]]] = field(default_factory=dict)
    left_out: set[int] = field(default_factory=set)

    @classmethod
    def of(cls, sources: Collection[Source]) -> Evidence:
        files = [str(source.path) for source in sources]
        return cls(coverage.Coverage(data_file=None, config_file=False, include=files))

    def begin(self, test: int) -> None:
        self.test = test
        self.coverage.switch_context(f"{test}|")

    def leave_out(self, test: int) -> None:
        """It takes no part in any trial."""
        self.left_out.add(test)

    def watch(self) -> None:
        """Let every scenario say what it runs and finds."""
        for name, scenario in list(SCENARIOS.items()):
            SCENARIOS[name] = Scenario(scenario.ids, self._watched(name, scenario.judge))

    def unwatch(self) -> None:
        for name, scenario in list(SCENARIOS.items()):
            SCENARIOS[name] = Scenario(scenario.ids, scenario.judge.__wrapped__)  # type: ignore[attr-defined]

    def _watched(self, name: str, judge: Callable[..., None]) -> Callable[..., None]:
        @functools.wraps(judge)
        def watched(**views: Any) -> None:
            self.coverage.switch_context(f"{self.test}|{name}")
            found: Finding | None = None
            forget()
            try:
                judge(**{key: _fresh(value) for key, value in views.items()})
            except Finding as finding:
                found = finding
                raise
            finally:
                self.findings.setdefault((self.test, name), []).append(found)
                self.coverage.switch_context(f"{self.test}|")

        return watched

    def collect(self, sources: Collection[Source]) -> None:
        """Read the lines out of the coverage data."""
        data = self.coverage.get_data()
        known = {Path(file).resolve(): file for file in data.measured_files()}
        for source in sources:
            by_line: dict[int, set[tuple[int, str]]] = defaultdict(set)
            for line, contexts in data.contexts_by_lineno(known.get(source.path, "")).items():
                for context in filter(None, contexts):
                    test, _, scenario = context.partition("|")
                    by_line[line].add((int(test), scenario))
            self.lines[source.module] = dict(by_line)

    def tests_of(self, mutant: Mutant) -> dict[int, set[str]]:
        """The tests that run the changed statement: number -> the scenarios that run it there."""
        by_line = self.lines[mutant.module]
        lines = by_line if mutant.at_import else mutant.lines
        found: dict[int, set[str]] = defaultdict(set)
        for line in lines:
            for test, scenario in by_line.get(line, ()):
                if scenario:
                    found[test].add(scenario)
                elif mutant.module == SHARED:
                    found[test].update(SCENARIOS)
                else:
                    found[test].update()
        return {test: scenarios for test, scenarios in found.items() if test not in self.left_out}

    def narrow(self, item: pytest.Item) -> None:
        """Leave only the scenarios of which a case is a test."""
        case = getattr(item, "callspec", None) and item.callspec.params.get("case")  # type: ignore[attr-defined]
        if isinstance(case, Case):
            families = {_family(one) for one in case.ids}
            for name, scenario in list(SCENARIOS.items()):
                if not families & {_family(one) for one in scenario.ids}:
                    del SCENARIOS[name]

    def remember(self, test: int, active: Collection[str]) -> None:
        """In a trial: every scenario but the active ones finds what it found before."""
        for name, scenario in list(SCENARIOS.items()):
            if name not in active and (test, name) in self.findings:
                SCENARIOS[name] = Scenario(scenario.ids, _remembered(scenario.judge, self.findings[test, name]))


def _family(requirement: str) -> str:
    return requirement.partition("-")[0]


def _remembered(judge: Callable[..., None], findings: Sequence[Finding | None]) -> Callable[..., None]:
    """What it found, one time after another: a test may judge several recordings."""
    told = iter(findings)

    @functools.wraps(judge)
    def remembered(**_: Any) -> None:
        finding = next(told)
        if finding is not None:
            raise finding

    return remembered


def keep_edits() -> None:
    """Let each case make its recording once, with the frames that were read of it, and not again in every trial."""
    for case in (*BROKEN, *LAWFUL):
        object.__setattr__(case, "edit", _kept(case.edit))


def _kept(edit: Callable[[Recording], Recording]) -> Callable[[Recording], Recording]:
    made: list[tuple[Recording, Recording]] = []

    def kept(baseline: Recording) -> Recording:
        if not made or made[0][0] is not baseline:
            made[:] = [(baseline, edit(baseline))]
        return made[0][1]

    return kept
