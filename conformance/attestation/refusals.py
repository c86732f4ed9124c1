"""Why an attestation is not accepted: one line and an exit code for each kind of reason."""

from __future__ import annotations

from typing import Final

from conformance.findings import escape_controls
from conformance.outcomes import BadInput

EXIT_GENUINE: Final = 0
"""Genuine, and the verdict is ``conformant``."""
EXIT_NOT_CONFORMANT: Final = 1
"""Genuine, and the verdict is another one."""
EXIT_SIGNATURE: Final = 4
EXIT_FILES: Final = 5
EXIT_OTHER_SUITE: Final = 6
EXIT_JUDGED_OTHERWISE: Final = 7
EXIT_NOT_WHOLE: Final = 8
EXIT_OTHER_TARGET: Final = 9

MEANINGS: Final = {
    EXIT_GENUINE: "genuine, and the target is conformant",
    EXIT_NOT_CONFORMANT: "genuine, and the target is not conformant, or a MUST was not tested",
    2: "unusable: no key was given, or a file is damaged, too large or not ours",
    3: "the suite itself went wrong; nothing is said about the attestation",
    EXIT_SIGNATURE: "not signed by that key, or changed since it was signed",
    EXIT_FILES: "the report or the recording is another than the one that was attested",
    EXIT_OTHER_SUITE: "another suite: an older or newer version, other files, or another specification",
    EXIT_JUDGED_OTHERWISE: "--rejudge: the recording gives another outcome than was attested",
    EXIT_NOT_WHOLE: "the run was interrupted, or ran a part of the suite only",
    EXIT_OTHER_TARGET: "--target: another target was tested",
}
"""What each exit code of ``neo-conformance verify`` means; its help and the README say the same."""

LONGEST_LINE: Final = 400


class Refused(Exception):  # noqa: N818 - it says what is done with the attestation
    """The attestation is not accepted. ``str()`` is one line without control characters."""

    def __init__(self, exit_code: int, line: str) -> None:
        super().__init__(one_line(line))
        self.exit_code = exit_code


class Unusable(BadInput):
    """What was given cannot be used: exit code 2. ``str()`` is one line without control characters, as of a refusal."""

    def __init__(self, line: str) -> None:
        super().__init__(one_line(line))


def one_line(text: str) -> str:
    """``text`` on one line, bounded, with nothing in it that a terminal would obey: parts of it may be a stranger's."""
    line = escape_controls(" ".join(text.split()))
    return line if len(line) <= LONGEST_LINE else f"{line[: LONGEST_LINE - 1]}…"
