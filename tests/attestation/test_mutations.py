"""Whatever was changed is refused, each with the exit code of its kind and one line."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key
from securesystemslib.dsse import Envelope

from conformance.attestation.envelope import MAX_ENVELOPE_BYTES, PAYLOAD_TYPE, sign
from conformance.attestation.keys import CryptoSigner, SSlibKey
from conformance.attestation.refusals import EXIT_FILES, EXIT_NOT_WHOLE, EXIT_OTHER_SUITE, EXIT_SIGNATURE, Refused
from conformance.attestation.strict_json import canonical
from conformance.outcomes import EXIT_BAD_INPUT
from tests.attestation.attested import SIGNER, STRANGER, Attested, attested, concluded, set_outcome
from tests.attestation.changing import put, refused, take

Mutation = Callable[[Attested], Attested]


RUN = ("predicate", "conformance")
ZEROS = "0" * 64


def signed(*path: str | int, value: Any) -> Mutation:
    return lambda one: one.signed_again(put(*path, value=value))


def text(old: str, new: str) -> Mutation:
    """In the text of the envelope file."""

    def change(one: Attested) -> Attested:
        assert old.encode() in one.attestation
        return replace(one, attestation=one.attestation.replace(old.encode(), new.encode(), 1))

    return change


def payload(change: Callable[[bytes], bytes]) -> Mutation:
    """The payload's bytes changed, and signed again."""
    return lambda one: replace(one, attestation=sign(change(base64.b64decode(one.envelope["payload"])), SIGNER))


def _twice(content: bytes) -> bytes:
    mark = b'"interrupted":false,'
    assert mark in content
    return content.replace(mark, mark + mark)


def _two_signatures(one: Attested) -> Attested:
    envelope = Envelope(base64.b64decode(one.envelope["payload"]), PAYLOAD_TYPE, {})
    envelope.sign(SIGNER)
    envelope.sign(STRANGER)
    return replace(one, attestation=canonical(envelope.to_dict()) + b"\n")


def _loose_base64(one: Attested) -> Attested:
    """The same bytes from another text: bits that the last character has to spare."""
    sig = one.envelope["signatures"][0]["sig"]
    assert sig.endswith("==")
    letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
    other = sig[:-3] + letters[letters.index(sig[-3]) ^ 1] + "=="
    assert base64.b64decode(other) == base64.b64decode(sig)
    return one.with_envelope(put("signatures", 0, "sig", value=other))


def _only_a_part(report: Any) -> None:
    report["requirements"][-1]["tests"] = []
    concluded(report)


def _flipped(value: str) -> str:
    data = bytearray(base64.b64decode(value))
    data[0] ^= 1
    return base64.b64encode(bytes(data)).decode()


