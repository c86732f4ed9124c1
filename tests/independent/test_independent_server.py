"""The suite against a server that knows only the contract: lawful vendors pass, and each slip fails its own requirement."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

import pytest

from conformance.fuzz.operations import fuzz_operations
from conformance.fuzz.outcome import FuzzSettings
from conformance.journeys.run import play
from conformance.offline import judge_recording
from conformance.recording_file import load, save
from conformance.requirements import catalogue
from conformance.target import Target
from conformance.verdict import RequirementResult

from .faults import Fault
from .server import running
from .variants import PLAIN, VARIANTS, Manners

VENDORS = {"plain": PLAIN, **VARIANTS}
MUSTS = {one.id for one in catalogue().values() if one.level == "MUST"}


def judged(manners: Manners, folder: Path, fault: Fault | None = None) -> Mapping[str, RequirementResult]:
    """Plays one server and judges what was recorded, and once more what was written of it: it comes to the same."""
    with running(manners, fault) as (base_url, key, other_key):
        recording = play(Target(base_url, key, other_key))
    assert recording.breaks == ()
    results = judge_recording(recording)
    save(recording, folder / "recording.json")
    assert judge_recording(load(folder / "recording.json")) == results
    return results


@pytest.mark.parametrize("vendor", VENDORS)
def test_a_lawful_vendor_passes(vendor: str, tmp_path: Path) -> None:
    results = judged(VENDORS[vendor], tmp_path)
    failed = {one.id: one.reason for one in results.values() if one.outcome == "failed"}
    assert failed == {}
    untested = {one.id: one.reason for one in results.values() if one.id in MUSTS and one.outcome == "untested"}
    assert set(untested) <= {"FUZZ-01", "FUZZ-02"}, untested


@pytest.mark.parametrize("fault", Fault, ids=lambda fault: fault.name.lower())
def test_a_slip_fails_its_requirement(fault: Fault, tmp_path: Path) -> None:
    result = judged(PLAIN, tmp_path, fault)[fault.requirement]
    assert result.outcome == "failed", f"{fault.sentence} {result.outcome}: {result.reason}"


def test_the_plain_vendor_stands_the_fuzzing() -> None:
    with running() as (base_url, key, _):
        report = fuzz_operations(base_url, key, None, FuzzSettings(examples=15, turns=10, seconds=40, seed=11))
    assert report.requests > 0
    assert report.failures == (), json.dumps([str(failure) for failure in report.failures], indent=1)
