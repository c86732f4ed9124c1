"""RATE: what every answer tells about the limit, and what a 429 adds."""

from __future__ import annotations

import re
from collections.abc import Iterator
from email.utils import parsedate_to_datetime

from conformance.findings import Unobservable, Untested, broken, requirement
from conformance.judging.answers import TRANSPORT, WHOLE, chat_answers, passed_over
from conformance.recording import Exchange, Recording

LIMIT, REMAINING, RESET = "X-RateLimit-Limit", "X-RateLimit-Remaining", "X-RateLimit-Reset"
DAY = 86_400.0
YEAR = 366 * DAY
AGO, AHEAD = 600.0, 5_400.0
"""Seconds by which a reset may lie before and after the server's own clock.

The window is a minute long (contract G7). A longer one is let pass, but an hour off, as a wrong time zone makes it, is
not: behind the server's own ``Date`` nothing resets any more.
"""
_NUMBER = re.compile(r"\d{1,20}(?:\.\d{1,9})?")
_WITH_POLICIES = re.compile(r"(\d{1,20}(?:\.\d{1,9})?)\s*(?:[,;].*)?")
"""A gateway may write its policies behind the number, as the drafts of these headers have it: ``1200, 1200;w=60``."""


@requirement("RATE-01")
def test_every_authenticated_json_answer_has_the_three_headers(recording: Recording) -> None:
    """Numbers all three."""
    judged = False
    for exchange in _authenticated(recording):
        judged = True
        for name in (LIMIT, REMAINING, RESET):
            if _number(exchange, name) is None:
                value = exchange.received.header(name) if exchange.received else None
                broken(
                    exchange,
                    expected=f"{name} with a number, on every authenticated JSON answer",
                    came=f"{name} is missing, in an answer {exchange.status}" if value is None else f"{name}: {value}",
                )
        limit = _number(exchange, LIMIT) or 0.0
        if limit <= 0:
            broken(exchange, expected=f"{LIMIT} above zero", came=f"{LIMIT}: {limit:g}")
    if not judged:
        raise Untested("no authenticated JSON answer was recorded")


@requirement("RATE-01")
def test_the_reset_is_in_seconds_of_the_unix_epoch(recording: Recording) -> None:
    """About the client's clock, or the server's own ``Date``: no milliseconds, no count of seconds, no local time.

    Both clocks have to say that it is wrong. Without a ``Date`` the client's may itself be hours off, not a day.
    """
    judged = False
    for exchange in _authenticated(recording):
        reset = _number(exchange, RESET)
        if reset is None:
            continue
        judged = True
        now, date = recording.epoch + exchange.answered_at, _date(exchange)
        least, most = (DAY, DAY) if date is None else (AGO, AHEAD)
        clocks = (now,) if date is None else (now, date)
        if all(not -least <= reset - clock <= most for clock in clocks):
            broken(
                exchange,
                expected=f"{RESET} in seconds of the Unix epoch, about {date or now:.0f}",
                came=f"{RESET}: {reset:.0f}",
            )
    if not judged:
        raise Untested(f"no answer has {RESET} with a number")


@requirement("RATE-02")
def test_a_429_says_after_how_many_seconds_to_come_back(recording: Recording) -> None:
    """``Retry-After`` in seconds, not as a date, nor as a time in seconds of the epoch."""
    limited = [e for e in chat_answers(recording) if e.status == 429]
    if not limited:
        raise Unobservable("no 429 was seen")
    for exchange in limited:
        value = exchange.received.header("Retry-After") if exchange.received else None
        if value is None or not _NUMBER.fullmatch(value.strip()):
            broken(
                exchange,
                expected="Retry-After with a number of seconds on every 429",
                came="Retry-After is missing" if value is None else f"Retry-After: {value}",
            )
        if float(value) > YEAR:
            broken(
                exchange, expected="a number of seconds to wait", came=f"Retry-After: {value.strip()}, years from now"
            )


def _authenticated(recording: Recording) -> Iterator[Exchange]:
    """JSON answers to one of the two keys; not a 401, which has no tenant, nor one that a proxy may have given."""
    for exchange in chat_answers(recording):
        received = exchange.received
        if received is None or not received.is_json or exchange.status == 401 or exchange.ending not in WHOLE:
            continue
        by_proxy = exchange.facts.get("odd_path") or exchange.status in TRANSPORT or passed_over(recording, exchange)
        by_proxy = by_proxy or (exchange.facts.get("odd_body") and exchange.status == 403)
        if exchange.credential in ("own", "other") and not by_proxy:
            yield exchange


def _number(exchange: Exchange, name: str) -> float | None:
    value = exchange.received.header(name) if exchange.received else None
    found = _WITH_POLICIES.fullmatch((value or "").strip())
    return float(found[1]) if found else None


def _date(exchange: Exchange) -> float | None:
    value = exchange.received.header("Date") if exchange.received else None
    try:
        return parsedate_to_datetime(value).timestamp() if value else None
    except (TypeError, ValueError, OverflowError):
        return None
