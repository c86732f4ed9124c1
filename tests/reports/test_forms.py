"""The summary, the badge and SARIF say what the report says; and where a run writes them."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import jsonschema_rs
import pytest

from conformance.report import badge, markdown, sarif
from conformance.report.html import page
from conformance.report.markdown import sentence, summary
from conformance.report.written import STEP_SUMMARY, write_forms
from conformance.requirements import catalogue
from conformance.spec_files import read_spec
from tests.reports.made import Report, earlier, example, report

SVG = "{http://www.w3.org/2000/svg}"


def rows(text: str) -> list[list[str]]:
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in text.splitlines() if line.startswith("|")]


# --- the summary ----------------------------------------------------------------------------------------------------


def test_the_sentence_has_the_numbers() -> None:
    assert sentence(report()) == "**conformant**: 46 of 46 MUST and 22 of 22 SHOULD kept."
    assert sentence(report(CUR_01="failed", CUR_02="failed", AUTH_03="untested", ACC_07="unobservable")) == (
        "**nonconformant**: 44 of 46 MUST and 20 of 22 SHOULD kept; 1 MUST and 1 SHOULD broken; 1 MUST not tested; "
        "1 SHOULD not to be observed."
    )


def test_the_summary_names_what_is_not_passed_each_in_its_table() -> None:
    text = summary(report(CUR_01="failed", AUTH_03="untested", RATE_02="unobservable", EVT_06="waived"))
    sections = {part.splitlines()[0]: part for part in text.split("\n## ")[1:]}
    assert {title: [row[0] for row in rows(part)[2:]] for title, part in sections.items()} == {
        title: [f"[{one}]({catalogue()[one].page})"]
        for title, one in (
            ("Broken: 1", "CUR-01"),
            ("Broken and waived: 1", "EVT-06"),
            ("Not tested: 1", "AUTH-03"),
            ("Not to be observed on this server: 1", "RATE-02"),
        )
    }
    assert "`because of CUR-01`" in sections["Broken: 1"]
    assert ["MUST", "43", "1", "0", "1", "1"] in rows(text)
    assert "16 turns, 1150 requests" in text


def test_a_conformant_run_has_no_tables_of_shame() -> None:
    assert "## " not in summary(report())


def test_an_interrupted_run_says_so() -> None:
    assert "interrupted" not in summary(report())
    assert "**The run was interrupted**" in summary(report(lambda value: value.update(interrupted=True)))


def test_an_id_that_is_not_in_the_catalogue_leads_nowhere() -> None:
    def change(value: Report) -> None:
        value["requirements"][0] |= {"id": "NEW-01", "outcome": "failed", "page": "javascript:alert(1)"}

    text = summary(report(change))
    assert "| `NEW-01` |" in text
    assert "javascript" not in text
    assert json.loads(sarif.sarif(report(change)))["runs"][0]["results"] == []


# --- the badge ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("outcomes", "said", "colour"),
    [
        ({}, "conformant: 68 kept", "#2e7d32"),
        ({"CUR_01": "failed"}, "nonconformant: 67 kept, 1 broken", "#c62828"),
        ({"AUTH_03": "untested"}, "incomplete: 67 kept, 1 untested", "#7a5c00"),
        ({"RATE_02": "unobservable"}, "conformant: 67 kept", "#2e7d32"),
    ],
)
def test_the_badge_is_an_image_that_says_the_verdict(outcomes: dict[str, str], said: str, colour: str) -> None:
    made = badge.badge(report(**outcomes))
    root = ElementTree.fromstring(made)
    assert root.tag == f"{SVG}svg"
    assert [text.text for text in root.iter(f"{SVG}text")] == ["neo chat contract", said]
    title = root.find(f"{SVG}title")
    assert title is not None
    assert title.text == root.get("aria-label") == f"neo chat contract, {said}"
    assert colour in made
    assert "http" not in made.replace("http://www.w3.org/2000/svg", ""), "it loads nothing"


def test_white_text_on_each_colour_can_be_read() -> None:
    """A contrast of 4.5 at least, by the formula of WCAG 2."""

    def light(colour: str) -> float:
        parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
        red, green, blue = (part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
        return 0.2126 * red + 0.7152 * green + 0.0722 * blue

    for colour in ("#424242", *badge._COLOURS.values()):
        assert 1.05 / (light(colour) + 0.05) >= 4.5, colour


# --- SARIF ----------------------------------------------------------------------------------------------------------


def log(value: Report) -> Any:
    return json.loads(sarif.sarif(value))["runs"][0]


def test_one_result_a_broken_requirement() -> None:
    run = log(report(CUR_01="failed", CUR_02="failed", AUTH_03="untested", EVT_06="waived"))
    assert [(one["ruleId"], one["level"]) for one in run["results"]] == [("CUR-01", "error"), ("CUR-02", "warning")]
    strict = log(report(lambda value: value.update(level="SHOULD"), CUR_02="failed"))
    assert [one["level"] for one in strict["results"]] == ["error"]
    assert log(report())["results"] == []


def test_rules_are_the_catalogue_and_results_point_into_it() -> None:
    run = log(report(**{one.replace("-", "_"): "failed" for one in catalogue()}))
    rules = run["tool"]["driver"]["rules"]
    assert [(one["id"], one["helpUri"]) for one in rules] == [(one.id, one.page) for one in catalogue().values()]
    lines = read_spec("requirements.yaml").splitlines()
    assert len(run["results"]) == len(catalogue())
    for result in run["results"]:
        place = result["locations"][0]["physicalLocation"]
        assert place["artifactLocation"]["uri"] == "spec/requirements.yaml"
        assert lines[place["region"]["startLine"] - 1] == f"- id: {result['ruleId']}"
        assert rules[result["ruleIndex"]]["id"] == result["ruleId"]
        assert result["partialFingerprints"] == {"requirement/v1": result["ruleId"]}


def test_sarif_is_read_by_a_model_of_another_hand() -> None:
    sarif_pydantic = pytest.importorskip("sarif_pydantic", reason="sarif-pydantic is not installed")
    made = sarif_pydantic.Sarif.model_validate_json(sarif.sarif(report(CUR_01="failed")))
    assert made.runs[0].results[0].rule_id == "CUR-01"


def test_sarif_fits_its_schema() -> None:
    """No package ships OASIS's schema; where a file of it is named, it is used."""
    named = os.environ.get("SARIF_SCHEMA")
    if not named:
        pytest.skip("SARIF_SCHEMA names no schema")
    schema = json.loads(Path(named).read_text(encoding="utf-8"))
    for value in (report(), report(CUR_01="failed", EVT_06="failed"), example(), earlier()):
        assert [
            problem.message
            for problem in jsonschema_rs.validator_for(schema).iter_errors(json.loads(sarif.sarif(value)))
        ] == []


