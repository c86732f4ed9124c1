"""What a run leaves beside `conformance.json` for other readers: the page, the summary, the badge, SARIF, HAR; and GitHub's
job summary."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from conformance.recording import Recording
from conformance.recording_file import write_whole
from conformance.report import badge, har, markdown, sarif
from conformance.report.html import page

STEP_SUMMARY = "GITHUB_STEP_SUMMARY"
"""The variable with which GitHub Actions names the file that a job's page shows."""

_FORMS: Mapping[str, Callable[[Mapping[str, Any]], str]] = {
    markdown.FILE_NAME: markdown.summary,
    badge.FILE_NAME: badge.badge,
    sarif.FILE_NAME: sarif.sarif,
}


def write_forms(
    report: Mapping[str, Any], folder: Path, environ: Mapping[str, str], recording: Recording | None = None
) -> list[str]:
    """Write them all, each whole or not at all, and append the summary to the job's where there is one.

    ``recording``: what the report was judged on, None where only the fuzzing ran; then there is no HAR.

    Returns lines for the terminal: what could not be appended. A job's page is no part of the report, so the run does not
    fail for it. Nothing else in the folder is touched.

    :raises OSError: when the folder cannot be written.
    """
    for name, form in _FORMS.items():
        write_whole(folder / name, form(report))
    page.write(report, recording, folder)
    if recording is not None:
        har.write(recording, folder)
    summary = environ.get(STEP_SUMMARY)
    if not summary:
        return []
    try:
        with Path(summary).open("a", encoding="utf-8", errors="backslashreplace") as file:
            file.write(markdown.summary(report))
    except OSError as error:
        return [f"{STEP_SUMMARY}: the summary cannot be appended ({error.strerror})"]
    return []
