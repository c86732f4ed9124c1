"""``python -m tests.load.scaling --redis-url redis://…``: what a judged turn costs the generator, by users and processes.

Sessions of one turn are played (profile ``churn``), and the more users there are the longer a turn takes: so all users have
their tails open, and the machine has about the same work each time. What is compared is the CPU of the generator for a turn,
not what a busy machine makes of it. Then the same users are played by one worker process and by two. Prints the table of the
README.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from pathlib import Path
from typing import Any, Final

from tests.load.soaking import soak

USERS: Final = (10, 50, 100, 200, 300)
TURNS_A_SECOND: Final = 8.0
"""Of all users together, about: half of what the machine carries."""
AROUND_A_TURN: Final = 1.0
"""Seconds of a session beside its turn."""
LEAST_SECONDS: Final = 20.0
ROUNDS: Final = 1.5
"""Sessions that each user begins, at least."""


def main() -> int:
    """Play, and print; 1 where a figure misses what issue 8 demands."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--redis-url", required=True)
    parser.add_argument("--users", type=int, nargs="*", default=list(USERS))
    parser.add_argument("--compare", type=int, default=60, help="users of the comparison of one and two processes")
    given = parser.parse_args()
    rows = [_row(users, 1, given.redis_url) for users in given.users]
    both = [_row(given.compare, processes, given.redis_url) for processes in (1, 2)]
    _table(rows + both)
    costs = [row["cost"] for row in rows]
    spread, ratio = max(costs) / min(costs), both[1]["cost"] / both[0]["cost"]
    sys.stdout.write(f"\nmost / least by users: {spread:.2f}; two processes / one: {ratio:.2f} (at most 1.15)\n")
    return int(ratio > 1.15)


def _row(users: int, processes: int, redis_url: str) -> dict[str, Any]:
    turn = max(1.0, users / TURNS_A_SECOND - AROUND_A_TURN)
    seconds = LEAST_SECONDS + ROUNDS * users / TURNS_A_SECOND
    mock = ("--mock-workers", "2", "--redis-url", redis_url, "--turn-seconds", f"{turn:.1f}")
    with tempfile.TemporaryDirectory() as folder:
        load = ("--profile", "churn", "--users", str(users), "--spawn-rate", str(TURNS_A_SECOND))
        arguments = (*mock, *load, "--seconds", str(seconds), "--processes", str(processes))
        ran = soak(*arguments, report_dir=Path(folder) / "out", timeout=seconds + 300)
    if ran.report is None:
        raise SystemExit(ran.out + ran.err)
    told = ran.report["soak"]
    failed = [one["requirement"] for one in told["violations"]]
    sys.stderr.write(
        f"{users} users, {processes} processes: {json.dumps(told['sessions'])} {failed or 'no violation'}\n"
    )
    return {"users": users, "processes": processes, "told": told, "cost": told["generator"]["cpu_seconds_per_turn"]}


def _table(rows: list[dict[str, Any]]) -> None:
    lines = [
        "| users | worker processes | judged turns | CPU ms a judged turn | of it judging | longest lag | violations |"
    ]
    lines.append("|---|---|---|---|---|---|---|")
    for row in rows:
        told = row["told"]
        generator = told["generator"]
        judging = generator["judging_cpu_seconds"] / told["turns"] * 1000
        cells = [row["users"], row["processes"], told["turns"], f"{row['cost'] * 1000:.0f}", f"{judging:.0f}"]
        cells += [f"{generator['longest_lag']:.2f} s", len(told["violations"])]
        lines.append(f"| {' | '.join(map(str, cells))} |")
    sys.stdout.write("\n".join(lines) + "\n")


if __name__ == "__main__":
    sys.exit(main())
