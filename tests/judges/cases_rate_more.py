"""More cases of RATE: resets that are hours off, and a Retry-After that is a time."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from email.utils import formatdate

from conformance.recording import Exchange, Recording
from tests.judges import edits
from tests.judges.cases import broken, lawful

RESET = "X-RateLimit-Reset"
HOUR = 3600


def _limited(exchange: Exchange) -> bool:
    return bool(exchange.received and exchange.received.header(RESET))


def _reset(r: Recording, seconds: int, dated: Callable[[Exchange], str | None] | None = None) -> Recording:
    """Every reset so far from its answer's time; ``dated`` gives another Date."""

    def change(exchange: Exchange) -> Exchange:
        alone = replace(r, exchanges=(exchange,))
        reset = str(int(r.epoch + exchange.answered_at) + seconds)
        alone = edits.header(alone, edits.every, RESET, reset)
        date = dated(exchange) if dated else formatdate(r.epoch + exchange.answered_at, usegmt=True)
        return edits.header(alone, edits.every, "Date", date).exchanges[0]

    return edits.edit(r, _limited, change)


@broken("RATE-01", because="the reset lies five hours back, as of another time zone")
def reset_hours_ago(r: Recording) -> Recording:
    return _reset(r, -5 * HOUR)


@broken("RATE-01", because="the reset lies two hours ahead, as of another time zone")
def reset_hours_ahead(r: Recording) -> Recording:
    return _reset(r, 2 * HOUR)


@lawful("RATE-01", because="the reset was a moment ago: the window had room again")
def reset_a_moment_ago(r: Recording) -> Recording:
    return _reset(r, -2)


@lawful("RATE-01", because="the clocks of limiter and server are five minutes apart")
def clocks_apart(r: Recording) -> Recording:
    return _reset(r, -5 * 60)


@lawful("RATE-01", because="the client's clock is hours off, and the answers have no Date")
def client_off_and_no_date(r: Recording) -> Recording:
    return _reset(r, -5 * HOUR, lambda _: None)


@lawful("RATE-01", because="the client's clock is hours off, and the server's Date shows it")
def client_off(r: Recording) -> Recording:
    return _reset(r, 5 * HOUR, lambda e: formatdate(r.epoch + e.answered_at + 5 * HOUR, usegmt=True))


def _with_a_429(r: Recording, retry_after: str) -> Recording:
    last = next(e for e in r.exchanges if e.name == "dialogue/messages")
    first = replace(last, step="messages/limited-1", facts={**last.facts, "limited": True})
    pick = edits.named("dialogue/messages/limited-1")
    answered = edits.answer(replace(r, exchanges=(*r.exchanges, first)), pick, 429, edits.error(429, "rate_limited"))
    return edits.header(answered, pick, "Retry-After", retry_after)


@broken("RATE-02", because="Retry-After is a time of the epoch")
def retry_after_is_a_time(r: Recording) -> Recording:
    return _with_a_429(r, str(int(r.epoch) + 1))


@lawful("RATE-02", because="a client that would not listen has to wait for a day")
def retry_after_a_day(r: Recording) -> Recording:
    return _with_a_429(r, "86400")
