"""Cases of RATE: the headers of the limit."""

from __future__ import annotations

from dataclasses import replace

from conformance.recording import Exchange, Headers, Recording
from tests.judges import edits
from tests.judges.cases import broken, lawful

RESET = "X-RateLimit-Reset"


def _limited(exchange: Exchange) -> bool:
    return bool(exchange.received and exchange.received.header(RESET))


def _with_a_429(r: Recording, retry_after: str | None) -> Recording:
    """As if the first attempt at one request had met the limit."""
    last = next(e for e in r.exchanges if e.name == "dialogue/messages")
    first = replace(last, step="messages/limited-1", facts={**last.facts, "limited": True})
    pick = edits.named("dialogue/messages/limited-1")
    answered = edits.answer(replace(r, exchanges=(*r.exchanges, first)), pick, 429, edits.error(429, "rate_limited"))
    return edits.header(answered, pick, "Retry-After", retry_after)


@broken("RATE-01", because="a success has no limit")
def no_limit_in_a_success(r: Recording) -> Recording:
    return edits.header(r, edits.named("preflight/session"), "X-RateLimit-Limit", None)


@broken("RATE-01", because="an error has no remaining count")
def no_remaining_in_an_error(r: Recording) -> Recording:
    return edits.header(r, edits.named("refusals/refuse-body-list"), "X-RateLimit-Remaining", None)


@broken("RATE-01", because="the error of a tail has no headers")
def none_in_the_error_of_a_tail(r: Recording) -> Recording:
    return edits.header(r, edits.named("strangers/missing-1/tail-events"), RESET, None)


@broken("RATE-01", because="the reset is in milliseconds")
def reset_in_milliseconds(r: Recording) -> Recording:
    return edits.header(r, _limited, RESET, str(int((r.epoch + 60) * 1000)))


@broken("RATE-01", because="the reset is a count of seconds")
def reset_is_a_count(r: Recording) -> Recording:
    return edits.header(r, _limited, RESET, "60")


@broken("RATE-01", because="the reset is a date")
def reset_is_a_date(r: Recording) -> Recording:
    return edits.header(r, edits.named("dialogue/messages"), RESET, "2026-11-23T14:06:31Z")


@broken("RATE-01", because="the remaining count is negative")
def remaining_is_negative(r: Recording) -> Recording:
    return edits.header(r, edits.named("dialogue/messages"), "X-RateLimit-Remaining", "-1")


@lawful("RATE-01", because="more remains than the limit: a burst is allowed, and no page says otherwise")
def more_remains_than_the_limit(r: Recording) -> Recording:
    return edits.header(r, edits.named("dialogue/messages"), "X-RateLimit-Remaining", "999999")


@broken("RATE-02", because="a 429 has no Retry-After")
def no_retry_after(r: Recording) -> Recording:
    return _with_a_429(r, None)


@broken("RATE-02", because="Retry-After is a date")
def retry_after_is_a_date(r: Recording) -> Recording:
    return _with_a_429(r, "Mon, 23 Nov 2026 14:06:31 GMT")


@lawful("RATE-01", because="another limit, capitals, and resets at the end of another window")
def another_limit(r: Recording) -> Recording:
    def change(old: Headers) -> list[tuple[str, str]]:
        kept = [(k, v) for k, v in old if not k.lower().startswith("x-ratelimit")]
        new = {"X-RATELIMIT-LIMIT": "600", "X-RateLimit-Remaining": "0", "x-ratelimit-reset": str(int(r.epoch) + 3600)}
        return [*kept, *new.items()] if len(kept) < len(old) else list(old)

    return edits.headers(r, lambda e: e.received is not None, change)


@lawful("RATE-01", because="a 401 and an event stream have none of the headers")
def none_where_none_is_due(r: Recording) -> Recording:
    for name in ("X-RateLimit-Limit", "X-RateLimit-Remaining", RESET):
        r = edits.header(r, lambda e: e.status == 401 or edits.tails(e), name, None)
    return r


@lawful("RATE-01", because="the client's clock is years off, the server's own date is right")
def clock_of_the_client_is_off(r: Recording) -> Recording:
    return replace(r, epoch=r.epoch - 3e8)


@lawful("RATE-02", because="a 429 says after how many seconds")
def retry_after_in_seconds(r: Recording) -> Recording:
    return _with_a_429(r, "7")


@lawful("RATE-02", because="no 429 was seen", RATE_02="unobservable")
def no_429(r: Recording) -> Recording:
    return r
