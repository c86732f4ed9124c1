"""The example run of the repository: of the present form, small, and with nothing in it of the machine that made it."""

from __future__ import annotations

import re
import struct
from pathlib import Path

import jsonschema_rs
import pytest

from conformance.report import badge, markdown
from conformance.spec_files import read_spec_json
from tests.reports.example import BROKEN, CONFORMING, FOLDER, KEPT, PORT, WIDTH, Shot
from tests.reports.made import example

ROOT = Path(__file__).parents[2]
SHOTS = (*CONFORMING, *BROKEN)
MACHINE = re.compile(rb"/(?:tmp|root|home|work|Users|var|usr)/|neo_sk_[a-z]+_[A-Za-z0-9]{8}|Bearer (?!\$)\S{12}")


def test_it_has_what_the_command_makes_and_nothing_else() -> None:
    assert {path.name for path in FOLDER.iterdir()} == {*KEPT, *(shot.name for shot in SHOTS)}


def test_it_is_small() -> None:
    assert sum(path.stat().st_size for path in FOLDER.iterdir()) < 1_000_000


@pytest.mark.parametrize("shot", SHOTS, ids=lambda shot: shot.name)
def test_a_screenshot_is_small_and_of_the_size_that_the_readme_shows(shot: Shot) -> None:
    content = (FOLDER / shot.name).read_bytes()
    assert len(content) < 150_000
    assert content[:8] == b"\x89PNG\r\n\x1a\n"
    assert struct.unpack(">II", content[16:24]) == (WIDTH, shot.height)


@pytest.mark.parametrize("name", KEPT)
def test_nothing_of_the_machine_is_in_it(name: str) -> None:
    content = (FOLDER / name).read_bytes()
    assert MACHINE.findall(content) == []
    assert {int(port) for port in re.findall(rb"127\.0\.0\.1:([0-9]+)", content)} <= {PORT}


def test_what_would_be_found_is_found() -> None:
    for text in (b"at /tmp/x", b"neo_sk_prod_AbCdEf0123456789", b"Bearer abcdefghijklmnop"):
        assert MACHINE.search(text)
    assert not MACHINE.search(b'"Authorization: Bearer $NEO_API_KEY"')


def test_its_forms_are_of_one_run() -> None:
    report = example()
    jsonschema_rs.validator_for(read_spec_json("report.schema.json")).validate(report)
    assert report["verdict"] == "conformant"
    assert report["target"] == f"http://127.0.0.1:{PORT}"
    assert (FOLDER / "summary.md").read_text(encoding="utf-8") == markdown.summary(report)
    assert (FOLDER / "badge.svg").read_text(encoding="utf-8") == badge.badge(report)
    assert report["started"] in (FOLDER / "report.html").read_text(encoding="utf-8")


def test_the_readme_shows_each_screenshot_with_words_for_who_does_not_see_it() -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    shown = dict(re.findall(r"!\[([^\]]+)\]\(reports/example/([^)]+)\)", text))
    assert set(shown.values()) == {shot.name for shot in SHOTS}
    assert all(len(words) > 20 for words in shown)
    assert "python -m tests.reports.example" in text
