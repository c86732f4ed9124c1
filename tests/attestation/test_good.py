"""What is genuine is accepted, and what it says of the target is told apart from that."""

from __future__ import annotations

import json

import jsonschema_rs
import pytest
from securesystemslib.dsse import Envelope

from conformance.attestation.rejudging import Rejudged
from conformance.spec_files import read_spec_json
from tests.attestation.attested import SIGNER, Attested


def test_a_good_attestation_holds(good: Attested) -> None:
    found = good.checked()
    assert found.report["verdict"] == "conformant"
    assert found.rejudged is None


def test_its_recording_gives_the_same_outcomes_again(good: Attested) -> None:
    assert good.checked(again=True).rejudged == Rejudged((), ("FUZZ-01", "FUZZ-02"))


def test_a_broken_server_is_attested_as_broken(broken: Attested) -> None:
    found = broken.checked(again=True)
    assert found.report["verdict"] == "nonconformant"
    predicate = broken.statement["predicate"]
    assert predicate["result"] == "FAILED"
    assert "CUR-01" in predicate["failedTests"]


def test_the_statement_is_what_in_toto_wants(good: Attested) -> None:
    """The fields of a Statement v1 and of test-result v0.1, as their pages name them."""
    statement = good.statement
    assert statement["_type"] == "https://in-toto.io/Statement/v1"
    assert statement["predicateType"] == "https://in-toto.io/attestation/test-result/v0.1"
    assert [one["name"] for one in statement["subject"]] == ["conformance.json", "recording.json"]
    predicate = statement["predicate"]
    assert predicate["result"] == "PASSED"
    assert predicate["failedTests"] == predicate["warnedTests"] == []
    assert set(predicate["passedTests"]) <= {one["id"] for one in json.loads(good.report)["requirements"]}
    assert all(one["digest"] for one in (*statement["subject"], *predicate["configuration"]))


def test_the_envelope_is_one_that_securesystemslib_verifies(good: Attested) -> None:
    Envelope.from_dict(good.envelope).verify([SIGNER.public_key], 1)


def test_a_warning_is_no_plain_pass(good: Attested) -> None:
    from tests.attestation.attested import set_outcome

    predicate = good.with_report(set_outcome("CUR-08", "failed")).statement["predicate"]
    assert (predicate["result"], predicate["warnedTests"], predicate["failedTests"]) == ("WARNED", ["CUR-08"], [])
    assert predicate["conformance"]["verdict"] == "conformant"


def test_the_schema_of_the_statement_is_one(good: Attested) -> None:
    schema = read_spec_json("attestation.schema.json")
    jsonschema_rs.meta.validate(schema)
    validator = jsonschema_rs.validator_for(schema)
    assert validator.is_valid(good.statement)


@pytest.mark.parametrize(
    "path", ["", "predicate", "predicate/conformance", "subject/0", "predicate/conformance/counts/MUST"]
)
def test_the_schema_leaves_no_field_open(good: Attested, path: str) -> None:
    value = good.statement
    place = value
    for step in filter(None, path.split("/")):
        place = place[int(step) if step.isdigit() else step]
    validator = jsonschema_rs.validator_for(read_spec_json("attestation.schema.json"))
    for name in list(place):
        without = place.pop(name)
        assert not validator.is_valid(value), f"{path}/{name} may be left out"
        place[name] = without
    place["more"] = 1
    assert not validator.is_valid(value)
