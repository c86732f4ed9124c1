"""One pytest session of the suite: what was selected, the evidence, what the tests found, and the verdict."""

from __future__ import annotations

import json
import os
import sys
import traceback
from collections.abc import Callable, Iterable, Mapping
from contextlib import nullcontext, suppress
from pathlib import Path
from typing import Any

import pytest

from conformance import waivers
from conformance.campaign import RECORDING, Campaign
from conformance.evidence import VIEWS
from conformance.findings import (
    Finding,
    Untested,
    Violation,
    escape_controls,
    judge,
    message_of,
)
from conformance.interruption import EXIT_INTERRUPTED, Signals
from conformance.observations import observe
from conformance.options import FLAGS, GATE
from conformance.outcomes import EXIT_BAD_INPUT, BadInput, OurMistake
from conformance.recording import Exchange, Recording
from conformance.recording_file import save
from conformance.redaction import Redactor
from conformance.report import document, terminal
from conformance.report.progress import live_line
from conformance.report.written import write_forms
from conformance.requirements import Level, catalogue
from conformance.results import evidence_of, from_json, outcome_of, to_json
from conformance.settings import Settings, read_settings
from conformance.shielding import shield_logs, shield_report
from conformance.stopping import Stopped, by_bad_input, by_our_mistake, tell, told
from conformance.target import KEY_VARIABLE, OTHER_KEY_VARIABLE, altered
from conformance.verdict import (
    RequirementResult,
    TestResult,
    Verdict,
    counts_as_failure,
    exit_code,
    requirement_results,
    verdict,
)

MARKER = "requirement"
SPENT_FILES = "spent-*.json"


