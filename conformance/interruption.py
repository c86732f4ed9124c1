"""Signals that end a run early: what was judged until then is reported all the same."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable
from typing import Any

EXIT_INTERRUPTED = 130
"""128 and the number of SIGINT, as a shell counts; for SIGTERM and a killed worker, too."""


def end_like_ctrl_c() -> Callable[[], None]:
    """Let SIGTERM end the process as Ctrl-C does, with everything closed behind it; returns what undoes that.

    Only in the main thread of the process can a handler be set; elsewhere nothing is done.
    """
    if threading.current_thread() is not threading.main_thread():
        return lambda: None

    def interrupt(_number: int, _frame: Any) -> None:
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGTERM, interrupt)
    return lambda: _restore(before)


def _restore(before: Any) -> None:
    if threading.current_thread() is threading.main_thread():
        signal.signal(signal.SIGTERM, before)
