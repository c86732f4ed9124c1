"""``neo-conformance``: run the suite, or the reference server."""

from __future__ import annotations

import importlib
import os
import sys
from pathlib import Path

import click

from conformance import __version__
from conformance.outcomes import EXIT_BAD_INPUT, EXIT_OUR_MISTAKE, BadInput, OurMistake
from conformance.profiles import expanded

_ELSEWHERE = {
    "mock": "conformance.mock.command",
    "faults": "conformance.mock.listing",
    "variants": "conformance.mock.listing",
    "matrix": "conformance.matrix.command",
    "explain": "conformance.explain",
    "diff": "conformance.report.diff",
    "nightly": "conformance.report.nightly.command",
    "attest": "conformance.attestation.command",
    "verify": "conformance.attestation.command",
    "replay-history": "conformance.histories.command",
    "soak": "conformance.load.command",
}


class _LazyCommands(click.Group):
    """Commands are imported when they are called: ``run`` must not load the server, nor ``mock`` pytest."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The names, without loading any of them."""
        del ctx
        return ["run", *_ELSEWHERE]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command of that name; None where there is none."""
        del ctx
        if cmd_name == "run":
            return run
        if cmd_name not in _ELSEWHERE:
            return None
        command: click.Command = getattr(importlib.import_module(_ELSEWHERE[cmd_name]), cmd_name.replace("-", "_"))
        return command


@click.group(cls=_LazyCommands)
@click.version_option(__version__, prog_name="neo-conformance")
def cli() -> None:
    """Does a server keep the contract of the Neo Public API's chat surface?"""


@click.command(
    context_settings={"ignore_unknown_options": True, "allow_extra_args": True, "help_option_names": []},
    add_help_option=False,
)
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
def run(arguments: tuple[str, ...]) -> None:
    """Run the suite; every option of pytest and of the suite is taken (``run --help`` lists them).

    --profile vendor, nightly or desk stands for a bundle of options, which is printed; options of your own come after it.
    The keys come from NEO_API_KEY and NEO_OTHER_API_KEY. Without --base-url the embedded mock is the target.
    """
    import pytest

    given, said = expanded(arguments)
    if said:
        click.echo(said)
    # The suite's own folder is named, and no configuration of whatever project the user stands in is read.
    package = Path(__file__).parent
    # pytest rewrites asserts of plugins that it imports itself; this one was imported before it, and needs no rewriting.
    fixed = [
        "-W",
        "ignore::pytest.PytestAssertRewriteWarning",
        "-c",
        os.devnull,
        f"--rootdir={package}",
        "-p",
        "no:cacheprovider",
        "--import-mode=importlib",
    ]
    sys.exit(int(pytest.main([*fixed, *given, str(package)])))


def main() -> None:
    """The entry point: a mistake of the user's is one line and exit code 2, one of ours is exit code 3."""
    try:
        code = cli.main(standalone_mode=False)
    except click.exceptions.Exit as done:
        sys.exit(done.exit_code)
    except (click.ClickException, BadInput) as bad:
        text = bad.format_message() if isinstance(bad, click.ClickException) else str(bad)
        _fail(" ".join(text.split()), EXIT_BAD_INPUT)
    except click.Abort:
        _fail("interrupted", EXIT_BAD_INPUT)
    except OurMistake as mistake:
        _fail(f"a mistake of the suite, not of the target: {mistake}", EXIT_OUR_MISTAKE)
    else:
        sys.exit(code if isinstance(code, int) else 0)


def _fail(line: str, code: int) -> None:
    sys.stderr.write(f"neo-conformance: {line}\n")
    sys.exit(code)
