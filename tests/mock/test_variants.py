"""The registry of variants: enough of them, each its own, and combinations that are servers."""

from __future__ import annotations

import itertools
import json
from collections import Counter
from collections.abc import Callable
from dataclasses import fields, replace
from typing import Literal, get_args, get_origin, get_type_hints

import httpx
import pytest

from conformance.mock.accounts import FIRST_MOCK_KEY
from conformance.mock.assembly import behaviour_of
from conformance.mock.changes import unchanged
from conformance.mock.embedded import running
from conformance.mock.policy import Policy
from conformance.mock.settings import Settings
from conformance.mock.variants import all_variants
from conformance.mock.variants.combinations import combinations, contradict
from conformance.requirements import catalogue

VARIANTS = all_variants()
DEFAULTS = Policy()


def test_there_are_enough_of_them() -> None:
    assert len(VARIANTS) >= 45
    assert len({one.settles for one in VARIANTS.values()}) >= 40


def test_no_two_are_the_same_server() -> None:
    sentences = Counter(one.does for one in VARIANTS.values())
    assert sentences.most_common(1)[0][1] == 1
    all_policy = [one for one in VARIANTS.values() if one.attach is unchanged]
    for one, other in itertools.combinations(all_policy, 2):
        assert dict(one.policy) != dict(other.policy), (one.name, other.name)
    assert all(one.policy for one in all_policy)


def test_every_point_that_a_default_settles_has_another_answer() -> None:
    """A variant that only names the default stands beside one that does not."""

    def is_default(name: str) -> bool:
        one = VARIANTS[name]
        return one.attach is unchanged and all(getattr(DEFAULTS, field) == v for field, v in one.policy.items())

    for name in filter(is_default, VARIANTS):
        others = [one.name for one in VARIANTS.values() if one.settles == VARIANTS[name].settles]
        assert not all(map(is_default, others)), others


def test_every_value_of_the_policy_is_in_a_variant() -> None:
    types = get_type_hints(Policy)
    for field in fields(Policy):
        default = getattr(DEFAULTS, field.name)
        taken = {one.policy[field.name] for one in VARIANTS.values() if field.name in one.policy}
        choices = set(get_args(types[field.name])) if get_origin(types[field.name]) is Literal else set()
        if types[field.name] is bool:
            choices = {True, False}
        assert (choices or taken) - {default}, field.name
        assert choices - {default} <= taken, field.name


def test_what_they_hide_is_in_the_catalogue() -> None:
    for one in VARIANTS.values():
        assert set(one.hides) <= set(catalogue()), one.name


@pytest.mark.parametrize("name", VARIANTS)
def test_it_can_be_attached(name: str) -> None:
    one = VARIANTS[name]
    changed = behaviour_of(Settings(variants=(name,)))
    assert all(getattr(changed.policy, field) == value for field, value in one.policy.items())
    assert (replace(changed, policy=DEFAULTS) != behaviour_of(Settings())) == (one.attach is not unchanged)


@pytest.mark.parametrize("seed", [0, 1, 20_261])
def test_combinations_are_servers(seed: int) -> None:
    found = combinations(seed, 60)
    assert found == combinations(seed, 60)
    assert found != combinations(seed + 1, 60)
    assert len(found) == 60
    for names in found:
        assert 3 <= len(set(names)) == len(names) <= 6
        behaviour_of(Settings(variants=names))
        for one, other in itertools.combinations(names, 2):
            assert not contradict(VARIANTS[one], VARIANTS[other])


def test_combinations_meet_new_pairs() -> None:
    """While there are some: every variant soon is in one, and hardly a pair comes twice."""
    found = combinations(1, 60)
    assert {name for names in found for name in names} == set(VARIANTS)
    pairs = [frozenset(pair) for names in found for pair in itertools.combinations(names, 2)]
    assert len(set(pairs)) >= 0.98 * len(pairs)


def test_fewer_are_the_first_of_more() -> None:
    assert combinations(3, 10) == combinations(3, 30)[:10]


# --- a variant does what it says ---------------------------------------------------------------------------------------

Looks = Callable[[httpx.Client, str], bool]


def _created(client: httpx.Client) -> httpx.Response:
    return client.post("/chat/sessions", json={"agent_id": 7})


def _turn(client: httpx.Client, session: str, text: str = "A question.") -> tuple[httpx.Response, bytes]:
    """A message and the bytes of its tail, to the end of the turn."""
    sent = client.post(f"/chat/sessions/{session}/messages", json={"message": text})
    since = sent.json()["data"]["since_cursor"] or ""
    held = b""
    with client.stream("GET", f"/chat/sessions/{session}/events", params={"since": since} if since else {}) as tail:
        for part in tail.iter_bytes():
            held += part
            if b'"finish"' in held:
                break
    return sent, held


