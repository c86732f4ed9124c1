"""Freedoms of a correct server that an outside look found: none of them may fail anything."""

from __future__ import annotations

import json
from dataclasses import replace

from conformance.recording import Exchange, Frame, Piece, Recording
from conformance.sse import Event
from tests.judges import edits
from tests.judges.cases import lawful


@lawful("EVT-03", "EVT-02", "CUR-07", "CUR-11", because="named events of a type of their own stand among the envelopes")
def named_events(recording: Recording) -> Recording:
    def among(old: list[Frame]) -> list[Frame]:
        status = Event(json.dumps({"type": "status", "queue": 0}), "status", None, "", None)
        return [one for frame in old for one in (Frame(frame.at, status), frame)]

    return edits.frames(recording, edits.tails, among)


def _headers_held_back(exchange: Exchange) -> bool:
    return edits.tails(exchange) and not exchange.frames and exchange.ending == "silence"


@lawful("IDEM-03", "CUR-09", "EVT-01", because="a tail without envelopes does not even get headers")
def headers_wait_for_the_first_event(recording: Recording) -> Recording:
    def withhold(exchange: Exchange) -> Exchange:
        problem = "ReadTimeout: no headers within 10.0 s"
        return replace(exchange, received=None, ending="no-answer", problem=problem)

    return edits.edit(recording, _headers_held_back, withhold)


@lawful("ERR-01", "RATE-01", "CUR-10", because="a proxy answers odd paths with a page of its own")
def proxy_in_front(recording: Recording) -> Recording:
    def odd(exchange: Exchange) -> bool:
        return bool(exchange.facts.get("odd_path")) and 400 <= exchange.status < 500

    return edits.body(edits.status(recording, odd, 403), odd, b"<html>Forbidden</html>", "text/html")


@lawful("ERR-01", "RATE-01", because="a gateway answers a body that is too large, in JSON of its own")
def too_large_for_the_gateway(recording: Recording) -> Recording:
    large = edits.named("refusals/refuse-text-megabyte")
    answered = edits.answer(recording, large, 413, {"message": "request entity too large"})
    return edits.header(answered, large, "x-ratelimit-limit", None)


@lawful("EVT-05", because="a proxy ends streams after a while, here in the middle of a turn", EVT_05="untested")
def closed_by_a_proxy(recording: Recording) -> Recording:
    """Every turn of the run: none was read to its end, and none is proved to have none."""

    def cut(exchange: Exchange) -> Exchange:
        shorter = exchange.frames[: len(exchange.frames) // 2]
        pieces = tuple(Piece(frame.at, edits.wire(frame)) for frame in shorter)
        assert exchange.received is not None
        late = exchange.answered_at + 25.0
        return replace(exchange, received=replace(exchange.received, pieces=pieces), ending="closed", ended_at=late)

    def of_a_turn(exchange: Exchange) -> bool:
        return edits.tails(exchange) and "turn" in exchange.facts

    main = edits.edit(recording, lambda e: of_a_turn(e) and e.facts.get("kind") == "main", cut)
    return edits.drop(main, lambda e: of_a_turn(e) and (e.facts.get("kind") != "main" or e.facts.get("part") == "link"))


@lawful(
    "CUR-05",
    because="the turn is over before that tail is open, and only the last one is kept",
    CUR_05="unobservable",
)
def only_the_last_turn_is_kept(recording: Recording) -> Recording:
    def own_turn(exchange: Exchange) -> Exchange:
        turn = exchange.facts["turn"]
        main = recording.get("dialogue", f"turn-{turn}/tail")
        assert main is not None
        return replace(exchange, received=main.received, answered_at=main.ended_at, ending="goal")

    later = edits.named("dialogue/turn-2/tail-without-cursor", "dialogue/turn-5/tail-without-cursor")
    return edits.edit(recording, later, own_turn)
