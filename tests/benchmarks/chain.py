"""How long the scenarios take beside the longest chain of turns, which no run can undercut.

``python -m tests.benchmarks.chain [SECONDS_OF_A_TURN] [ROUNDS]``: prints both and their ratio for each round.
"""

from __future__ import annotations

import sys

from conformance.embedded import EmbeddedMock
from conformance.evidence import SESSION_JOURNEYS, session
from conformance.journeys.run import play
from conformance.recording import Recording


def longest_chain(recording: Recording) -> float:
    """Seconds that the turns of one session took one after another, from 202 to terminal envelope; the longest such sum."""
    return max(
        sum(t.envelopes[-1].at - t.post.answered_at for t in session(recording, journey).turns if t.envelopes)
        for journey in SESSION_JOURNEYS
    )


def main() -> None:
    seconds = sys.argv[1] if len(sys.argv) > 1 else "2"
    for round_ in range(1, int(sys.argv[2]) + 1 if len(sys.argv) > 2 else 2):
        with EmbeddedMock("--turn-seconds", seconds) as target:
            recording = play(target)
        chain = longest_chain(recording)
        print(
            f"round {round_}: turns of {seconds} s; run {recording.seconds:.2f} s, longest chain of turns {chain:.2f} s, "
            f"ratio {recording.seconds / chain:.2f}"
        )


if __name__ == "__main__":
    main()
