"""For people who run Locust themselves, and for more machines than one: the same soak, the same report."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from conformance.embedded import EmbeddedMock
from conformance.load import LOCUST_UNPATCHED, command
from conformance.load.running import free_port
from conformance.target import Target
from tests.load.soaking import environment, soak

LOCUSTFILE = Path(command.__file__).with_name("locustfile.py")
USERS = ("--headless", "-u", "5", "-r", "10", "-t", "5s", "--neo-think", "0.2", "--only-summary")


@pytest.fixture(scope="module")
def target() -> Iterator[Target]:
    with EmbeddedMock("--turn-seconds", "0.4", "--rate-limit", "100000/60") as mock:
        yield mock


def keys(target: Target) -> dict[str, str]:
    return {"NEO_API_KEY": target.api_key, "NEO_OTHER_API_KEY": str(target.other_key)}


def locust(*arguments: str, target: Target, cwd: Path, unpatched: bool = True) -> subprocess.CompletedProcess[str]:
    plain = {name: value for name, value in environment(keys(target)).items() if name != LOCUST_UNPATCHED}
    return subprocess.run(
        [sys.executable, "-m", "locust", "-f", str(LOCUSTFILE), "-H", target.base_url, *USERS, *arguments],
        env={**plain, **({LOCUST_UNPATCHED: "1"} if unpatched else {})},
        capture_output=True,
        text=True,
        timeout=120,
        cwd=cwd,
        check=False,
    )


@pytest.mark.parametrize("processes", [(), ("--processes", "2")], ids=["one process", "two"])
def test_locust_itself_plays_a_soak(processes: tuple[str, ...], target: Target, tmp_path: Path) -> None:
    ran = locust("--neo-max-turns", "300", *processes, target=target, cwd=tmp_path)
    assert ran.returncode == 0, ran.stdout + ran.stderr
    report = json.loads((tmp_path / "reports" / "conformance.json").read_text(encoding="utf-8"))
    assert report["soak"]["sessions"]["judged"] > 0
    assert report["soak"]["violations"] == report["soak"]["lost_workers"] == []
    assert "sessions judged" in ran.stdout


@pytest.mark.parametrize(
    ("arguments", "unpatched", "said"),
    [((), True, "--neo-max-turns"), (("--neo-max-turns", "5"), False, LOCUST_UNPATCHED)],
)
def test_locust_is_told_in_one_line_what_is_missing(
    arguments: tuple[str, ...], unpatched: bool, said: str, target: Target, tmp_path: Path
) -> None:
    ran = locust(*arguments, target=target, cwd=tmp_path, unpatched=unpatched)
    assert ran.returncode == 2
    assert said in ran.stderr
    assert "Traceback" not in ran.stderr


def test_workers_of_other_machines_join_a_master(target: Target, tmp_path: Path) -> None:
    port = str(free_port("127.0.0.1"))
    arguments = ("--worker", "--master-host", "127.0.0.1", "--master-port", port)
    workers = [
        subprocess.Popen([sys.executable, "-m", "conformance", "soak", *arguments], env=environment(keys(target)))
        for _ in range(2)
    ]
    try:
        ran = soak(
            *("--master", "2", "--master-bind-host", "127.0.0.1", "--master-port", port, "--base-url", target.base_url),
            *("--max-turns", "300", "--users", "6", "--seconds", "5", "--think", "0.2"),
            report_dir=tmp_path / "out",
            environ=keys(target),
        )
        assert ran.code == 0, ran.out + ran.err
        assert ran.report is not None
        assert ran.report["soak"]["processes"] == 2
        assert ran.report["soak"]["sessions"]["judged"] > 0
        assert ran.report["soak"]["lost_workers"] == []
        assert [worker.wait(30) for worker in workers] == [0, 0]
    finally:
        for worker in workers:
            worker.kill()
            worker.wait()
