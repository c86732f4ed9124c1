"""Soaks as a user starts them: in a process of their own, small and short."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from tests.runs.running import OURS, Ran

TIMEOUT = 150
SMALL = ("--users", "8", "--spawn-rate", "20", "--seconds", "6", "--turn-seconds", "0.4", "--think", "0.2")


def command(*arguments: str, report_dir: Path) -> list[str]:
    return [sys.executable, "-m", "conformance", "soak", "--report-dir", str(report_dir), *arguments]


def environment(more: Mapping[str, str] | None = None) -> dict[str, str]:
    """No variable of the suite or of pytest is inherited."""
    return {**{key: value for key, value in os.environ.items() if not key.startswith(OURS)}, **(more or {})}


def soak(*arguments: str, report_dir: Path, environ: Mapping[str, str] | None = None, timeout: float = TIMEOUT) -> Ran:
    done = subprocess.run(
        command(*arguments, report_dir=report_dir),
        capture_output=True,
        text=True,
        env=environment(environ),
        timeout=timeout,
        cwd=report_dir.parent,
        check=False,
    )
    path = report_dir / "conformance.json"
    report = json.loads(path.read_text(encoding="utf-8")) if path.exists() else None
    return Ran(done.returncode, done.stdout, done.stderr, report)