def _tail_headers(client: httpx.Client, session: str) -> httpx.Headers:
    with client.stream("GET", f"/chat/sessions/{session}/events") as tail:
        return tail.headers


SEEN: dict[str, Looks] = {
    "json-of-escapes": lambda c, _: b"\\u0064\\u0061\\u0074\\u0061" in _created(c).content.lower(),
    "json-numbers-with-fractions": lambda c, _: b'"agent_id": 7.0' in _created(c).content,
    "json-compressed": lambda c, _: _created(c).headers["content-encoding"] == "gzip",
    "json-in-chunks": lambda c, _: _created(c).headers["transfer-encoding"] == "chunked",
    "connection-closed-after-each": lambda c, _: _created(c).headers["connection"] == "close",
    "header-names-in-capitals": lambda c, _: b"X-RATELIMIT-LIMIT" in dict(_created(c).headers.raw),
    "media-types-in-capitals": lambda c, _: _created(c).headers["content-type"].startswith("Application/JSON"),
    "invalid-by-kind": lambda c, _: (
        [
            c.post("/chat/sessions", content=body, headers={"content-type": "application/json"}).status_code
            for body in (b"{", b"{}")
        ]
        == [400, 422]
    ),
    "meta-with-nulls": lambda c, _: _created(c).json()["meta"]["warnings"] is None,
    "progress-flag-true": lambda c, s: _turn(c, s)[0].json()["data"]["show_agent_progress_steps"] is True,
    "no-limit-on-streams": lambda c, s: "x-ratelimit-limit" not in _tail_headers(c, s),
    "answers-by-echo": lambda c, s: b"Say it aga" in _turn(c, s, "Say it again.")[1],
    "answers-without-text": lambda c, s: b"text-delta" not in _turn(c, s)[1],
    "parallel-parts": lambda c, s: _turn(c, s)[1].count(b'"text-start"') == 3,
    "turns-without-a-start": lambda c, s: b'"start"' not in _turn(c, s)[1],
    "lines-end-mixed": lambda c, s: all(end in _turn(c, s)[1] for end in (b"\r\r", b"\n\n", b"\r\n\r\n")),
    "odd-fields": lambda c, s: b"\nid:" in _turn(c, s)[1] and b"data: " not in _turn(c, s)[1],
    "named-by-type": lambda c, s: b"event: text-delta\n" in _turn(c, s)[1],
    "stream-compressed": lambda c, s: b'"finish"' in _turn(c, s)[1],
    "stream-in-scraps": lambda c, s: b'"finish"' in _turn(c, s)[1],
    "stream-in-lumps": lambda c, s: b'"finish"' in _turn(c, s)[1],
    "event-ids-base64": lambda c, s: b"id: ++//" in _turn(c, s)[1],
    "first-cursor-of-an-event": lambda c, s: "-" in _turn(c, s)[0].json()["data"]["since_cursor"],
    "session-id-number": lambda c, _: isinstance(_created(c).json()["data"]["id"], int),
    "tenant-meets-the-limit": lambda c, _: 429 in {_created(c).status_code for _ in range(155)},
    "replay-of-items": lambda c, s: "items" in c.get(f"/chat/sessions/{s}/messages").json()["data"],
    "duplicate-beside-the-error": lambda c, s: (
        "data"
        in [c.post(f"/chat/sessions/{s}/messages", json={"message": "x", "client_message_id": "1"}) for _ in range(2)][
            1
        ].json()
    ),
    "unknown-request-fields-refused": lambda c, s: (
        c.post(f"/chat/sessions/{s}/messages", json={"message": "x", "new": 1}).status_code == 400
    ),
    "lenient-parser": lambda c, s: (
        c.post(f"/chat/sessions/{s}/messages", content=b'{"message": "a", "message": "\\ud800"}').status_code == 202
    ),
}


@pytest.mark.parametrize("name", SEEN)
def test_it_does_what_it_says(name: str) -> None:
    with (
        running(Settings(turn_seconds=0.05, variants=(name,))) as mock,
        httpx.Client(
            base_url=f"{mock.base_url}/public-api", headers={"authorization": f"Bearer {FIRST_MOCK_KEY}"}, timeout=10
        ) as client,
    ):
        session = str(_created(client).json()["data"]["id"])
        assert SEEN[name](client, session)
        # And it still is JSON in an envelope.
        assert "data" in json.loads(_created(client).content)
