"""The action's own two lines of shell, run as the runner would: what reaches the suite, and what stops before it."""

from __future__ import annotations

import os
import stat
import subprocess
from collections.abc import Mapping
from pathlib import Path

from tests.workflows.workflow_files import ACTION, steps

PLAY = next(step for step in steps(ACTION) if step.get("name") == "Play and judge")
PLAIN = dict.fromkeys(PLAY["env"], "")


def played(folder: Path, environ: Mapping[str, str]) -> subprocess.CompletedProcess[str]:
    """The step with a program in the suite's place that prints its arguments and whether it has a second key."""
    program = folder / "neo-conformance" / "bin" / "neo-conformance"
    program.parent.mkdir(parents=True)
    program.write_text('#!/bin/sh\necho "$@" "second key: ${NEO_OTHER_API_KEY-none}"\nexit 1\n')
    program.chmod(program.stat().st_mode | stat.S_IXUSR)
    variables = {"PATH": os.environ["PATH"], "RUNNER_TEMP": str(folder), **PLAIN, **environ}
    line = ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", PLAY["run"]]  # as a step's `shell: bash` is run
    return subprocess.run(line, capture_output=True, text=True, env=variables, timeout=60, check=False)


def test_the_address_and_the_exit_code_go_through(tmp_path: Path) -> None:
    done = played(tmp_path, {"TARGET": "https://a.example.net; echo x", "NEO_OTHER_API_KEY": "k"})
    assert done.stdout == "run --base-url https://a.example.net; echo x second key: k\n"
    assert done.returncode == 1


def test_a_second_key_that_was_not_given_is_not_an_empty_one(tmp_path: Path) -> None:
    assert played(tmp_path, {"TARGET": "https://a.example.net"}).stdout.endswith("second key: none\n")


def test_without_an_address_nothing_is_played(tmp_path: Path) -> None:
    """Or the suite would judge its own server, and the job would be green for it."""
    done = played(tmp_path, {})
    assert done.returncode != 0
    assert done.stdout == ""
    assert "base-url is empty" in done.stderr