MUTATIONS: dict[str, tuple[Mutation, int]] = {
    # without the key
    "payload changed": (
        lambda one: one.with_envelope(put("payload", value=_flipped(one.envelope["payload"]))),
        EXIT_SIGNATURE,
    ),
    "payload of another statement": (
        lambda one: one.with_envelope(
            put("payload", value=base64.b64encode(canonical({**one.statement, "subject": []})).decode())
        ),
        EXIT_SIGNATURE,
    ),
    "signature changed": (
        lambda one: one.with_envelope(
            put("signatures", 0, "sig", value=_flipped(one.envelope["signatures"][0]["sig"]))
        ),
        EXIT_SIGNATURE,
    ),
    "signature cut": (
        lambda one: one.with_envelope(put("signatures", 0, "sig", value=base64.b64encode(b"short").decode())),
        EXIT_SIGNATURE,
    ),
    "key id changed": (lambda one: one.with_envelope(put("signatures", 0, "keyid", value=ZEROS)), EXIT_SIGNATURE),
    "signed by a stranger": (
        lambda one: replace(one, attestation=sign(base64.b64decode(one.envelope["payload"]), STRANGER)),
        EXIT_SIGNATURE,
    ),
    "signed by a stranger in the key's name": (
        lambda one: replace(one, attestation=sign(base64.b64decode(one.envelope["payload"]), STRANGER)).with_envelope(
            put("signatures", 0, "keyid", value=SIGNER.public_key.keyid)
        ),
        EXIT_SIGNATURE,
    ),
    "payload type changed": (lambda one: one.with_envelope(put("payloadType", value="text/plain")), EXIT_BAD_INPUT),
    "payload type is no text": (lambda one: one.with_envelope(put("payloadType", value=None)), EXIT_BAD_INPUT),
    "no signature": (lambda one: one.with_envelope(put("signatures", value=[])), EXIT_BAD_INPUT),
    "two signatures": (_two_signatures, EXIT_BAD_INPUT),
    "one signature twice": (
        lambda one: one.with_envelope(put("signatures", value=one.envelope["signatures"] * 2)),
        EXIT_BAD_INPUT,
    ),
    "no payload": (lambda one: one.with_envelope(take("payload")), EXIT_BAD_INPUT),
    "empty payload": (lambda one: one.with_envelope(put("payload", value="")), EXIT_BAD_INPUT),
    "payload is no base64": (lambda one: one.with_envelope(put("payload", value="%%%")), EXIT_BAD_INPUT),
    "signature in loose base64": (_loose_base64, EXIT_BAD_INPUT),
    "a field more in the envelope": (lambda one: one.with_envelope(put("more", value=1)), EXIT_BAD_INPUT),
    "a field more in the signature": (
        lambda one: one.with_envelope(put("signatures", 0, "cert", value="x")),
        EXIT_BAD_INPUT,
    ),
    "key id is no text": (lambda one: one.with_envelope(put("signatures", 0, "keyid", value=7)), EXIT_BAD_INPUT),
    "payload named twice": (text('"payload":', '"payload":"e30=","payload":'), EXIT_BAD_INPUT),
    "written in another form": (
        lambda one: replace(one, attestation=json.dumps(one.envelope, indent=1).encode() + b"\n"),
        EXIT_BAD_INPUT,
    ),
    "a blank more": (text('{"payload"', '{ "payload"'), EXIT_BAD_INPUT),
    "cut off by a byte": (lambda one: replace(one, attestation=one.attestation[:-1]), EXIT_BAD_INPUT),
    "cut in half": (lambda one: replace(one, attestation=one.attestation[: len(one.attestation) // 2]), EXIT_BAD_INPUT),
    "empty": (lambda one: replace(one, attestation=b""), EXIT_BAD_INPUT),
    "something behind it": (lambda one: replace(one, attestation=one.attestation * 2), EXIT_BAD_INPUT),
    "nested without end": (lambda one: replace(one, attestation=b"[" * 100_000 + b"\n"), EXIT_BAD_INPUT),
    "the report itself": (lambda one: replace(one, attestation=one.report), EXIT_BAD_INPUT),
    # the files
    "another recording": (lambda one: replace(one, recording=one.recording + b" "), EXIT_FILES),
    "another report": (lambda one: replace(one, report=one.report.replace(b"passed", b"failed", 1)), EXIT_FILES),
    "the two files swapped": (lambda one: replace(one, report=one.recording, recording=one.report), EXIT_FILES),
    # with the key: the statement
    "statement of another type": (signed("_type", value="https://in-toto.io/Statement/v0.1"), EXIT_BAD_INPUT),
    "another predicate": (signed("predicateType", value="https://slsa.dev/provenance/v1"), EXIT_BAD_INPUT),
    "no predicate": (lambda one: one.signed_again(take("predicate")), EXIT_BAD_INPUT),
    "subjects swapped": (
        lambda one: one.signed_again(put("subject", value=one.statement["subject"][::-1])),
        EXIT_BAD_INPUT,
    ),
    "no subject": (signed("subject", value=[]), EXIT_BAD_INPUT),
    "a third subject": (
        lambda one: one.signed_again(put("subject", value=[*one.statement["subject"], one.statement["subject"][0]])),
        EXIT_BAD_INPUT,
    ),
    "subject of another name": (signed("subject", 0, "name", value="../other.json"), EXIT_BAD_INPUT),
    "subject of another kind": (signed("subject", 0, "mediaType", value="text/html"), EXIT_BAD_INPUT),
    "report's digest": (signed("subject", 0, "digest", "sha256", value=ZEROS), EXIT_FILES),
    "recording's digest": (signed("subject", 1, "digest", "sha256", value=ZEROS), EXIT_FILES),
    "digest of a weak kind": (signed("subject", 0, "digest", value={"md5": "0" * 32}), EXIT_BAD_INPUT),
    "result": (signed("predicate", "result", value="WARNED"), EXIT_FILES),
    "passed tests": (signed("predicate", "passedTests", value=[]), EXIT_FILES),
    "warned tests": (signed("predicate", "warnedTests", value=["CUR-01"]), EXIT_FILES),
    "failed tests": (signed("predicate", "failedTests", value=["CUR-01"]), EXIT_FILES),
    "a field more in the predicate": (signed("predicate", "url", value="https://example.net"), EXIT_BAD_INPUT),
    "format of the attestation": (signed(*RUN, "format", value=2), EXIT_OTHER_SUITE),
    "format that only looks right": (signed(*RUN, "format", value=True), EXIT_OTHER_SUITE),
    "older suite": (signed(*RUN, "suite", value="0.0.1"), EXIT_OTHER_SUITE),
    "newer suite": (signed(*RUN, "suite", value="99.0"), EXIT_OTHER_SUITE),
    "suite of no version": (signed(*RUN, "suite", value="\x1b[31mred"), EXIT_OTHER_SUITE),
    "other files of the suite": (
        signed("predicate", "configuration", 0, "digest", "sha256", value=ZEROS),
        EXIT_OTHER_SUITE,
    ),
    "other specification": (
        signed("predicate", "configuration", 1, "digest", "sha256", value=ZEROS),
        EXIT_OTHER_SUITE,
    ),
    "no configuration": (signed("predicate", "configuration", value=[]), EXIT_BAD_INPUT),
    "target": (signed(*RUN, "target", value="https://other.example.net"), EXIT_FILES),
    "target is half a character": (signed(*RUN, "target", value="\ud800"), EXIT_FILES),
    "a name is half a character": (signed("\ud800", value=1), EXIT_BAD_INPUT),
    "embedded mock": (signed(*RUN, "embedded_mock", value=True), EXIT_FILES),
    "start": (signed(*RUN, "started", value="2020-01-01T00:00:00+00:00"), EXIT_FILES),
    "level": (signed(*RUN, "level", value="SHOULD"), EXIT_FILES),
    "verdict": (signed(*RUN, "verdict", value="incomplete"), EXIT_FILES),
    "verdict of no kind": (signed(*RUN, "verdict", value="splendid"), EXIT_BAD_INPUT),
    "interrupted": (signed(*RUN, "interrupted", value=True), EXIT_FILES),
    "left out": (signed(*RUN, "left_out", value=["CUR-01"]), EXIT_FILES),
    "a count": (signed(*RUN, "counts", "MUST", "failed", value=1), EXIT_FILES),
    "a count that is no integer": (signed(*RUN, "counts", "MUST", "failed", value=0.0), EXIT_FILES),
    "an outcome": (signed(*RUN, "requirements", 0, "outcome", value="failed"), EXIT_FILES),
    "a requirement's level": (signed(*RUN, "requirements", 0, "level", value="SHOULD"), EXIT_FILES),
    "a requirement less": (lambda one: one.signed_again(take(*RUN, "requirements", 0)), EXIT_FILES),
    "the statement with a name twice": (payload(_twice), EXIT_BAD_INPUT),
    "the statement in another form": (payload(lambda content: content + b" "), EXIT_BAD_INPUT),
    "the statement is no JSON": (payload(lambda content: content[:-1]), EXIT_BAD_INPUT),
    "the statement is no object": (payload(lambda _: b"[]"), EXIT_BAD_INPUT),
    "the statement with NaN": (
        payload(lambda content: content.replace(b'"format":1', b'"format":NaN')),
        EXIT_BAD_INPUT,
    ),
    # with the key: report and statement together
    "a report whose verdict is not its outcomes'": (
        lambda one: one.with_report(put("verdict", value="incomplete")),
        EXIT_BAD_INPUT,
    ),
    "a report whose outcome is not its tests'": (
        lambda one: one.with_report(put("requirements", 0, "outcome", value="failed")),
        EXIT_BAD_INPUT,
    ),
    "a report with other counts": (
        lambda one: one.with_report(put("counts", "MUST", "passed", value=1)),
        EXIT_BAD_INPUT,
    ),
    "a report without a requirement": (lambda one: one.with_report(take("requirements", 0)), EXIT_BAD_INPUT),
    "a report with another level of a requirement": (
        lambda one: one.with_report(put("requirements", 0, "level", value="SHOULD")),
        EXIT_BAD_INPUT,
    ),
    "a report of another target": (
        lambda one: one.with_report(put("target", value="https://other.example.net")),
        EXIT_FILES,
    ),
    "a report of another run": (
        lambda one: one.with_report(put("started", value="2020-01-01T00:00:00+00:00")),
        EXIT_FILES,
    ),
    "a report with a field more": (lambda one: one.with_report(put("more", value=1)), EXIT_BAD_INPUT),
    "a recording of another format": (
        lambda one: attested(json.loads(one.report), one.recording.replace(b'"format":1', b'"format":2', 1)),
        EXIT_BAD_INPUT,
    ),
    "a recording that is none": (lambda one: attested(json.loads(one.report), b"{"), EXIT_BAD_INPUT),
    "an interrupted run": (lambda one: one.with_report(put("interrupted", value=True)), EXIT_NOT_WHOLE),
    "a run of a part of the suite": (lambda one: one.with_report(_only_a_part), EXIT_NOT_WHOLE),
}


@pytest.mark.parametrize("name", MUTATIONS)
def test_a_mutation_is_refused(good: Attested, name: str) -> None:
    mutation, code = MUTATIONS[name]
    changed = mutation(good)
    assert changed != good
    assert refused(changed) == code


def test_there_are_enough_of_them() -> None:
    assert len(MUTATIONS) >= 30


def test_another_key_is_not_believed(good: Attested) -> None:
    assert refused(good, key=STRANGER.public_key) == EXIT_SIGNATURE
    other_kind = CryptoSigner(generate_private_key(SECP256R1())).public_key
    assert refused(good, key=other_kind) == EXIT_SIGNATURE


def test_another_kind_of_key_under_the_same_name_is_not_believed(good: Attested) -> None:
    other = CryptoSigner(generate_private_key(SECP256R1())).public_key
    named = SSlibKey(SIGNER.public_key.keyid, other.keytype, other.scheme, other.keyval)
    assert refused(good, key=named) == EXIT_SIGNATURE


@pytest.mark.parametrize("again", [False, True])
def test_a_test_that_is_missing_makes_the_run_a_part(broken: Attested, again: bool) -> None:
    """Whoever drops the test that failed has not run the suite."""

    def drop(report: Any) -> None:
        for one in report["requirements"]:
            one["tests"] = [test for test in one["tests"] if test["outcome"] != "failed"]
        concluded(report)

    assert refused(broken.with_report(drop), again=again) == EXIT_NOT_WHOLE


def test_a_line_says_which_suite_is_newer(good: Attested) -> None:
    for version, word in (("0.0.1", "an older"), ("99.0", "a newer"), ("odd", "another")):
        with pytest.raises(Refused, match=word):
            good.signed_again(put(*RUN, "suite", value=version)).checked()


def test_a_huge_file_is_not_parsed(good: Attested) -> None:
    """The command reads no more than this; the size is looked at before anything is parsed."""
    assert len(good.attestation) * 20 < MAX_ENVELOPE_BYTES


def test_set_outcome_is_seen_in_every_place(good: Attested) -> None:
    """The forger's own tool: without --rejudge a consistent forgery by the holder of the key is not to be seen."""
    forged = good.with_report(set_outcome("ATT-03", "failed"))
    assert forged.checked().report["verdict"] == "nonconformant"
