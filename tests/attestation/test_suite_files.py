"""One suite has one digest, however it is installed; another suite has another."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
LINE = "from conformance.attestation.suite_files import suite_digest; print(suite_digest())"


def digest(root: Path) -> str:
    environ = {**os.environ, "PYTHONPATH": str(root), "PYTHONDONTWRITEBYTECODE": "1"}
    done = subprocess.run(
        [sys.executable, "-c", LINE], cwd=root, env=environ, capture_output=True, text=True, timeout=60, check=True
    )
    return done.stdout.strip()


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    root = tmp_path / "checkout"
    ignored = shutil.ignore_patterns("__pycache__")
    shutil.copytree(ROOT / "conformance", root / "conformance", ignore=ignored)
    shutil.copytree(ROOT / "spec", root / "spec", ignore=ignored)
    (root / "pyproject.toml").touch()
    return root


def test_a_checkout_and_its_wheel_are_one_suite(checkout: Path, tmp_path: Path) -> None:
    wheel = tmp_path / "site-packages"
    shutil.copytree(checkout / "conformance", wheel / "conformance")
    shutil.copytree(checkout / "spec", wheel / "conformance" / "spec")
    before = digest(checkout)
    assert len(before) == 64
    assert digest(wheel) == before
    # What lies about in a tree that is worked in.
    (checkout / "conformance" / "__pycache__").mkdir(exist_ok=True)
    (checkout / "conformance" / "__pycache__" / "x.py").write_text("x")
    (checkout / "conformance" / ".sse.py.swp").write_text("x")
    (checkout / "conformance" / "sse.py.orig").write_text("x")
    assert digest(checkout) == before


@pytest.mark.parametrize(
    "name", ["conformance/verdict.py", "conformance/report/html/templates/page.css", "spec/requirements.yaml"]
)
def test_a_changed_file_is_another_suite(checkout: Path, name: str) -> None:
    before = digest(checkout)
    with (checkout / name).open("a") as file:
        file.write("\n")
    changed = digest(checkout)
    assert changed != before
    (checkout / name).write_bytes((checkout / name).read_bytes().replace(b"\n", b"\r\n"))
    assert digest(checkout) == changed, "line ends as another system checks them out"


def test_a_file_more_or_of_another_name_is_another_suite(checkout: Path) -> None:
    found = {digest(checkout)}
    (checkout / "conformance" / "more.py").write_text("x = 1\n")
    found.add(digest(checkout))
    (checkout / "conformance" / "more.py").rename(checkout / "conformance" / "other.py")
    found.add(digest(checkout))
    assert len(found) == 3
