"""Runs the suite as a user does: in a process of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

OURS = ("NEO_", "PYTEST_", "GITHUB_")
TIMEOUT = 180


@dataclass(frozen=True)
class Ran:
    """What a run printed, its exit code, and its report where it wrote one."""

    code: int
    out: str
    err: str
    report: Mapping[str, Any] | None

    @property
    def outcomes(self) -> dict[str, str]:
        assert self.report is not None, self.out + self.err
        return {one["id"]: one["outcome"] for one in self.report["requirements"]}


def suite(
    *arguments: str,
    report_dir: Path,
    cwd: Path | None = None,
    environ: Mapping[str, str] | None = None,
    timeout: float = TIMEOUT,
) -> Ran:
    """``neo-conformance run`` with these arguments; no variable of the suite or of pytest is inherited."""
    plain = {key: value for key, value in os.environ.items() if not key.startswith(OURS)}
    command = [sys.executable, "-m", "conformance", "run", "--report-dir", str(report_dir), "-q", *arguments]
    if "--fuzz-seconds" not in arguments:
        # Half of what a run gives it: enough for every operation, and these tests are about the rest.
        command += ["--fuzz-seconds", "14"]
    done = subprocess.run(
        command,
        capture_output=True,
        text=True,
        env={**plain, **(environ or {})},
        timeout=timeout,
        cwd=cwd or report_dir.parent,
        check=False,
    )
    path = report_dir / "conformance.json"
    report = json.loads(path.read_text(encoding="utf-8")) if path.exists() else None
    return Ran(done.returncode, done.stdout, done.stderr, report)
