"""Stock schemathesis, as its users run it: the OpenAPI document, a key, all phases."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Final

from conformance.spec_files import read_spec
from conformance.target import Target

EXAMPLES: Final = 20
REQUEST_SECONDS: Final = 1.0
"""A stream need not end, so that each tail takes this long."""
_LONGEST: Final = 300.0
CHECKS: Final = (
    "not_a_server_error",
    "status_code_conformance",
    "content_type_conformance",
    "response_headers_conformance",
    "response_schema_conformance",
    "negative_data_rejection",
    "positive_data_acceptance",
    "missing_required_header",
    "unsupported_method",
    "allow_header_conformance",
    "use_after_free",
    "ensure_resource_availability",
    "ignored_auth",
    "object_level_authorization",
)
"""All that there are in 4.32."""


@dataclass(frozen=True)
class StockResult:
    """``failures``: the codes and titles of what failed; ``note``: why there is no result."""

    failures: tuple[str, ...]
    cases: int
    seconds: float
    note: str = ""


def name_and_version() -> str:
    """What is compared with."""
    return f"schemathesis {version('schemathesis')}"


def run(target: Target, seed: int, checks: Collection[str]) -> StockResult:
    """Run it on the target, with those checks."""
    with tempfile.TemporaryDirectory() as folder:
        document, report = Path(folder, "openapi.yaml"), Path(folder, "report.json")
        document.write_text(read_spec("openapi.yaml"), encoding="utf-8")
        began = time.monotonic()
        note = ""
        try:
            done = subprocess.run(
                _command(target, document, report, seed, checks),
                cwd=folder,
                capture_output=True,
                text=True,
                timeout=_LONGEST,
                check=False,
            )
            if done.returncode not in (0, 1):
                note = " ".join(done.stderr.split())[-300:] or f"exit code {done.returncode}"
        except subprocess.TimeoutExpired:
            note = f"not ended after {_LONGEST:.0f} s"
        seconds = time.monotonic() - began
        if note or not report.exists():
            return StockResult((), 0, seconds, note or "it wrote no report")
        value = json.loads(report.read_text(encoding="utf-8"))
    failures = tuple(sorted(f"{one['code']} {one['title']}" for one in value["failures"]))
    return StockResult(failures, value["test_cases"]["generated"], seconds)


def _command(target: Target, document: Path, report: Path, seed: int, checks: Collection[str]) -> Sequence[str]:
    command = [sys.executable, "-m", "schemathesis.cli", "run", str(document)]
    command += ["--url", target.base_url, "-H", f"Authorization: Bearer {target.api_key}"]
    command += ["--phases", "examples,coverage,fuzzing,stateful", "--checks", ",".join(checks)]
    command += ["-n", str(EXAMPLES), "--seed", str(seed), "--request-timeout", str(REQUEST_SECONDS)]
    command += ["--continue-on-failure", "--no-shrink", "--suppress-health-check", "all"]
    command += ["--report", "json", "--report-json-path", str(report)]
    return command