class ConformanceSession:
    """What the plugin's hooks share. It does nothing before a test with the marker ``requirement`` is selected."""

    def __init__(self, config: pytest.Config, folder: Path, *, on_worker: bool) -> None:
        self.on_worker = on_worker
        self.folder = folder
        self._config = config
        self._selected = False
        self._needs_recording = False
        self._settings: Settings | None = None
        self._campaign: Campaign | None = None
        self._recording: Recording | None = None
        self._views: dict[str, Any] = {}
        self._results: list[TestResult] = []
        self._summary: list[str] = []
        self._waivers: tuple[waivers.Judged, ...] = ()
        self._stopped: Stopped | None = None
        self._undo: list[Callable[[], None]] = []
        self._signals = Signals()
        self.redactor = _redactor(os.environ)
        self.interrupted: str | None = None
        """Why the run ended early, where a signal or a killed worker ended it."""

    # -- before the tests ---------------------------------------------------------------------------------------------

    def select(self, items: Iterable[pytest.Item]) -> None:
        """Take note of what will be run, and check the options if any of it is ours."""
        ours = [item for item in items if self.serves(item)]
        if not ours or self._config.option.collectonly:
            return
        self._selected = True
        self._undo.append(shield_logs(self.redactor))
        if not self.on_worker:
            self._signals.catch()
            self._undo.append(self._signals.leave)
        self._needs_recording = any(set(VIEWS) & set(getattr(item, "fixturenames", ())) for item in ours)
        self._read_settings()
        if self._settings is not None:
            for item in ours:
                item.user_properties += _properties(_ids(item))

    def serves(self, item: pytest.Item) -> bool:
        """Whether a test is one of the suite's."""
        return bool(_ids(item))

    def _read_settings(self) -> None:
        option = self._config.option
        try:
            self._settings = read_settings(
                lambda destination: getattr(option, destination, None),
                getattr(option, "base_url", None),
                bool(getattr(option, GATE.destination, False)),
                os.environ,
                [flag.name for flag in FLAGS if getattr(option, flag.destination, False)],
            )
        except BadInput as bad:
            self._stop(by_bad_input(bad))
            return
        self._campaign = Campaign(self._settings, self.folder)

    def play(self) -> None:
        """Get the evidence: play, or read what another process played."""
        if self._campaign is None or not self._needs_recording or self.stopped is not None:
            return
        if self.settings.dry_run:
            from conformance.report import dry_run

            self._summary = dry_run.lines(self.settings)
            return
        from conformance.journeys.run import Interrupted

        show = sys.stderr.isatty() and not self.on_worker
        try:
            with live_line() if show else nullcontext() as progress:
                self._recording = self._campaign.recording(progress)
        except Interrupted as interrupted:
            self._recording = interrupted.recording
            self.interrupted = "while the journeys were played"
            raise
        except BadInput as bad:
            self._stop(by_bad_input(bad))
        except Exception as error:  # noqa: BLE001 - whatever it is, it is not the target's
            self._signals.tell(error)
            self._mistake(error, "while playing")

    @property
    def stopped(self) -> Stopped | None:
        """Why there will be no verdict, if that is known; another process may have found it."""
        if self._stopped is not None:
            return self._stopped
        return told(self.folder) if self._selected or not self.on_worker else None

    @property
    def dry(self) -> bool:
        """Whether nothing is to be sent, and so nothing is run."""
        return self._settings is not None and self._settings.dry_run

    def refuse_to_write(self, item: pytest.Item) -> None:
        """:raises Untested: the test sends requests of its own, and the run may not write."""
        fixtures = getattr(item, "fixturenames", ())
        if self._settings is not None and self._settings.limits.read_only and "target" in fixtures:
            raise Untested("--read-only plays nothing that writes, and fuzzing would")

    def _stop(self, stopped: Stopped) -> None:
        stopped = Stopped(stopped.code, self.redactor.text(stopped.line))
        self._stopped = self._stopped or stopped
        with suppress(OSError):  # a full disk: the other processes will find that out, too
            tell(self.folder, stopped)

    def _mistake(self, error: BaseException, where: str) -> None:
        """Ours, not the target's: one line, and the traceback for whoever asks for it with ``--full-trace``."""
        if self._config.option.fulltrace:
            sys.stderr.write(self.redactor.text("".join(traceback.format_exception(error))))
        self._stop(by_our_mistake(error, where))

    # -- for the tests ------------------------------------------------------------------------------------------------

    @property
    def settings(self) -> Settings:
        if self._settings is None:
            raise OurMistake("the settings were asked for before they were read")
        return self._settings

    @property
    def campaign(self) -> Campaign:
        if self._campaign is None:
            raise OurMistake("the campaign was asked for before it began")
        return self._campaign

    def view(self, name: str) -> Any:
        """A view of the recording, made once."""
        if self._recording is None:
            raise OurMistake("a scenario was run without a recording")
        if name not in self._views:
            self._views[name] = VIEWS[name](self._recording)
        return self._views[name]

    def spent(self, who: str, turns: int, requests: int, seconds: float, sent: Mapping[str, Any] | None = None) -> None:
        """Note what fuzzing cost, and what it ``sent`` (for the report); the scenarios' cost is in the recording."""
        path = self.folder / f"spent-{who}.json"
        spent = {"who": who, "turns": turns, "requests": requests, "seconds": seconds, "sent": dict(sent or {})}
        path.write_text(json.dumps(self.redactor.value(spent)), encoding="utf-8")

    # -- after each test ----------------------------------------------------------------------------------------------

    def outcome(self, item: pytest.Item, call: pytest.CallInfo[None], report: pytest.TestReport) -> None:
        """Turn what a scenario raised into an outcome, on the report: it travels from worker to controller."""
        ids = _ids(item)
        if not ids:
            return
        error = call.excinfo.value if call.excinfo is not None else None
        if call.when != "call" and error is None:
            return
        location = (str(item.path), item.location[1] or 0)
        result = self._judge(item.nodeid.rpartition("/")[2], ids, error, report, location)
        shield_report(report, self.redactor)
        # What fuzzing found has not been through the recording, which has no secrets in it.
        report.neo_result = self.redactor.value(to_json(result))  # type: ignore[attr-defined]

    def _judge(
        self,
        test: str,
        ids: tuple[str, ...],
        error: BaseException | None,
        report: pytest.TestReport,
        location: tuple[str, int],
    ) -> TestResult:
        if error is None:
            return TestResult(test, ids, "passed")
        if isinstance(error, Violation):
            requirements = [catalogue()[one] for one in ids]
            message = message_of(error, requirements)
            report.longrepr = message
            counting = [r for r in requirements if counts_as_failure(r.level, self.settings.level)]
            if all(waivers.covering(self.settings.waivers, r.id, test) is not None for r in counting):
                report.outcome = "skipped"
                report.wasxfail = f"{'waived' if counting else 'a SHOULD is broken'}: {error.reason}"
            return TestResult(test, ids, "failed", error.reason, message, evidence_of(error))
        if isinstance(error, Finding):
            outcome = outcome_of(error)
            report.outcome = "skipped"
            report.longrepr = (location[0], location[1], f"{outcome}: {escape_controls(error.reason)}")
            return TestResult(test, ids, outcome, error.reason)
        if isinstance(error, BadInput):
            self._stop(by_bad_input(error))
        else:
            self._signals.tell(error)
            self._mistake(error, test)
        return TestResult(test, ids, "untested", "the suite itself went wrong here")

    # -- at the end ---------------------------------------------------------------------------------------------------

    def take(self, report: pytest.TestReport) -> None:
        """A report, from a worker or from this process."""
        value = getattr(report, "neo_result", None)
        if value is not None:
            self._results.append(from_json(value))

    def finish(self, exitstatus: int) -> int:
        """Judge, write the report, and say the exit code; pytest's own where nothing of the suite was run."""
        stopped = self.stopped
        if self.dry and stopped is None:
            return 0
        if exitstatus == pytest.ExitCode.INTERRUPTED and self._selected and self.interrupted is None:
            self.interrupted = "while the tests were run"
        if self.interrupted and not self._results and self._recording is not None:
            # The tests were collected, so their scenarios are known, and will not be run any more.
            self._results = [
                TestResult(scenario.name, (one,), outcome_of(finding), finding.reason if finding else "")
                for one, found in judge(self._recording, VIEWS).items()
                for scenario, finding in found
            ]
        judged = exitstatus in (0, 1) or self.interrupted is not None
        if stopped is None and self._results and judged:
            try:
                return self._conclude(exitstatus)
            except Exception as error:  # noqa: BLE001 - whatever it is, it is not the target's
                self._mistake(error, "while judging")
                stopped = self.stopped
        if self.interrupted and stopped is None:
            return EXIT_INTERRUPTED
        return stopped.code if stopped is not None else exitstatus

    def _conclude(self, exitstatus: int) -> int:
        if self._settings is None:  # the controller of several workers: it collected nothing itself
            self._read_settings()
        found, self._waivers = waivers.apply(self._results, self.settings.waivers)
        results = requirement_results(catalogue(), found)
        word = verdict(results, self.settings.level)
        try:
            self._report(word, results)
        except OSError as error:
            self._stop(Stopped(EXIT_BAD_INPUT, f"--report-dir: the report cannot be written ({error.strerror})"))
            return EXIT_BAD_INPUT
        if self.interrupted:
            return EXIT_INTERRUPTED
        # Tests of others in the same session keep their say: a failure that is not ours stays a failure.
        ours_failed = word == "nonconformant"
        stale = self.settings.gate and any(one.is_wrong for one in self._waivers)
        return max(exit_code(word, gate=self.settings.gate), int(stale), 0 if ours_failed else exitstatus)

    def _report(self, word: Verdict, results: tuple[RequirementResult, ...]) -> None:
        settings = self.settings
        recording = self._recording or self._played_by_another()
        figures = self._figures(recording)
        level: Level = settings.level
        seen = observe(recording) if recording else ()
        breaks = (
            [{"journey": b.journey, "step": b.step, "reason": b.reason} for b in recording.breaks] if recording else []
        )
        value = document.document(word, level, figures, results, seen, breaks, interrupted=self.interrupted is not None)
        value["waivers"] = waivers.to_json(self._waivers)
        # The recording has no secrets in it; what fuzzing tells of its requests and their answers has not been through it.
        value = self.redactor.value(value)
        path = document.write(value, settings.report_dir)
        if recording is not None and settings.replay is None:
            save(recording, settings.report_dir / RECORDING)
        self._summary = terminal.lines(word, level, figures, results, path, interrupted=self.interrupted)
        self._summary += [f"waiver:  {escape_controls(one.line)}" for one in self._waivers if one.state != "in force"]
        self._summary += write_forms(value, settings.report_dir, os.environ, recording)

    def _played_by_another(self) -> Recording | None:
        if self.settings.replay is None and not (self.folder / RECORDING).exists():
            return None
        return self.campaign.recording()

    def _figures(self, recording: Recording | None) -> document.RunFigures:
        turns: dict[str, int] = {}
        requests: dict[str, int] = {}
        fuzzing: dict[str, Mapping[str, Any]] = {}
        seconds = recording.seconds if recording else 0.0
        if recording is not None:
            turns["scenarios"] = sum(_accepted(exchange) for exchange in recording.exchanges)
            requests["scenarios"] = len(recording.exchanges)
        for path in self.folder.glob(SPENT_FILES):
            spent = json.loads(path.read_text(encoding="utf-8"))
            turns[spent["who"]] = spent["turns"]
            requests[spent["who"]] = spent["requests"]
            seconds += spent["seconds"]
            fuzzing.update({spent["who"]: spent["sent"]} if spent["sent"] else {})
        from conformance import __version__
        from conformance.journeys import cost
        from conformance.journeys.run import spec_digest

        target = self.settings.target
        embedded = target is None and self.settings.replay is None
        return document.RunFigures(
            target=recording.target if recording else target.base_url if target else "the embedded mock",
            embedded=embedded,
            spec=spec_digest(),
            suite=__version__,
            started=recording.started if recording else "",
            seconds=seconds,
            turns=turns,
            requests=requests,
            fuzzing=fuzzing,
            journeys=cost.spent(recording.exchanges) if recording else {},
        )

    def summary(self) -> list[str]:
        return self._summary

    def close(self) -> None:
        if self._campaign is not None:
            self._campaign.close()
        while self._undo:
            self._undo.pop()()


def _redactor(environ: Mapping[str, str]) -> Redactor:
    """For the keys in the environment, and the wrong key that is made of the first."""
    keys = {name: environ.get(name, "") for name in (KEY_VARIABLE, OTHER_KEY_VARIABLE)}
    if keys[KEY_VARIABLE]:
        keys[f"{KEY_VARIABLE}_ALTERED"] = altered(keys[KEY_VARIABLE])
    return Redactor(keys)


def _ids(item: pytest.Item) -> tuple[str, ...]:
    """The requirements that a test serves; none where it is not one of the suite's."""
    marker = item.get_closest_marker(MARKER)
    return tuple(str(one) for one in marker.args) if marker is not None else ()


def _properties(ids: tuple[str, ...]) -> list[tuple[str, object]]:
    """For JUnit: pytest writes them as the properties of the test case."""
    served = [catalogue()[one] for one in ids]
    return [pair for r in served for pair in (("requirement", r.id), ("level", r.level), ("page", r.page))]


def _accepted(exchange: Exchange) -> bool:
    return exchange.operation == "append-message" and exchange.status == 202
