"""The run inside pytest: first every test once on the unchanged modules, then the mutants."""

from __future__ import annotations

import random
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import hypothesis
import pytest

from conformance import scenarios
from conformance.findings import SCENARIOS
from tests.mutation import summary, survivors
from tests.mutation.evidence import Evidence, keep_edits
from tests.mutation.mutants import Mutant, Source
from tests.mutation.trials import Result, Trials, control, run_item

BASELINE = "test_the_baseline_keeps_every_requirement"
"""The test without which most others say nothing: the cases are changes of that recording."""


@dataclass(frozen=True)
class Wanted:
    """What the command line asks for."""

    jobs: int
    threshold: float
    results: Path
    resume: bool
    survivors: bool
    sample: int | None

    @property
    def whole(self) -> bool:
        return not (self.survivors or self.sample)


class Run:
    """A pytest plugin that takes the place of the loop over the tests."""

    def __init__(self, sources: Sequence[Source], wanted: Wanted) -> None:
        self._sources = {source.module: source for source in sources}
        self._wanted = wanted
        self._started = time.monotonic()
        self._said = self._started
        self._spoiled = False
        self.exit_code = 1
        hypothesis.settings.register_profile("mutation", derandomize=True, database=None, max_examples=50)
        hypothesis.settings.load_profile("mutation")

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        evidence = self._evidence(session.items)
        trials = Trials(session.items, evidence, self._wanted.jobs)
        if not self._wanted.whole or self._controls_pass(trials):
            self.exit_code = self._judge(list(self._results(trials)))
        return True

    def _evidence(self, items: Sequence[pytest.Item]) -> Evidence:
        """Every test once on the unchanged modules. One that fails there proves nothing, and fails the run."""
        scenarios.load()
        keep_edits()
        sources = self._sources.values()
        evidence = Evidence.of(sources)
        evidence.watch()
        evidence.coverage.start()
        for number, item in enumerate(items):
            evidence.begin(number)
            begun = time.process_time()
            kept = dict(SCENARIOS)
            evidence.narrow(item)
            reports = run_item(item, items[(number + 1) % len(items)])
            SCENARIOS.clear()
            SCENARIOS.update(kept)
            evidence.seconds[number] = time.process_time() - begun
            self._tell(f"{number} of {len(items)} tests")
            failed = next((report for report in reports if report.failed), None)
            if failed is not None:
                if item.name == BASELINE:
                    pytest.exit("the baseline keeps not every requirement (a busy machine?): nothing can be told", 1)
                say(f"left out, for it fails on the unchanged modules: {item.nodeid}")
                evidence.leave_out(number)
                self._spoiled = True
        evidence.coverage.stop()
        evidence.unwatch()
        evidence.collect(sources)
        say(f"{len(items)} tests tried on the unchanged modules ({time.monotonic() - self._started:.0f} s)")
        return evidence

    def _controls_pass(self, trials: Trials) -> bool:
        fine = True
        for result in trials.run([(s, control(s)) for s in self._sources.values()], lambda _: ""):
            if result.status not in ("survived", "no coverage"):
                say(f"{result.mutant.module}: {result.killer or result.status}: cannot be brought to life unchanged")
                fine = False
        say(f"controls done ({time.monotonic() - self._started:.0f} s)")
        return fine

    def _results(self, trials: Trials) -> Iterator[Result]:
        before = summary.load(self._wanted.results)
        work = [(s, m) for s in self._sources.values() for m in s.mutants()]
        kept = {m.key for _, m in work if self._stays(before.get(m.key))}
        done = [_again(m, before[m.key]) for _, m in work if m.key in kept]
        work = [(s, m) for s, m in work if m.key not in kept]
        random.Random(0).shuffle(work)  # a run that is broken off then tells something of every module
        work = work[: self._wanted.sample]
        say(f"{len(work)} mutants to try")
        killers = {key: one["killer"] for key, one in before.items()}
        for result in trials.run(work, lambda mutant: killers.get(mutant.key, "")):
            done.append(result)
            if self._tell(f"{len(done)} tried, {summary.score(done):.1f} % killed"):
                summary.save(self._wanted.results, done, self._sources)
        places = {m.key: n for n, m in enumerate(m for s in self._sources.values() for m in s.mutants())}
        done.sort(key=lambda result: places[result.mutant.key])
        summary.save(self._wanted.results, done, self._sources)
        yield from done

    def _tell(self, line: str) -> bool:
        """Say how far it is, twice a minute."""
        now = time.monotonic()
        if now - self._said < 30:
            return False
        self._said = now
        say(f"{line} ({now - self._started:.0f} s)")
        return True

    def _stays(self, entry: dict[str, str] | None) -> bool:
        """Whether the result of an earlier run is kept."""
        if entry is None:
            return False
        return self._wanted.resume or (self._wanted.survivors and entry["status"] in ("killed", "endless"))

    def _judge(self, results: Sequence[Result]) -> int:
        reasons = survivors.listed()
        alive = [r.mutant.key for r in results if not r.killed]
        missing = survivors.unlisted(alive, reasons)
        stale = survivors.stale(alive, [r.mutant.key for r in results], set(self._sources), reasons)
        for key in missing:
            say(f"survived, and not listed: {key}")
        for key in stale:
            say(f"listed, and no survivor any more: {key}")
        for line in summary.table(results):
            say(line)
        score = summary.score(results)
        say(
            f"{len(missing)} survivors not listed, {len(stale)} listed in vain; {time.monotonic() - self._started:.0f} s"
        )
        if score < self._wanted.threshold:
            say(f"the score is below {self._wanted.threshold:g} %")
        return int(self._spoiled or bool(missing) or score < self._wanted.threshold)


def _again(mutant: Mutant, entry: dict[str, str]) -> Result:
    return Result(mutant, entry["status"], entry["killer"], float(entry["seconds"]))  # type: ignore[arg-type]


def say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()
