"""For each requirement: does an example keep it? Written from the rule alone, for examples: they show only what matters.

``FORMS`` are rules of form, which every example of any requirement has to keep but for the one whose bad example it is.
``STORIES`` need the example's own story, and are asked of it alone.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from itertools import pairwise
from typing import Any
from uuid import UUID

from conformance.envelopes import NotAChunk, Order, OutOfOrder, TurnState, parse
from conformance.envelopes.endings import TurnEnding
from tests.spec.wire_examples import Shown

Rule = Callable[[Sequence[Shown]], bool]

IMAGES = {"image/png", "image/jpeg", "image/gif", "image/webp"}
SESSION_KEYS = {"agent_id", "archived_at", "channel", "client_id", "created_at", "id", "title", "updated_at"}


def accepted(shown: Iterable[Shown]) -> list[Shown]:
    return [one for one in shown if one.is_post and one.status == 202]


def in_json(shown: Iterable[Shown]) -> list[Shown]:
    return [one for one in shown if one.body]


def errors(shown: Iterable[Shown]) -> list[Shown]:
    return [one for one in in_json(shown) if one.status >= 400]


def successes(shown: Iterable[Shown]) -> list[Shown]:
    return [one for one in in_json(shown) if one.status < 300]


def grants(shown: Iterable[Shown]) -> list[Shown]:
    return [one for one in successes(shown) if one.path.endswith("/upload-url")]


def tails(shown: Iterable[Shown]) -> list[Shown]:
    return [one for one in shown if one.is_tail]


def text(value: Any) -> bool:
    return isinstance(value, str) and value != ""


def statuses(shown: Iterable[Shown]) -> list[int]:
    return [one.status for one in shown]


def refused(one: Shown) -> bool:
    return 400 <= one.status < 500 and one.status != 429


def _is_chunk(value: Any) -> bool:
    try:
        parse(json.dumps(value))
    except NotAChunk:
        return False
    return True


def _in_order(tail: Shown) -> bool:
    order = Order()
    try:
        for value in tail.chunks:
            if _is_chunk(value):
                order.feed(parse(json.dumps(value)))
    except OutOfOrder:
        return False
    return True


def _whole(tail: Shown) -> bool:
    """Whether it begins with a first envelope, so that its order can be judged."""
    return bool(tail.chunks) and tail.chunks[0]["type"] in ("start", "text-start")


def _resumes(tail: Shown) -> bool:
    """A tail from the middle of a turn continues parts whose start it does not have."""
    return "since" in tail.query or "last-event-id" in tail.sent_headers


def _ids_increase(tail: Shown) -> bool:
    ids = [event.id for event in tail.events if event.chunk is not None]
    if not all(ids):
        return False
    places = [tuple(int(half) for half in str(one).split("-")) for one in ids]
    return all(earlier < later for earlier, later in pairwise(places))


def _meta_typed(meta: dict[str, Any]) -> bool:
    page = meta.get("pagination") or {}
    return (
        isinstance(meta.get("timings_ms", {}), dict)
        and isinstance(page.get("has_more", False), bool)
        and isinstance(page.get("next_cursor"), str | None)
        and isinstance(meta.get("warnings", []), list)
    )


def _error_formed(body: Any) -> bool:
    error = body.get("error")
    return (
        isinstance(error, dict)
        and text(error.get("code"))
        and isinstance(error.get("message"), str)
        and isinstance(error.get("details", {}), dict)
    )


def _grant_formed(data: Any) -> bool:
    size = data["max_image_bytes"]
    named = all(text(data[name]) for name in ("blob_path", "mime", "upload_url"))
    return named and type(size) is int and size > 0


def _is_uuid(value: Any) -> bool:
    try:
        UUID(value)
    except ValueError:
        return False
    return True


def _request_ids(shown: Iterable[Shown]) -> list[Any]:
    return [one.answer["meta"].get("request_id") for one in in_json(shown)]


def _differ(values: Sequence[Any]) -> bool:
    return len(set(values)) == len(values)


FORMS: dict[str, Rule] = {
    "ACC-02": lambda e: all("json" in one.headers.get("content-type", "json") for one in accepted(e)),
    "ACC-03": lambda e: all(
        text(one.data[name]) for one in accepted(e) for name in ("chat_turn_id", "user_message_id")
    ),
    "ACC-04": lambda e: all(
        "since_cursor" in one.data and isinstance(one.data["since_cursor"], str | None) for one in accepted(e)
    ),
    "ACC-05": lambda e: all(isinstance(one.data.get("show_agent_progress_steps", True), bool) for one in accepted(e)),
    "ACC-06": lambda e: all(
        _differ([one.data[name] for one in accepted(e)])
        for name in ("chat_turn_id", "user_message_id")
        if all(name in one.data for one in accepted(e))
    ),
    "ENV-01": lambda e: all(text(one) for one in _request_ids(e)),
    "ENV-02": lambda e: _differ(_request_ids(e)) and all(_is_uuid(one) for one in _request_ids(e) if one is not None),
    "ENV-03": lambda e: all(_meta_typed(one.answer["meta"]) for one in in_json(e)),
    "UPL-01": lambda e: all(_grant_formed(one.data) for one in grants(e)),
    "UPL-04": lambda e: (
        all(one.data["mime"] == one.asked.get("content_type", one.data["mime"]) for one in grants(e))
        and _differ([one.data["blob_path"] for one in grants(e)])
    ),
    "EVT-01": lambda e: all(
        one.headers.get("content-type", "text/event-stream").startswith("text/event-stream") for one in tails(e)
    ),
    "EVT-02": lambda e: all(_ids_increase(one) for one in tails(e)),
    "EVT-03": lambda e: all(_is_chunk(chunk) for one in tails(e) for chunk in one.chunks),
    "EVT-04": lambda e: all(_in_order(one) for one in tails(e) if _whole(one) or not _resumes(one)),
    "AUTH-02": lambda e: (
        not any(
            secret in one.body for one in e for secret in [one.sent_headers.get("authorization", "\0").split(" ")[-1]]
        )
    ),
    "ERR-01": lambda e: all(_error_formed(one.answer) for one in errors(e)),
    "ERR-04": lambda e: max(statuses(e)) < 500,
    "ERR-05": lambda e: not any(re.search(r"exceptions\.|Traceback|File \"", one.body) for one in errors(e)),
    "RATE-01": lambda e: all(10**9 <= int(one.headers.get("x-ratelimit-reset", 10**9)) <= 10**11 for one in in_json(e)),
    "RATE-02": lambda e: all("retry-after" in one.headers for one in e if one.status == 429),
    "SES-03": lambda e: all(
        one.data.keys() >= SESSION_KEYS for one in successes(e) if one.path.endswith("/chat/sessions")
    ),
}


def _place(cursor: str) -> tuple[int, ...]:
    return tuple(int(half) for half in cursor.split("-"))


def _tail_is_later(e: Sequence[Shown]) -> bool:
    cursor = accepted(e)[-1].data["since_cursor"]
    return all(_place(str(one)) > _place(cursor) for one in tails(e)[-1].ids)


def _ends(tail: Shown) -> list[Any]:
    return [chunk for chunk in tail.chunks if chunk["type"] in ("finish", "abort", "error")]


def _is_over(tail: Shown) -> bool:
    ending = TurnEnding()
    for chunk in tail.chunks:
        ending.feed(parse(json.dumps(chunk)))
    return ending.state is not TurnState.RUNNING


def _rest_after_the_cut(e: Sequence[Shown]) -> bool:
    full, rest = tails(e)
    cut = full.ids.index(rest.query["since"])
    return rest.ids == full.ids[cut + 1 :] and rest.chunks == full.chunks[cut + 1 :]


def _same(e: Sequence[Shown]) -> bool:
    one, other = tails(e)
    return one.ids == other.ids and one.chunks == other.chunks


def _deltas(tail: Shown) -> set[str]:
    return {chunk["delta"] for chunk in tail.chunks if "delta" in chunk}


def _answers_before_the_end(e: Sequence[Shown]) -> bool:
    ended, answered = tails(e)[0].events[-1].at, accepted(e)[0].answered_at
    return ended is not None and answered is not None and answered < ended


def _models(e: Sequence[Shown]) -> dict[str | None, set[str]]:
    found: dict[str | None, set[str]] = {}
    for one in accepted(e):
        found.setdefault(one.asked.get("model_tier"), set()).add(one.data["model"])
    return found


def _nothing_lost_in_the_race(e: Sequence[Shown]) -> bool:
    before, after = tails(e)
    return not set(before.ids) & set(after.ids)


def _spread(e: Sequence[Shown]) -> bool:
    times = [event.at for event in tails(e)[0].events]
    return times[0] is not None and times[-1] is not None and times[-1] - times[0] > 1.0


def _client_id_refused(e: Sequence[Shown]) -> bool:
    return all(one.status == 403 if "client_id" in one.asked else one.status < 300 for one in e)


def _messages_answered(e: Sequence[Shown], *expected: int | Callable[[int], bool]) -> bool:
    posts = [one.status for one in e if one.is_post]
    return all(want(got) if callable(want) else want == got for want, got in zip(expected, posts, strict=True))


def four(status: int) -> bool:
    return 400 <= status < 500 and status != 429


def bad_request(status: int) -> bool:
    return status in (400, 422)


STORIES: dict[str, Rule] = {
    "ACC-01": lambda e: _messages_answered(e, 202),
    "ACC-07": _answers_before_the_end,
    "ACC-08": lambda e: accepted(e)[0].data["user_message_id"] in e[-1].body,
    "ATT-01": lambda e: len(e[0].asked["attachments"]) == 6 and _messages_answered(e, 202),
    "ATT-02": lambda e: len(e[0].asked["attachments"]) == 7 and _messages_answered(e, bad_request),
    "ATT-03": lambda e: sum(len(one.asked["attachments"]) for one in e) > 6 and _messages_answered(e, 202, 202),
    "ATT-04": lambda e: _messages_answered(e, four) and len({str(one) for one in e[0].asked["attachments"]}) == 1,
    "ATT-05": lambda e: e[0].asked["message"] == "" and _messages_answered(e, 202),
    "ATT-06": lambda e: e[0].asked == {"message": ""} and _messages_answered(e, four),
    "ATT-07": lambda e: _messages_answered(e, 202, four),
    "ATT-08": lambda e: grants(e)[0].data["blob_path"] in e[1].sent_body and _messages_answered(e, four),
    "ATT-09": lambda e: e[0].asked["attachments"][0]["blob_path"] in e[1].body,
    "UPL-02": lambda e: "content_type" not in e[0].asked and e[0].status in (400, 422),
    "UPL-03": lambda e: e[0].asked["content_type"] not in IMAGES and refused(e[0]),
    "UPL-05": lambda e: (
        {"x-ms-blob-type", "x-ms-blob-content-type"} == e[1].sent_headers.keys() and 200 <= e[1].status < 300
    ),
    "TIER-01": lambda e: _messages_answered(e, 202, 202, 202),
    "TIER-02": lambda e: _messages_answered(e, bad_request),
    "TIER-03": lambda e: _messages_answered(e, 202, 202),
    "TIER-04": lambda e: _models(e)[None] == _models(e)["FAST"] != _models(e)["SMART"],
    "TIER-05": lambda e: _models(e)[None] == _models(e)["FAST"] != _models(e)["SMART"],
    "CUR-01": _tail_is_later,
    "CUR-02": lambda e: tails(e)[0].ids == tails(e)[1].ids,
    "CUR-03": lambda e: tails(e)[0].query["since"] == tails(e)[1].sent_headers["last-event-id"] and _same(e),
    "CUR-04": lambda e: tails(e)[0].query == {} and _whole(tails(e)[0]),
    "CUR-05": lambda e: accepted(e)[-1].data["since_cursor"] in tails(e)[-1].ids,
    "CUR-06": lambda e: accepted(e)[-1].data["since_cursor"] is not None,
    "CUR-07": _rest_after_the_cut,
    "CUR-08": _same,
    "CUR-09": lambda e: not _deltas(tails(e)[0]) & _deltas(tails(e)[1]),
    "CUR-10": lambda e: statuses(e)[0] < 500,
    "CUR-11": _nothing_lost_in_the_race,
    "EVT-05": lambda e: _is_over(tails(e)[0]),
    "EVT-06": lambda e: len(_ends(tails(e)[0])) == 1 and tails(e)[0].chunks[-1] == _ends(tails(e)[0])[0],
    "EVT-07": _spread,
    "IDEM-01": lambda e: _messages_answered(e, 202, 409),
    "IDEM-02": lambda e: accepted(e)[0].data["user_message_id"] in e[-1].body,
    "IDEM-03": lambda e: not tails(e)[0].events,
    "IDEM-04": lambda e: _messages_answered(e, 202, 202),
    "IDEM-05": lambda e: Counter(statuses(e))[202] == 1,
    "AUTH-01": lambda e: statuses(e) == [401],
    "AUTH-03": lambda e: statuses(e) == [404, 404],
    "ERR-02": lambda e: statuses(e) == [404],
    "ERR-03": lambda e: all(bad_request(status) for status in statuses(e)),
    "SES-01": lambda e: all(
        one.status < 300 if len({"agent_id", "managed_agent_key"} & one.asked.keys()) == 1 else refused(one)
        for one in e
    ),
    "SES-02": _client_id_refused,
    "FUZZ-01": lambda e: all("data" in one.answer for one in successes(e)),
    "FUZZ-02": lambda e: _messages_answered(e, 202, 202, 202, 409),
}
