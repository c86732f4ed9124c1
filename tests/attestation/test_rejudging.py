"""``--rejudge`` finds what whoever holds the key has edited and signed again."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from conformance.attestation.refusals import EXIT_JUDGED_OTHERWISE, Refused
from tests.attestation.attested import Attested, attested, concluded, set_outcome


def test_a_verdict_that_was_edited_and_signed_again_is_caught(broken: Attested) -> None:
    def whitewash(report: Any) -> None:
        for one in report["requirements"]:
            for test in one["tests"]:
                if test["outcome"] == "failed":
                    test["outcome"], test["reason"] = "passed", ""
        concluded(report)

    forged = broken.with_report(whitewash)
    assert forged.checked().report["verdict"] == "conformant", "a forgery that nothing but judging again finds"
    with pytest.raises(Refused, match="CUR-01 is attested passed, and the recording says failed") as caught:
        forged.checked(again=True)
    assert caught.value.exit_code == EXIT_JUDGED_OTHERWISE


@pytest.mark.parametrize(
    ("id", "outcome"),
    [
        ("CUR-08", "failed"),
        ("ATT-03", "untested"),
        ("EVT-07", "unobservable"),
        ("RATE-02", "passed"),
        ("ACC-01", "waived"),
    ],
)
def test_a_single_outcome_that_was_edited_is_caught(good: Attested, id: str, outcome: str) -> None:
    forged = good.with_report(set_outcome(id, outcome))
    forged.checked()
    with pytest.raises(Refused, match=f"{id} is attested {outcome}") as caught:
        forged.checked(again=True)
    assert caught.value.exit_code == EXIT_JUDGED_OTHERWISE


def test_a_recording_of_another_server_is_caught(good: Attested, broken: Attested) -> None:
    """Signed again over the recording of a server that is broken, with the report of one that is not."""
    own = json.loads(good.recording)
    before = json.loads(broken.recording)["target"]
    other = json.loads(broken.recording.decode().replace(before, own["target"]))
    other["started"] = own["started"]
    forged = attested(json.loads(good.report), json.dumps(other).encode())
    forged.checked()
    with pytest.raises(Refused, match="the recording says failed"):
        forged.checked(again=True)


def test_a_target_that_only_the_header_names_is_refused(good: Attested) -> None:
    """The requests say where they were sent, and the buyer's --target rests on that."""
    recording, report = json.loads(good.recording), json.loads(good.report)
    recording["target"] = report["target"] = "https://api.vendor.example"
    with pytest.raises(Refused, match="addresses differ"):
        attested(report, json.dumps(recording).encode()).checked()


@pytest.mark.parametrize("one", ["FUZZ-01", "FUZZ-02"])
def test_a_test_of_an_invented_name_stands_for_no_fuzzing(good: Attested, one: str) -> None:
    def invent(report: Any) -> None:
        for requirement in report["requirements"]:
            if requirement["id"] == one:
                requirement["tests"] = [{"test": "test_fuzz.py::test_all", "outcome": "passed", "reason": ""}]

    with pytest.raises(Refused, match=one):
        good.with_report(invent).checked(again=True)


def test_what_no_recording_shows_is_named_and_not_believed(good: Attested) -> None:
    """An outcome of the fuzzing may be edited unseen: so it is said that it was not judged again."""
    forged = good.with_report(set_outcome("FUZZ-01", "untested"))
    found = forged.checked(again=True)
    assert found.rejudged is not None
    assert found.rejudged.not_rejudged == ("FUZZ-01", "FUZZ-02")


def test_an_invented_test_does_not_hide_the_true_one(good: Attested) -> None:
    def invent(report: Any) -> None:
        one = report["requirements"][0]
        one["tests"].append({"test": "test_invented.py::test_splendid", "outcome": "passed", "reason": ""})

    found = good.with_report(invent).checked(again=True)
    assert found.rejudged is not None
    assert json.loads(good.report)["requirements"][0]["id"] in found.rejudged.not_rejudged


def test_another_time_of_an_envelope_is_another_file(good: Attested) -> None:
    with pytest.raises(Refused, match="is not the file that was attested"):
        replace(good, recording=good.recording.replace(b'"at":', b'"at": ', 1)).checked(again=True)
