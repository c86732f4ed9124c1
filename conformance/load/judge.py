"""The process that judges: recordings come on its standard input, what is found in them leaves on its standard output.

``python -m conformance.load.judge``; started by ``judge_link``, whose pickles it reads. It ends when its input ends, so that
it never outlives whoever started it.
"""

from __future__ import annotations

import gc
import os
import pickle
import struct
import sys
import time
import traceback
from dataclasses import asdict
from typing import Any, BinaryIO, Final

from conformance.load.judged import SessionJudge

HEADER: Final = struct.Struct(">QI")
"""The number of the session, and the bytes of the pickle that follows."""
NICER: Final = 5
"""What waits for a frame goes before what judges the last session."""


def main() -> None:
    """Judge until the input ends."""
    # Whatever else is printed must not stand among the answers.
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    os.nice(NICER)
    judge = SessionJudge()
    # What has been imported lives as long as the process.
    gc.freeze()
    begun = time.process_time()
    source = sys.stdin.buffer
    while header := source.read(HEADER.size):
        number, size = HEADER.unpack(header)
        found = _judged(judge, number, source.read(size))
        _answer(answers, number, {**found, "cpu": time.process_time() - begun})


def _judged(judge: SessionJudge, number: int, data: bytes) -> dict[str, Any]:
    try:
        recording, timed = pickle.loads(data)
        return asdict(judge.judge(recording, number, timed=timed))
    except Exception:  # noqa: BLE001 - a mistake of ours: said, and no word about the target
        return {"mistake": traceback.format_exc()[-2000:]}


def _answer(answers: BinaryIO, number: int, value: dict[str, Any]) -> None:
    data = pickle.dumps(value, pickle.HIGHEST_PROTOCOL)
    answers.write(HEADER.pack(number, len(data)) + data)
    answers.flush()


if __name__ == "__main__":
    main()
