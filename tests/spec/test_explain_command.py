"""``neo-conformance explain``: one requirement, all of them, and what an unknown id gets."""

from __future__ import annotations

import subprocess
import sys

import pytest
from click.testing import CliRunner

from conformance import explain as command
from conformance.explained import explanations, nearest
from conformance.explaining import Fault, as_text
from conformance.outcomes import OurMistake
from conformance.requirements import catalogue


def asked(*arguments: str) -> subprocess.CompletedProcess[str]:
    line = [sys.executable, "-m", "conformance", "explain", *arguments]
    return subprocess.run(line, capture_output=True, text=True, timeout=120, check=False)


def test_one_requirement_has_all_its_parts() -> None:
    done = asked("cur-01")
    assert done.returncode == 0, done.stderr
    one = catalogue()["CUR-01"]
    assert done.stdout.startswith(f"CUR-01 (MUST) {one.title}\n")
    parts = ("Rule", "Why", "Page", "How it is judged", "Not demanded", "Good", "Bad", "Proved by the faults")
    places = [done.stdout.index(f"\n{part}\n") for part in parts]
    assert places == sorted(places)
    assert one.page in done.stdout
    assert "inclusive-cursor-in-the-sixth-turn: In a session's sixth turn" in done.stdout


def test_all_of_them_are_listed_a_line_each(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(command, "faults", lambda: pytest.fail("a list needs no faults"))
    done = CliRunner().invoke(command.explain)
    assert done.exit_code == 0
    assert [line.split()[:2] for line in done.output.splitlines()] == [[r.id, r.level] for r in catalogue().values()]


@pytest.mark.parametrize(
    ("given", "offered"),
    [("CUR-1", "CUR-"), ("cur-99", "CUR-"), ("IDEMP-01", "IDEM-01"), ("x\x1b[31m", "lists all"), ("", "lists all")],
)
def test_an_unknown_id_is_one_line_with_the_nearest(given: str, offered: str) -> None:
    done = asked(given)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.count("\n") == 1
    assert offered in done.stderr
    assert "\x1b" not in done.stderr


def test_the_nearest_are_few_and_known() -> None:
    for given in ("CUR", "cur-", "ACC-1", "A" * 10_000, "FUZZ"):
        assert len(nearest(given)) <= 3
        assert set(nearest(given)) <= set(catalogue())


def test_a_narrow_terminal_wraps_the_sentences_and_never_the_examples() -> None:
    told = explanations()["EVT-04"]
    lines = as_text(
        told, [Fault("some-fault", "It does something that takes a long sentence to say.")], 40
    ).splitlines()
    wire = {f"  {line}" for line in (told.good + told.bad).splitlines()}
    assert wire <= set(lines)
    page = f"  {told.requirement.page}"
    assert all(len(line) <= 40 for line in lines[1:] if line not in wire and line != page)


def test_a_listing_that_does_not_come_is_a_mistake_of_ours(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "executable", "/bin/false")
    with pytest.raises(OurMistake, match="does not list its faults"):
        command.faults()
