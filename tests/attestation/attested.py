"""An attested run for the tests: its files as bytes, and how to change one of them and sign it again."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from conformance.attestation.envelope import sign
from conformance.attestation.judged_files import RECORDING_NAME, Digested, report_of
from conformance.attestation.keys import CryptoSigner, SSlibKey
from conformance.attestation.statement import statement
from conformance.attestation.strict_json import canonical
from conformance.attestation.verifying import Genuine, verify
from conformance.recording import Recording
from conformance.recording_file import to_json
from conformance.report.document import FILE_NAME as REPORT_NAME
from conformance.requirements import catalogue
from conformance.verdict import TestResult, counts, requirement_results, verdict
from tests.reports.html.judged import report_of as report_on

SIGNER = CryptoSigner(Ed25519PrivateKey.from_private_bytes(bytes(range(32))))
STRANGER = CryptoSigner(Ed25519PrivateKey.from_private_bytes(bytes(range(1, 33))))
FUZZ_TESTS = {
    "FUZZ-01": (
        "test_operations.py::test_generated_requests_are_answered_as_documented",
        "test_recorded_traffic.py::test_recorded_answers_are_as_documented",
    ),
    "FUZZ-02": ("test_histories.py::test_generated_histories_keep_the_model_of_a_session",),
}

Change = Callable[[Any], object]


@dataclass(frozen=True)
class Attested:
    """What lies before whoever checks."""

    report: bytes = field(repr=False)
    recording: bytes = field(repr=False)
    attestation: bytes = field(repr=False)

    def checked(self, *, again: bool = False, key: SSlibKey = SIGNER.public_key) -> Genuine:
        files = Digested(REPORT_NAME, self.report), Digested(RECORDING_NAME, self.recording)
        return verify(self.attestation, key, *files, again=again)

    @property
    def envelope(self) -> Any:
        return json.loads(self.attestation)

    @property
    def statement(self) -> Any:
        return json.loads(base64.b64decode(self.envelope["payload"]))

    def with_envelope(self, change: Change) -> Attested:
        """The envelope changed by who has no key, in the form in which it is written."""
        value = self.envelope
        change(value)
        return replace(self, attestation=canonical(value) + b"\n")

    def signed_again(self, change: Change) -> Attested:
        """The statement changed by who has the key."""
        value = self.statement
        change(value)
        return replace(self, attestation=sign(canonical(value), SIGNER))

    def with_report(self, change: Change) -> Attested:
        """The report changed, and attested again with all that follows from it: the work of who has the key."""
        value = json.loads(self.report)
        change(value)
        return attested(value, self.recording)


def attested(report: Any, recording: bytes) -> Attested:
    """Signed without a look at what is signed: ``attest`` itself would refuse much of it."""
    files = Digested(REPORT_NAME, json.dumps(report).encode()), Digested(RECORDING_NAME, recording)
    payload = canonical(statement(files[0], report, files[1]))
    return Attested(files[0].content, recording, sign(payload, SIGNER))


def attested_run(recording: Recording) -> Attested:
    """A run that was judged whole: the fuzzing passed, as its report says."""
    value = report_on(recording)
    for one in value["requirements"]:
        if one["id"] in FUZZ_TESTS:
            one["tests"] = [{"test": name, "outcome": "passed", "reason": ""} for name in FUZZ_TESTS[one["id"]]]
            one["outcome"], one["reason"] = "passed", ""
    concluded(value)
    done = attested(value, json.dumps(to_json(recording), separators=(",", ":")).encode())
    report_of(Digested(REPORT_NAME, done.report))
    return done


def concluded(report: Any) -> None:
    """Outcomes, counts and verdict made to follow from the outcomes of the tests, as a careful forger would."""
    tests = [
        TestResult(test["test"], (one["id"],), test["outcome"])
        for one in report["requirements"]
        for test in one["tests"]
    ]
    results = requirement_results(catalogue(), tests)
    for one, result in zip(report["requirements"], results, strict=True):
        one["outcome"] = result.outcome
    report["counts"] = counts(results)
    report["verdict"] = verdict(results, report["level"])


def set_outcome(id: str, outcome: str) -> Change:
    """All tests of that requirement to that outcome, and whatever follows."""

    def change(report: Any) -> None:
        one = next(one for one in report["requirements"] if one["id"] == id)
        for test in one["tests"]:
            test["outcome"] = outcome
        concluded(report)

    return change
