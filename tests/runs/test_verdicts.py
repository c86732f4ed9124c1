"""From a recording to the exit code, the report, the JUnit file and the message that a vendor reads."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree

import jsonschema_rs
import pytest

from conformance.recording import Recording
from conformance.recording_file import save
from conformance.requirements import catalogue
from conformance.spec_files import read_spec_json
from tests.judges import edits
from tests.runs.running import Ran, suite


def replayed(recording: Recording, folder: Path, *arguments: str) -> Ran:
    path = folder / "given.json"
    save(recording, path)
    return suite("--replay", str(path), *arguments, report_dir=folder / "reports")


@pytest.fixture(scope="module")
def must_broken(baseline: Recording) -> Recording:
    """ACC-04 (MUST): the cursor is a number."""
    return edits.json_body(baseline, edits.named("dialogue/turn-3/post"), lambda b: b["data"].update(since_cursor=7))


@pytest.fixture(scope="module")
def should_broken(baseline: Recording) -> Recording:
    """ENV-02 (SHOULD): the request id is no uuid."""
    return edits.json_body(baseline, edits.named("dialogue/session"), lambda b: b["meta"].update(request_id="r-1"))


def test_a_recording_of_a_correct_server(baseline: Recording, tmp_path: Path) -> None:
    """No recording shows what fuzzing would find: the run is incomplete, and only a gate refuses it."""
    ran = replayed(baseline, tmp_path)
    assert ran.code == 0, ran.out + ran.err
    assert ran.report is not None
    assert ran.report["verdict"] == "incomplete"
    assert {i for i, o in ran.outcomes.items() if o == "untested"} == {"FUZZ-01", "FUZZ-02"}
    gated = replayed(baseline, tmp_path, "--gate")
    assert gated.code == 1


def test_a_broken_must(must_broken: Recording, tmp_path: Path) -> None:
    junit = tmp_path / "junit.xml"
    ran = replayed(must_broken, tmp_path, "--junitxml", str(junit))
    assert ran.code == 1
    assert ran.report is not None
    assert ran.report["verdict"] == "nonconformant"
    assert ran.outcomes["ACC-04"] == "failed"

    # The message: the requirement and its page, what was sent, what came, what was expected.
    assert "ACC-04 (MUST)" in ran.out
    assert catalogue()["ACC-04"].page in ran.out
    assert "curl -i -X POST http://127.0.0.1:" in ran.out
    assert 'Authorization: Bearer $NEO_API_KEY"' in ran.out
    assert "expected" in ran.out
    assert "verdict: NONCONFORMANT" in ran.out
    assert "Traceback" not in ran.out

    failed = next(one for one in ran.report["requirements"] if one["id"] == "ACC-04")
    assert failed["evidence"][0]["exchange"] == "dialogue/turn-3/post"
    assert failed["evidence"][0]["sent"].startswith("curl ")
    jsonschema_rs.validator_for(read_spec_json("report.schema.json")).validate(ran.report)

    cases = ElementTree.parse(junit).getroot().iter("testcase")
    properties = [{p.get("name"): p.get("value") for p in case.iter("property")} for case in cases]
    assert {"requirement": "ACC-04", "level": "MUST", "page": catalogue()["ACC-04"].page} in properties


def test_a_broken_should_is_a_warning_unless_asked(should_broken: Recording, tmp_path: Path) -> None:
    plain = replayed(should_broken, tmp_path)
    assert plain.code == 0, plain.out
    assert plain.outcomes["ENV-02"] == "failed"
    assert "a warning at --level must" in plain.out
    strict = replayed(should_broken, tmp_path, "--level", "should")
    assert strict.code == 1
    assert strict.report is not None
    assert strict.report["verdict"] == "nonconformant"


def test_a_selection_leaves_the_rest_untested(baseline: Recording, tmp_path: Path) -> None:
    ran = replayed(baseline, tmp_path, "-k", "test_since_cursor")
    assert ran.code == 0
    assert ran.outcomes["CUR-01"] == "passed"
    assert ran.outcomes["ACC-01"] == "untested"


def test_a_mistake_of_the_suite_is_no_verdict(tmp_path: Path) -> None:
    test = tmp_path / "test_mistake.py"
    test.write_text(
        "import pytest\n\n@pytest.mark.requirement('ACC-01')\ndef test_it():\n    raise KeyError('ours')\n",
        encoding="utf-8",
    )
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", str(test), "--report-dir", str(tmp_path / "reports")],
        capture_output=True,
        text=True,
        cwd=tmp_path,
        timeout=60,
        check=False,
    )
    assert done.returncode == 3, done.stdout
    assert "a mistake of the suite, not of the target" in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1
    assert not (tmp_path / "reports" / "conformance.json").exists()


@pytest.mark.parametrize(("body", "code"), [("pass", 0), ("assert False", 1)])
def test_other_projects_are_left_alone(body: str, code: int, tmp_path: Path) -> None:
    """The plugin is loaded wherever the suite is installed: it must not speak there, nor want a key."""
    test = tmp_path / "test_other.py"
    test.write_text(f"def test_it():\n    {body}\n", encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "--base-url", "http://127.0.0.1:9", str(test)],
        capture_output=True,
        text=True,
        cwd=tmp_path,
        timeout=60,
        check=False,
    )
    assert done.returncode == code
    assert "conformance" not in done.stdout.replace("neo-conformance", "").lower().replace("neo conformance", "")
    assert done.stderr == ""
    assert not (tmp_path / "reports").exists()


def test_bad_input_under_xdist_is_one_line_too(tmp_path: Path) -> None:
    ran = suite("--base-url", "http://127.0.0.1:9", "-n", "2", report_dir=tmp_path / "reports")
    assert ran.code == 2
    assert ran.err.strip().splitlines() == [ran.err.strip()]
    assert "NEO_API_KEY is not set" in ran.err


def _waivers(folder: Path, *ids: str, expires: str = "2999-12-31") -> Path:
    path = folder / "waivers.yaml"
    lines = [f"- {{requirement: {one}, reason: it is known, owner: a team, expires: '{expires}'}}" for one in ids]
    path.write_text("waivers:\n" + "\n".join(lines) + "\n", encoding="utf-8")
    return path


def test_a_waived_must_fails_no_run(must_broken: Recording, tmp_path: Path) -> None:
    ran = replayed(must_broken, tmp_path, "--waivers", str(_waivers(tmp_path, "ACC-04", "CUR-07")))
    assert ran.code == 0, ran.out
    assert ran.outcomes["ACC-04"] == "waived"
    assert ran.report is not None
    assert [(one["requirement"], one["state"]) for one in ran.report["waivers"]] == [
        ("ACC-04", "in force"),
        ("CUR-07", "matches no failure"),
    ]
    jsonschema_rs.validator_for(read_spec_json("report.schema.json")).validate(ran.report)
    assert "matches no failure: CUR-07, waived by a team" in ran.out


def test_a_gate_takes_no_waiver_that_is_not_so(must_broken: Recording, tmp_path: Path) -> None:
    expired = replayed(
        must_broken, tmp_path, "--gate", "--waivers", str(_waivers(tmp_path, "ACC-04", expires="2020-01-01"))
    )
    assert (expired.code, expired.report) == (2, None)
    assert "expired: ACC-04" in expired.err
    warned = replayed(must_broken, tmp_path, "--waivers", str(_waivers(tmp_path, "ACC-04", expires="2020-01-01")))
    assert warned.code == 1
    assert "expired: ACC-04" in warned.out