# --- where they go --------------------------------------------------------------------------------------------------

FORMS = {markdown.FILE_NAME, badge.FILE_NAME, sarif.FILE_NAME}


def test_all_forms_are_written_and_nothing_else_is_touched(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("mine")
    (tmp_path / markdown.FILE_NAME).write_text("of an earlier run")
    assert write_forms(report(), tmp_path, {}) == []
    assert {path.name for path in tmp_path.iterdir()} == {*FORMS, page.FILE_NAME, "notes.txt"}
    assert (tmp_path / "notes.txt").read_text() == "mine"
    assert (tmp_path / markdown.FILE_NAME).read_text() == summary(report())


def test_the_summary_is_appended_to_the_job_s(tmp_path: Path) -> None:
    job = tmp_path / "page.md"
    job.write_text("# Before\n")
    folder = tmp_path / "reports"
    folder.mkdir()
    for _ in range(2):
        assert write_forms(report(), folder, {STEP_SUMMARY: str(job)}) == []
    assert job.read_text() == "# Before\n" + summary(report()) * 2


@pytest.mark.parametrize("wrong", ["missing/page.md", "."])
def test_a_job_s_page_that_cannot_be_written_is_told_and_fails_nothing(wrong: str, tmp_path: Path) -> None:
    told = write_forms(report(), tmp_path, {STEP_SUMMARY: str(tmp_path / wrong)})
    assert len(told) == 1
    assert told[0].startswith("GITHUB_STEP_SUMMARY: the summary cannot be appended (")
    assert {path.name for path in tmp_path.iterdir()} >= FORMS


def test_a_folder_that_cannot_be_written_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="No such file"):
        write_forms(report(), tmp_path / "nowhere", {})


def test_a_run_of_an_earlier_version_has_them_all(tmp_path: Path) -> None:
    assert write_forms(earlier(), tmp_path, {}) == []
    assert "(the embedded reference server)" in (tmp_path / markdown.FILE_NAME).read_text()
