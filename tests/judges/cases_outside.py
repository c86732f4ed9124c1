"""Broken servers that an outside look found passing: each is caught now."""

from __future__ import annotations

from dataclasses import replace

from conformance.evidence import envelopes
from conformance.recording import Exchange, Frame, Recording
from tests.judges import edits
from tests.judges.cases import broken


@broken("CUR-05", because="without a cursor the end of the session's first turn comes back, whatever turn it is")
def always_the_first_turns_end(recording: Recording) -> Recording:
    first = recording.get("dialogue", "turn-1/tail")
    assert first is not None
    ends = [e.frame for e in envelopes(first.frames)[-2:]]

    def replay_first(old: list[Frame]) -> list[Frame]:
        own = recording.get("dialogue", "turn-5/tail")
        assert own is not None
        ids = {f.id for f in own.frames}
        return [*ends, *(f for f in old if f.id in ids)]

    return edits.frames(recording, edits.named("dialogue/turn-5/tail-without-cursor"), replay_first)


@broken("ATT-02", because="seven are refused, and seven hundred accepted")
def seven_hundred_accepted(recording: Recording) -> Recording:
    return edits.status(recording, edits.named("refusals/refuse-seven-hundred"), 202)


@broken("AUTH-01", because="the key is compared by its beginning")
def key_compared_by_its_beginning(recording: Recording) -> Recording:
    return edits.status(recording, edits.named("strangers/bad-own-key-altered/list-messages"), 200)


@broken("AUTH-03", because="a session with turns is given to the other tenant where a cursor is named")
def turns_leak_by_cursor(recording: Recording) -> Recording:
    return edits.status(recording, edits.named("strangers/foreign-turns/since"), 200)


@broken("AUTH-03", because="a header's value names the owner of a session that is not yours")
def owner_in_a_header(recording: Recording) -> Recording:
    told = edits.header(recording, edits.named("strangers/foreign-1/*", "strangers/foreign-2/*"), "x-owner", "tenant-a")
    return edits.header(told, edits.named("strangers/foreign-missing-*"), "x-owner", "none")


@broken("EVT-07", because="a tail by Last-Event-Id is held back until the turn is over")
def buffered_by_header(recording: Recording) -> Recording:
    def hold(exchange: Exchange) -> Exchange:
        end = exchange.frames[-1].at if exchange.frames else exchange.ended_at
        assert exchange.received is not None
        pieces = tuple(replace(piece, at=max(piece.at, end)) for piece in exchange.received.pieces)
        return replace(exchange, received=replace(exchange.received, pieces=pieces))

    return edits.edit(recording, lambda e: e.facts.get("kind") == "header" and edits.tails(e), hold)


@broken("ERR-05", because="a stack trace stands in a header")
def trace_in_a_header(recording: Recording) -> Recording:
    trace = 'Traceback (most recent call last):   File "/srv/app/main.py", line 3, in post'
    return edits.header(recording, edits.named("refusals/refuse-seven"), "x-debug", trace)


@broken("IDEM-01", because="a duplicate with attachments is a new message")
def attachments_make_it_new(recording: Recording) -> Recording:
    return edits.status(recording, edits.named("attachments/duplicate-1"), 202)


@broken("ACC-07", because="the first post of a session waits for its turn")
def first_posts_wait(recording: Recording) -> Recording:
    def wait(exchange: Exchange) -> Exchange:
        main = recording.get(exchange.journey, "turn-1/tail")
        assert main is not None
        end = envelopes(main.frames)[-1].at
        return replace(exchange, answered_at=end, ended_at=end)

    def first(exchange: Exchange) -> bool:
        return exchange.facts.get("part") == "post" and exchange.facts.get("turn") == 1 and exchange.status == 202

    return edits.edit(recording, first, wait)
