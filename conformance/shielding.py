"""Keeps secrets out of what pytest prints by itself: captured output, log lines, tracebacks with locals, warnings.

The recording has none of them, so what the scenarios say has none either. This is for everything else.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any

import pytest

from conformance.findings import Finding
from conformance.redaction import Redactor


def shield_logs(redactor: Redactor) -> Callable[[], None]:
    """Every log record made from now on has its message and its traceback redacted; returns what ends that.

    httpx logs addresses, and httpcore at level DEBUG the headers that came, which may echo a key.
    """
    before = logging.getLogRecordFactory()
    plain = logging.Formatter()

    def factory(*args: Any, **kwargs: Any) -> logging.LogRecord:
        record = before(*args, **kwargs)
        try:
            record.msg, record.args = redactor.text(record.getMessage()), ()
        except Exception:  # noqa: BLE001 - a record that cannot be written is not written, whatever is wrong with it
            record.msg, record.args = "(a log message that cannot be formatted)", ()
        if record.exc_info:
            record.exc_text = redactor.text(plain.formatException(record.exc_info))
        return record

    logging.setLogRecordFactory(factory)
    return lambda: logging.setLogRecordFactory(before)


def only_the_message(item: pytest.Item) -> None:
    """Keep pytest from showing the frames of this test: what it found is said in its message.

    With ``--showlocals`` it would write out the whole recording for each failure, which takes minutes where a target has
    sent much, and the locals of who sends the requests, the key among them. A mistake of ours keeps its frames.
    """

    def shown(excinfo: pytest.ExceptionInfo[BaseException], style: Any = None) -> Any:
        del style
        if isinstance(excinfo.value, Finding):
            return excinfo.value.reason
        return excinfo.getrepr(showlocals=False, style="short")

    # Both are asked: the first for the test itself, the second for what prepares it.
    item.repr_failure = shown  # type: ignore[method-assign]
    item._repr_failure_py = shown  # type: ignore[method-assign]


def shield_report(report: pytest.TestReport, redactor: Redactor) -> None:
    """Redact what a report carries to the terminal and the JUnit file."""
    longrepr = report.longrepr
    if isinstance(longrepr, str):
        report.longrepr = redactor.text(longrepr)
    elif isinstance(longrepr, tuple):
        report.longrepr = (longrepr[0], longrepr[1], redactor.text(longrepr[2]))
    elif longrepr is not None:
        # A traceback, perhaps with the locals of every frame: as text there is no place that could be forgotten.
        report.longrepr = redactor.text(str(longrepr))
    report.sections = [(name, redactor.text(text)) for name, text in report.sections]


def shield_warning(message: Any, redactor: Redactor) -> None:
    """The same for a warning (``warnings.WarningMessage``) that pytest is about to show."""
    text = str(message.message)
    shown = redactor.text(text)
    if shown != text:
        message.message = UserWarning(shown)
