"""The in-toto statement: which report and recording, played on what, judged by which suite, with what outcome.

An in-toto Statement v1 whose predicate is test-result v0.1 (https://in-toto.io/attestation/test-result/v0.1). That
predicate may be extended for a test harness; its field ``conformance`` is ours (spec/attestation.schema.json).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final, Literal

import jsonschema_rs

from conformance import __version__
from conformance.attestation.judged_files import Digested, Report
from conformance.attestation.refusals import Unusable
from conformance.attestation.rejudging import left_out
from conformance.attestation.suite_files import suite_digest
from conformance.journeys.run import spec_digest
from conformance.recording import Recording
from conformance.spec_files import read_spec_json
from conformance.verdict import counts_as_failure

STATEMENT_TYPE: Final = "https://in-toto.io/Statement/v1"
PREDICATE_TYPE: Final = "https://in-toto.io/attestation/test-result/v0.1"
FORMAT: Final = 1
SCHEMA: Final = "attestation.schema.json"

Statement = dict[str, Any]


def statement(report_file: Digested, report: Report, recording_file: Digested) -> Statement:
    """What is to be signed. Everything in it follows from the two files and from this very suite."""
    names = _by_result(report)
    return {
        "_type": STATEMENT_TYPE,
        "subject": [
            {"name": one.name, "digest": {"sha256": one.sha256}, "mediaType": "application/json"}
            for one in (report_file, recording_file)
        ],
        "predicateType": PREDICATE_TYPE,
        "predicate": {
            "result": _result(report, names),
            "configuration": configuration(),
            "passedTests": names["passed"],
            "warnedTests": names["warned"],
            "failedTests": names["failed"],
            "conformance": _run(report),
        },
    }


def configuration() -> list[dict[str, Any]]:
    """This very suite, as test-result names what a test was run with: its files, and the specification that it judges by."""
    return [
        {"name": "neo-conformance", "digest": {"sha256": suite_digest()}},
        {"name": "spec", "digest": {"sha256": spec_digest().removeprefix("sha256:")}},
    ]


def of_one_run(report: Report, recording: Recording) -> bool:
    """Whether the report is one of this recording: the target and the beginning that they name are the same, and the requests
    were sent to that target."""
    named = report["target"] == recording.target and report["started"] == recording.started
    address = recording.target.rstrip("/") + "/"
    asked = (e.sent.url for e in recording.exchanges if e.operation != "put-blob")
    return bool(named and all(url.startswith(address) for url in asked))


def check_form(value: Any) -> Statement:
    """``value``, if it is a statement of this format.

    :raises Unusable: with the first difference from spec/attestation.schema.json.
    """
    try:
        problem = next(jsonschema_rs.validator_for(read_spec_json(SCHEMA)).iter_errors(value), None)
    except ValueError:  # half a surrogate pair
        raise Unusable("the statement is damaged: a text in it is none") from None
    if problem is not None:
        place = "/".join(str(step) for step in problem.instance_path) or "its top"
        raise Unusable(f"the statement is not of the form of spec/{SCHEMA} at {place}: {problem.message[:160]}")
    checked: Statement = value
    return checked


def _run(report: Report) -> Mapping[str, Any]:
    return {
        "format": FORMAT,
        "suite": __version__,
        "target": report["target"],
        "embedded_mock": report["embedded_mock"],
        "started": report["started"],
        "level": report["level"],
        "verdict": report["verdict"],
        "interrupted": report.get("interrupted", False),
        "left_out": left_out(report),
        "counts": report["counts"],
        "requirements": [
            {"id": one["id"], "level": one["level"], "outcome": one["outcome"]} for one in report["requirements"]
        ],
    }


def _by_result(report: Report) -> dict[Literal["passed", "warned", "failed"], list[str]]:
    """The requirements as test-result sorts tests; what was not judged is in none of the three."""
    found = report["requirements"]
    fails = [one["id"] for one in found if one["outcome"] == "failed" and _counts(one, report)]
    return {
        "passed": [one["id"] for one in found if one["outcome"] == "passed"],
        "warned": [one["id"] for one in found if one["outcome"] in ("failed", "waived") and one["id"] not in fails],
        "failed": fails,
    }


def _counts(requirement: Mapping[str, Any], report: Report) -> bool:
    return counts_as_failure(requirement["level"], report["level"])


def _result(report: Report, names: Mapping[Literal["passed", "warned", "failed"], Iterable[str]]) -> str:
    """``PASSED`` where nothing is to be said against it; ``WARNED``: not broken, but something was not judged or warns."""
    if report["verdict"] == "nonconformant":
        return "FAILED"
    whole = not report.get("interrupted", False) and not left_out(report)
    return "PASSED" if report["verdict"] == "conformant" and whole and not names["warned"] else "WARNED"
