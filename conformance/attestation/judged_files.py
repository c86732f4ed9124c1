"""The two files that an attestation is about: the report and the recording that it was judged on. Each is read once."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import jsonschema_rs

from conformance.attestation.refusals import Unusable
from conformance.attestation.strict_json import read_bounded
from conformance.recording import FORMAT as RECORDING_FORMAT
from conformance.recording import Recording
from conformance.recording_file import MAX_FILE_BYTES as MAX_RECORDING_BYTES
from conformance.recording_file import from_json
from conformance.report.document import FILE_NAME as REPORT_NAME
from conformance.report.reading import MAX_FILE_BYTES as MAX_REPORT_BYTES
from conformance.report.reading import parsed_report
from conformance.requirements import Level, catalogue
from conformance.spec_files import read_spec_json
from conformance.verdict import TestResult, counts, requirement_results, verdict

RECORDING_NAME: Final = "recording.json"

Report = Mapping[str, Any]


@dataclass(frozen=True)
class Digested:
    """A file's content and its SHA-256 (64 hex digits)."""

    name: str
    content: bytes

    @property
    def sha256(self) -> str:
        return hashlib.sha256(self.content).hexdigest()


def read_report_file(path: Path) -> Digested:
    """:raises Unusable: as `read_bounded`."""
    return Digested(REPORT_NAME, read_bounded(path, MAX_REPORT_BYTES))


def read_recording_file(path: Path) -> Digested:
    """:raises Unusable: as `read_bounded`."""
    return Digested(RECORDING_NAME, read_bounded(path, MAX_RECORDING_BYTES))


def report_of(file: Digested) -> Report:
    """The report, if it is one of this suite's format and does not contradict itself.

    What follows from the outcomes is worked out again: each requirement's outcome from its tests, the counts, the verdict.

    :raises Unusable: it is damaged, or says something else.
    """
    report = parsed_report(file.content, file.name)
    problem = next(jsonschema_rs.validator_for(read_spec_json("report.schema.json")).iter_errors(report), None)
    if problem is not None:
        place = "/".join(str(step) for step in problem.instance_path)
        raise Unusable(f"{file.name}: a damaged report at {place!r}: {problem.message[:120]}")
    known = catalogue()
    found = {one["id"]: one for one in report["requirements"]}
    if list(found) != list(known) or any(found[one]["level"] != known[one].level for one in known):
        raise Unusable(f"{file.name}: its requirements are not the catalogue's")
    results = requirement_results(known, tests_of(report))
    for one in results:
        if found[one.id]["outcome"] != one.outcome:
            line = f"{one.id} is {found[one.id]['outcome']}, and its tests say {one.outcome}"
            raise Unusable(f"{file.name}: {line}")
    level: Level = report["level"]
    if report["counts"] != counts(results):
        raise Unusable(f"{file.name}: its counts are not those of its requirements")
    word = verdict(results, level)
    if report["verdict"] != word:
        raise Unusable(f"{file.name}: its verdict is {report['verdict']}, and its outcomes say {word}")
    return report


def tests_of(report: Report) -> list[TestResult]:
    """What each test found of each requirement that it serves, as the report has it."""
    return [
        TestResult(test["test"], (one["id"],), test["outcome"])
        for one in report["requirements"]
        for test in one["tests"]
    ]


def recording_of(file: Digested) -> Recording:
    """The recording, of the one format that this suite reads.

    :raises Unusable: it is damaged, none, or of another format.
    """
    try:
        value = json.loads(file.content)
        version = value.get("format") if isinstance(value, dict) else None
        if version != RECORDING_FORMAT:
            raise Unusable(f"{file.name}: not a recording of format {RECORDING_FORMAT}")
        problem = next(jsonschema_rs.validator_for(read_spec_json("recording.schema.json")).iter_errors(value), None)
        if problem is not None:
            raise Unusable(f"{file.name}: not a recording: {problem.message[:120]}")
        return from_json(value)
    except (ValueError, RecursionError, TypeError, KeyError):
        raise Unusable(f"{file.name}: a damaged recording") from None
