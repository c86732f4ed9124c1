"""The ``attest`` and ``verify`` commands."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import click

from conformance import __version__
from conformance.attestation.envelope import MAX_ENVELOPE_BYTES, sign
from conformance.attestation.judged_files import (
    RECORDING_NAME,
    read_recording_file,
    read_report_file,
    recording_of,
    report_of,
)
from conformance.attestation.keys import SIGNING_VARIABLE, VERIFYING_VARIABLE, signer, verifying_key
from conformance.attestation.refusals import (
    EXIT_GENUINE,
    EXIT_JUDGED_OTHERWISE,
    EXIT_NOT_CONFORMANT,
    EXIT_OTHER_TARGET,
    MEANINGS,
    Refused,
    Unusable,
    one_line,
)
from conformance.attestation.rejudging import rejudge
from conformance.attestation.statement import of_one_run, statement
from conformance.attestation.strict_json import canonical, read_bounded
from conformance.attestation.verifying import Genuine
from conformance.attestation.verifying import verify as verified
from conformance.journeys.run import spec_digest
from conformance.recording_file import write_whole
from conformance.report.document import FILE_NAME as REPORT_NAME

FILE_NAME = "attestation.json"
_FILE = click.Path(path_type=Path)
_EXIT_CODES = "\b\nExit codes:\n" + "\n".join(f"  {code}  {meaning}" for code, meaning in MEANINGS.items())


@click.command("attest")
@click.argument("report", type=_FILE, default=Path("reports") / REPORT_NAME)
@click.option("--recording", type=_FILE, help="What the report was judged on (recording.json beside the report).")
@click.option(
    "--key", type=_FILE, help=f"The private key, ed25519 in PEM; without it {SIGNING_VARIABLE} holds the key."
)
@click.option("--out", type=_FILE, help=f"Where to write ({FILE_NAME} beside the report).")
def attest(report: Path, recording: Path | None, key: Path | None, out: Path | None) -> None:
    """Sign a run: REPORT (reports/conformance.json) and its recording become an in-toto statement in a DSSE envelope.

    The recording is judged once more first, by this suite: a report that does not follow from it is not signed.
    A key: openssl genpkey -algorithm ed25519 -out KEY; its public half: openssl pkey -in KEY -pubout -out KEY.pub.
    """
    signs = signer(key, os.environ)
    report_file = read_report_file(report)
    recording_file = read_recording_file(recording or report.parent / RECORDING_NAME)
    told, played = report_of(report_file), recording_of(recording_file)
    if (told["suite"], told["spec"]) != (__version__, spec_digest()):
        raise Unusable(
            f"{report.name!r} is of another suite or specification; this is {__version__}: judge with --replay"
        )
    if not of_one_run(told, played):
        raise Unusable(f"{report.name!r} is of another run than the recording: target, start or addresses differ")
    found = rejudge(told, played)
    if found.differing:
        _refuse(Refused(EXIT_JUDGED_OTHERWISE, f"not signed: {found.differing[0]}"))
    content = sign(canonical(statement(report_file, told, recording_file)), signs)
    path = out or report.parent / FILE_NAME
    try:
        write_whole(path, content.decode("ascii"))
    except OSError as error:
        raise Unusable(f"{path.name!r} cannot be written: {error.strerror}") from None
    click.echo(
        one_line(f"attested: {told['verdict']}, {told['target']}; key {signs.public_key.keyid[:16]}; {path.name}")
    )


@click.command("verify", epilog=_EXIT_CODES)
@click.argument("attestation", metavar="FILE", type=_FILE)
@click.option(
    "--key", type=_FILE, help=f"The public key, ed25519 in PEM; without it {VERIFYING_VARIABLE} holds the key."
)
@click.option("--report", type=_FILE, help=f"The report ({REPORT_NAME} beside FILE).")
@click.option("--recording", type=_FILE, help=f"The recording ({RECORDING_NAME} beside FILE).")
@click.option(
    "--rejudge", type=_FILE, metavar="RECORDING", help="Judge this recording again and compare every outcome."
)
@click.option("--target", metavar="URL", help="The target that has to have been tested, as its report names it.")
def verify(
    attestation: Path,
    key: Path | None,
    report: Path | None,
    recording: Path | None,
    rejudge: Path | None,
    target: str | None,
) -> None:
    """Check an attestation: signature, files, suite, every field; the exit code says what it is worth."""
    if rejudge is not None and recording is not None and rejudge != recording:
        raise Unusable("--rejudge names the recording; --recording beside it names another")
    known = verifying_key(key, os.environ)
    content = read_bounded(attestation, MAX_ENVELOPE_BYTES)
    report_file = read_report_file(report or attestation.parent / REPORT_NAME)
    recording_file = read_recording_file(rejudge or recording or attestation.parent / RECORDING_NAME)
    try:
        found = verified(content, known, report_file, recording_file, again=rejudge is not None)
    except Refused as refused:
        _refuse(refused)
    tested = found.report["target"]
    if target is not None and target.rstrip("/") != tested.rstrip("/"):
        _refuse(Refused(EXIT_OTHER_TARGET, f"genuine, but of another target: {tested}"))
    click.echo(one_line(_line(found)))
    sys.exit(EXIT_GENUINE if found.report["verdict"] == "conformant" else EXIT_NOT_CONFORMANT)


def _line(found: Genuine) -> str:
    report = found.report
    judged = "its recording was not judged again (--rejudge)"
    if found.rejudged is not None:
        left = ", ".join(found.rejudged.not_rejudged)
        judged = "judged again with the same outcomes" + (f", but for {left}, which no recording shows" if left else "")
    mock = " (the embedded mock)" if report["embedded_mock"] else ""
    return f"genuine: {report['verdict']}, at level {report['level']}; {report['target']}{mock}; {report['started']}; {judged}"


def _refuse(refused: Refused) -> None:
    sys.stderr.write(f"neo-conformance: {refused}\n")
    sys.exit(refused.exit_code)
