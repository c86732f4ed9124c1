"""What every workflow file keeps to: pinned actions, least permissions, nothing of an event in a script, no logic."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml

from conformance.cli import cli
from conformance.options import FLAGS, OPTIONS
from conformance.target import KEY_VARIABLE, OTHER_KEY_VARIABLE
from tests.workflows.workflow_files import ACTION, FILES, ROOT, WORKFLOWS, read, steps

PINNED = re.compile(r"uses: [\w.-]+/[\w./-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$")


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_every_action_is_pinned_by_a_whole_commit_and_its_version_named(path: Path) -> None:
    lines = [line.strip().removeprefix("- ") for line in path.read_text(encoding="utf-8").splitlines()]
    used = [line for line in lines if line.startswith("uses:") and not line.startswith("uses: ./")]
    assert used
    for line in used:
        assert PINNED.match(line), line


def test_one_action_is_pinned_to_one_commit() -> None:
    found: dict[str, set[str]] = {}
    for path in FILES:
        for step in steps(path):
            name, _, commit = step.get("uses", "").partition("@")
            if commit:
                found.setdefault(name, set()).add(commit)
    assert all(len(commits) == 1 for commits in found.values()), found


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_no_script_has_an_expression_in_it(path: Path) -> None:
    for step in steps(path):
        assert "${{" not in step.get("run", ""), step


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.name)
def test_permissions_are_none_but_those_of_each_job(path: Path) -> None:
    workflow = read(path)
    assert workflow["permissions"] == {}
    for job in workflow["jobs"].values():
        assert job["permissions"]["contents"] == "read"
        assert job["timeout-minutes"] <= 60
    writes = {
        name for job in workflow["jobs"].values() for name, level in job["permissions"].items() if level != "read"
    }
    assert writes == ({"issues"} if path.name == "nightly.yml" else set())


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.name)
def test_no_checkout_leaves_its_token_behind(path: Path) -> None:
    found = [step for step in steps(path) if step.get("uses", "").startswith("actions/checkout@")]
    assert found
    for step in found:
        assert step["with"]["persist-credentials"] is False


def test_who_has_the_targets_keys_cannot_write_and_who_writes_has_no_keys() -> None:
    jobs = read(ROOT / ".github" / "workflows" / "nightly.yml")["jobs"]
    assert "secrets." in str(jobs["play"])
    assert "write" not in jobs["play"]["permissions"].values()
    assert "secrets." not in str(jobs["tell"])


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_the_commands_of_the_scripts_exist(path: Path) -> None:
    """A script calls a command of the suite, of this repository or of Python's; what it decides is tested elsewhere."""
    commands = set(cli.list_commands(None))  # type: ignore[arg-type]
    for step in steps(path):
        script = step.get("run", "")
        assert len(script.strip().splitlines()) <= 2, script
        for name in re.findall(r"neo-conformance\"? ([a-z-]+)", script):
            assert name in commands


def test_the_actions_variables_are_the_suites() -> None:
    known = {one.variable for one in (*OPTIONS, *FLAGS)} | {KEY_VARIABLE, OTHER_KEY_VARIABLE, "SUITE", "TARGET"}
    for step in steps(ACTION):
        assert set(step.get("env", {})) <= known


def test_the_example_of_the_readme_is_five_lines_of_true_inputs() -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    example = next(one for one in re.findall(r"```yaml\n(.*?)```", text, re.DOTALL) if "base-url" in one)
    assert len(example.strip().splitlines()) == 5
    (step,) = yaml.safe_load(example)
    inputs = read(ACTION)["inputs"]
    assert set(step["with"]) <= set(inputs)
    assert {name for name, one in inputs.items() if one.get("required")} <= set(step["with"])


def test_the_artifact_of_the_night_has_one_name() -> None:
    from conformance.report.nightly.repository import ARTIFACT

    text = (ROOT / ".github" / "workflows" / "nightly.yml").read_text(encoding="utf-8")
    assert re.findall(r"(?:artifact|name): (nightly-\S+)", text) == [ARTIFACT, ARTIFACT]


def test_the_hooks_of_contributors_name_their_versions() -> None:
    """A hook is local and what it installs is pinned: nothing is taken from a repository whose tag may move."""
    hooks = [hook for one in read(ROOT / ".pre-commit-config.yaml")["repos"] for hook in one["hooks"]]
    assert [one["repo"] for one in read(ROOT / ".pre-commit-config.yaml")["repos"]] == ["local"]
    assert {hook["id"] for hook in hooks} == {"ruff", "ruff-format", "mypy", "actionlint", "zizmor"}
    for hook in hooks:
        for one in hook.get("additional_dependencies", []):
            assert re.search(r"(==|@v)\d+\.\d+\.\d+$", one), one
