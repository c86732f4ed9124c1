"""Signals that end a run early: what was judged until then is reported all the same."""

from __future__ import annotations

import signal
import threading
from typing import Any

EXIT_INTERRUPTED = 130
"""128 and the number of SIGINT, as a shell counts; for SIGTERM and a killed worker, too."""


class Signals:
    """SIGTERM ends the process as Ctrl-C does, with everything closed behind it; and whether either came is remembered.

    An exception that a library makes of a ``KeyboardInterrupt`` is then no mistake of the suite. Only in the main thread of
    the process can a handler be set; elsewhere nothing is done, and so where whoever started it has a signal ignored.
    """

    def __init__(self) -> None:
        self.came = False
        self._before: dict[int, Any] = {}

    def catch(self) -> None:
        """Until `leave`."""
        if threading.current_thread() is not threading.main_thread():
            return
        for number in (signal.SIGTERM, signal.SIGINT):
            if signal.getsignal(number) in (signal.SIG_DFL, signal.default_int_handler):
                self._before[number] = signal.signal(number, self._interrupt)

    def tell(self, error: BaseException) -> None:
        """:raises KeyboardInterrupt: a signal came, and this error is what something made of it."""
        if self.came:
            raise KeyboardInterrupt from error

    def leave(self) -> None:
        """Give the handlers back that were there before."""
        while self._before and threading.current_thread() is threading.main_thread():
            signal.signal(*self._before.popitem())

    def _interrupt(self, _number: int, _frame: Any) -> None:
        self.came = True
        raise KeyboardInterrupt
