"""Mutants tried in forks of the process that has everything loaded: one fork a mutant, ended by its first failing test."""

from __future__ import annotations

import gc
import os
import resource
import select
import signal
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, NoReturn

import pytest
from _pytest.runner import runtestprotocol

from tests.mutation.evidence import Evidence, forget
from tests.mutation.live import bring_to_life, bring_to_life_again
from tests.mutation.mutants import Mutant, Source

Status = Literal["killed", "survived", "endless", "timeout", "no coverage"]

SLOW = 8.0
"""Seconds of processor time that one test may take, beside ten times what it takes on the unchanged module."""
CONFIRMED = 6
"""How many times as long it gets before it counts as endless."""
WATCHDOG = 600
"""Seconds after which a fork is stopped whatever it does. That proves nothing, so such a mutant is not killed."""
MEMORY = 4 << 30

_KILLED, _SURVIVED, _SLOW = b"k", b"s", b"t"


@dataclass(frozen=True)
class Result:
    """What became of a mutant; ``killer`` is the test that failed, or that never ended."""

    mutant: Mutant
    status: Status
    killer: str
    seconds: float

    @property
    def killed(self) -> bool:
        return self.status in ("killed", "endless")


def control(source: Source) -> Mutant:
    """The module brought to life unchanged: were a test to fail on it, no killed mutant would mean anything."""
    return Mutant(source.module, "", "none", "the unchanged module", 0, 0, range(0), True, 0, 0)


@dataclass
class _Fork:
    source: Source
    mutant: Mutant
    order: list[int]
    patience: int
    started: float
    process: int
    answers: int


class Trials:
    """All mutants, ``jobs`` at a time."""

    def __init__(self, items: Sequence[pytest.Item], evidence: Evidence, jobs: int) -> None:
        self._items = items
        self._evidence = evidence
        self._jobs = jobs
        self._numbers = {item.nodeid: number for number, item in enumerate(items)}
        self._kills: dict[str, Counter[int]] = defaultdict(Counter)

    def run(self, work: Iterable[tuple[Source, Mutant]], likely: Callable[[Mutant], str]) -> Iterator[Result]:
        """Try every mutant; ``likely`` names the test that killed it the last time, or nothing."""
        todo = iter(work)
        running: dict[int, _Fork] = {}
        gc.collect()
        gc.freeze()
        while True:
            while len(running) < self._jobs and (one := next(todo, None)) is not None:
                order = self._order(one[1], likely(one[1]))
                if order:
                    fork = self._start(*one, order, 1)
                    running[fork.answers] = fork
                else:
                    yield Result(one[1], "no coverage", "", 0.0)
            if not running:
                return
            ready, _, _ = select.select(list(running), [], [], 1.0)
            for fork in [running[handle] for handle in ready]:
                del running[fork.answers]
                result = self._ended(fork)
                if isinstance(result, _Fork):
                    running[result.answers] = result
                else:
                    yield result
            for fork in running.values():
                if time.monotonic() - fork.started > WATCHDOG:
                    os.kill(fork.process, signal.SIGKILL)

    def _order(self, mutant: Mutant, likely: str) -> list[int]:
        """The tests of a mutant: those first that killed its neighbours, then the quick ones."""
        function = f"{mutant.module} {mutant.function}"

        def rank(test: int) -> tuple[bool, int, int, float]:
            kills = self._kills[function][test], self._kills[mutant.module][test]
            return self._numbers.get(likely) != test, -kills[0], -kills[1], self._evidence.seconds[test]

        return sorted(self._evidence.tests_of(mutant), key=rank)

    def _start(self, source: Source, mutant: Mutant, order: list[int], patience: int) -> _Fork:
        answers, theirs = os.pipe()
        sys.stdout.flush()
        process = os.fork()
        if process == 0:
            os.close(answers)
            self._try(source, mutant, order, patience, theirs)
        os.close(theirs)
        return _Fork(source, mutant, order, patience, time.monotonic(), process, answers)

    def _ended(self, fork: _Fork) -> Result | _Fork:
        answer = b""
        while piece := os.read(fork.answers, 64):
            answer += piece
        os.close(fork.answers)
        os.waitpid(fork.process, 0)
        seconds = time.monotonic() - fork.started
        word, test = answer[:1], int(answer[1:] or b"-1")
        name = self._items[test].nodeid if test >= 0 else "(import)"
        if word == _KILLED:
            if test >= 0:
                self._kills[f"{fork.mutant.module} {fork.mutant.function}"][test] += 1
                self._kills[fork.mutant.module][test] += 1
            return Result(fork.mutant, "killed", name, seconds)
        if word == _SURVIVED:
            return Result(fork.mutant, "survived", "", seconds)
        if word == _SLOW and fork.patience == 1:
            return self._start(fork.source, fork.mutant, [test], CONFIRMED)
        if word == _SLOW:
            return Result(fork.mutant, "endless", name, seconds)
        return Result(fork.mutant, "timeout", "", seconds)

    def _try(self, source: Source, mutant: Mutant, order: list[int], patience: int, answers: int) -> NoReturn:
        """In the fork."""
        try:
            gc.disable()
            _bound_memory()
            quiet = os.open(os.devnull, os.O_WRONLY)
            os.dup2(quiet, 1)
            os.dup2(quiet, 2)
            module = sys.modules[source.import_name]
            try:
                if mutant.operator == "none":
                    bring_to_life_again(module, source.text)
                else:
                    bring_to_life(module, source.mutated(mutant), source.text)
            except Exception:  # noqa: BLE001 - a module that cannot be imported is noticed by every test
                _end(answers, _KILLED)
            if not source.module.startswith("scenarios/"):
                forget()
            active = self._evidence.tests_of(mutant)
            for test, following in zip(order, (*order[1:], order[0]), strict=True):
                limit = (SLOW + 10 * self._evidence.seconds[test]) * patience
                signal.signal(signal.SIGPROF, lambda *_, test=test: _end(answers, _SLOW, test))
                signal.setitimer(signal.ITIMER_PROF, limit)
                failed = self._fails(test, following, active[test])
                signal.setitimer(signal.ITIMER_PROF, 0)
                if failed:
                    _end(answers, _KILLED, test)
            _end(answers, _SURVIVED)
        finally:
            os._exit(1)

    def _fails(self, test: int, following: int, active: set[str]) -> bool:
        from conformance.findings import SCENARIOS

        kept = dict(SCENARIOS)
        self._evidence.narrow(self._items[test])
        self._evidence.remember(test, active)
        reports = run_item(self._items[test], self._items[following])
        SCENARIOS.clear()
        SCENARIOS.update(kept)
        return any(report.failed for report in reports)


def run_item(item: pytest.Item, following: pytest.Item) -> list[Any]:
    """One test, without a word to the terminal; what both share (a session's fixtures) stays alive for ``following``."""
    return runtestprotocol(item, log=False, nextitem=following)


def _bound_memory() -> None:
    """An endless loop that collects something must not take the machine's memory with it."""
    statm = Path("/proc/self/statm")
    in_use = int(statm.read_text().split()[0]) * resource.getpagesize() if statm.exists() else 0
    resource.setrlimit(resource.RLIMIT_AS, (in_use + MEMORY, in_use + MEMORY))


def _end(answers: int, word: bytes, test: int = -1) -> NoReturn:
    os.write(answers, word + str(test).encode())
    os._exit(0)
