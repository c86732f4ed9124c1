"""``python -m tests.mutation [--jobs N] [--only PART] [--survivors] [--tests EXPRESSION]``; see the package."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

import pytest

from tests.mutation.mutants import ROOT, Source, judging_modules
from tests.mutation.run import Run, Wanted

TESTS = ("judges", "envelopes", "sse", "verdict")
"""The own tests that work on recordings and bytes alone, without a server."""


def main() -> int:
    options = _options()
    sources = [Source(path) for path in judging_modules()]
    chosen = [s for s in sources if not options.only or any(part in s.module for part in options.only)]
    run = Run(
        chosen,
        Wanted(options.jobs, options.threshold, options.results, options.resume, options.survivors, options.sample),
    )
    tests = [str(ROOT / "tests" / name) for name in TESTS]
    some = ["-k", options.tests] if options.tests else []
    plain = ["-q", "-s", "-p", "no:cacheprovider", "-p", "no:xdist", "--hypothesis-seed=0", "--rootdir", str(ROOT)]
    code = pytest.main([*plain, *some, *tests], plugins=[run])
    return 1 if code else run.exit_code


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.mutation", description="Mutation test of the judges.")
    parser.add_argument("--jobs", type=int, default=2, help="mutants tried at the same time (2)")
    parser.add_argument("--only", action="append", metavar="PART", help="only modules whose path has this part")
    parser.add_argument("--threshold", type=float, default=90.0, help="the lowest score that passes, in percent (90)")
    parser.add_argument("--resume", action="store_true", help="keep the results of a run that was broken off")
    parser.add_argument("--survivors", action="store_true", help="try those again that survived the last time")
    parser.add_argument("--sample", type=int, metavar="N", help="try only N mutants, chosen evenly; for an estimate")
    parser.add_argument("--tests", metavar="EXPRESSION", help="only tests that match, as pytest's -k has it")
    parser.add_argument("--results", type=Path, default=ROOT / "reports" / "mutation.json", help="where results go")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
