"""ACC: what a 202 is, what it carries, and when it comes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from statistics import median
from typing import Any

from conformance.evidence import SESSION_JOURNEYS, Turn, envelopes, session, session_journeys
from conformance.findings import Unobservable, Untested, broken, expect, requirement
from conformance.judging.answers import is_interim, unjudgeable
from conformance.judging.cursors import shown, stream_id
from conformance.judging.json_leaves import scalars
from conformance.judging.named_messages import named_otherwise
from conformance.judging.statuses import client_error
from conformance.judging.turn_reads import disturbance, held_before, read
from conformance.recording import Exchange, Recording


def accepted_posts(recording: Recording) -> list[Exchange]:
    """Every 202 to a message, whoever sent it and for what."""
    return [e for e in recording.exchanges if e.operation == "append-message" and e.status == 202]


def _untested(recording: Recording, otherwise: str, journeys: Iterable[str] = SESSION_JOURNEYS) -> Untested:
    breaks = [b for b in (recording.broke(journey) for journey in journeys) if b is not None]
    return Untested("; ".join([otherwise, *(f"{b.journey} broke off at {b.step}: {b.reason}" for b in breaks)]))


@requirement("ACC-01")
def test_a_valid_message_is_answered_202(recording: Recording) -> None:
    """A plain message to one's own session is accepted, at once or when the server is no longer busy."""
    judged, unclear = 0, []
    for post in _plain_posts(recording):
        expected = "202: the message keeps all limits"
        if post.status == 202:
            judged += 1
        elif post.status in (401, 429) and (why := unjudgeable(recording, post)) is not None:
            unclear.append(why)
        elif post.status == 409:
            doubt = _still_busy(recording, post)
            if doubt is None:
                broken(post, expected=expected, came=f"{post.name}: 409, although no turn of the session was running")
            unclear.append(f"{post.name}: {doubt}")
        else:
            broken(post, expected=expected)
    if not judged:
        raise _untested(recording, "; ".join(["no plain message was accepted", *unclear]))


def _plain_posts(recording: Recording) -> Iterator[Exchange]:
    """Posts of an ordinary text: what is unusual about a message is judged by the rule that it is unusual for."""
    for post in recording.exchanges:
        if post.operation != "append-message" or post.credential != "own" or is_interim(post):
            continue
        rival = post.journey == "racing" and post.facts.get("rival") == "fresh" and not post.facts.get("busy")
        if post.facts.get("part") != "post" and not rival:
            continue
        if post.facts.get("attachments") or post.facts.get("unusual") or post.journey == "attachments":
            continue
        yield post


def _still_busy(recording: Recording, post: Exchange) -> str | None:
    """Why a 409 may have been lawful; None where every earlier turn of the session had visibly ended."""
    here = post.facts.get("session")
    for other in recording.of(post.journey):
        if other.operation != "append-message" or other.facts.get("session") != here or other.sent_at >= post.sent_at:
            continue
        if other.facts.get("busy"):
            continue
        known = other.facts.get("part") == "post" and other.status == 202
        if not known and not client_error(other):
            return f"{other.step} may have started a turn that was not read to its end"
    for turn in session(recording, post.journey).turns:
        if turn.post.sent_at < post.sent_at and not any(e.terminal for e in read(recording, turn).main):
            return f"the end of turn {turn.number} was not seen"
    return _busy_elsewhere(recording, post)


def _busy_elsewhere(recording: Recording, post: Exchange) -> str | None:
    """A turn of another session that ran as the post was answered: whether a server is busy for a whole key is open."""
    for journey in session_journeys(recording):
        for turn in session(recording, journey).turns if journey != post.journey else ():
            end = next((e.at for e in reversed(read(recording, turn).main) if e.terminal), None)
            if turn.post.sent_at <= post.answered_at and (end is None or end >= post.sent_at):
                return f"{turn} was running, and the key may be busy as a whole"
    return None


@requirement("ACC-02")
def test_the_202_is_json_of_data_and_meta(recording: Recording) -> None:
    """The accepted message is answered by JSON with the objects `data` and `meta`."""
    for post in _some(recording):
        received = post.received
        content_type = shown(received.header("content-type") or "none") if received else "none"
        came = f"{post.name}: the content type is {content_type}"
        expect(received is not None and received.is_json, post, expected="a JSON content type", came=came)
        body = post.json
        expect(isinstance(body, dict), post, expected="a JSON object")
        for name in ("data", "meta"):
            kept = isinstance(body, dict) and isinstance(body.get(name), dict)
            expect(kept, post, expected=f"a body with the object `{name}`")


@requirement("ACC-03")
def test_the_202_names_turn_and_message(recording: Recording) -> None:
    """`chat_turn_id` and `user_message_id` are strings that are not empty."""
    for post in _some(recording):
        for name in ("chat_turn_id", "user_message_id"):
            value = post.data.get(name)
            came = f"{post.name}: {name} is {_what(post.data, name)}"
            expect(isinstance(value, str) and value != "", post, expected=f"`{name}`, a non-empty string", came=came)


@requirement("ACC-04")
def test_the_202_carries_a_cursor(recording: Recording) -> None:
    """`since_cursor` is there, a string or null."""
    for post in _some(recording):
        kept = "since_cursor" in post.data and isinstance(post.data["since_cursor"], str | None)
        came = f"{post.name}: since_cursor is {_what(post.data, 'since_cursor')}"
        expect(kept, post, expected="`since_cursor`, a string or null", came=came)


@requirement("ACC-05")
def test_the_progress_flag_is_a_boolean(recording: Recording) -> None:
    """`show_agent_progress_steps`, where it is given, is true or false."""
    for post in _some(recording):
        if "show_agent_progress_steps" in post.data:
            kept = isinstance(post.data["show_agent_progress_steps"], bool)
            came = f"{post.name}: show_agent_progress_steps is {_what(post.data, 'show_agent_progress_steps')}"
            expect(kept, post, expected="`show_agent_progress_steps`, a boolean, or none", came=came)


def _some(recording: Recording) -> list[Exchange]:
    posts = accepted_posts(recording)
    if not posts:
        raise _untested(recording, "no message was accepted")
    return posts


def _what(data: Mapping[str, Any], name: str) -> str:
    """A field in words, for a message."""
    if name not in data:
        return "missing"
    value = data[name]
    if value is None:
        return "null"
    return "an empty string" if value == "" else f"{shown(str(value)[:200])} ({type(value).__name__})"


@requirement("ACC-06")
def test_every_turn_has_ids_of_its_own(recording: Recording) -> None:
    """No two accepted messages share a `chat_turn_id`, and no two of a session a `user_message_id`."""
    posts = list(_without_duplicates(accepted_posts(recording)))
    for name in ("chat_turn_id", "user_message_id"):
        owner: dict[tuple[object, str], Exchange] = {}
        for post in posts:
            value = post.data.get(name)
            # A server may count the messages of each session; the id of a workflow is one in all of them.
            scope = post.facts.get("session") if name == "user_message_id" else None
            if isinstance(value, str):
                first = owner.setdefault((scope, value), post)
                came = f"{first.name} and {post.name} share the {name} {shown(value)}"
                if first is not post:
                    broken(post, first, expected=f"every accepted message has a `{name}` of its own", came=came)
    if len(posts) < 2:
        raise _untested(recording, "no two messages were accepted")


def _without_duplicates(posts: Iterable[Exchange]) -> Iterator[Exchange]:
    """A duplicate that was accepted is IDEM's finding; that it got the ids of the original is no second one."""
    seen: set[tuple[object, str]] = set()
    for post in posts:
        key = post.facts.get("client_message_id")
        if isinstance(key, str):
            if (post.facts.get("session"), key) in seen:
                continue
            seen.add((post.facts.get("session"), key))
        yield post


# --- the 202 does not wait for the turn -------------------------------------------------------------------------------

_CLEARLY = 0.15
"""Seconds by which one thing must come before another to be proof by itself."""
_ABOUT = 0.03
"""Seconds that the way to the client may take longer for one answer than for another."""
_AFTER = 0.05


@requirement("ACC-07")
def test_the_202_comes_before_the_turn_has_ended(recording: Recording, turns: tuple[Turn, ...]) -> None:
    """The answer to a post does not wait for the turn that it starts.

    Where the ids hold milliseconds the end of a turn is known on the client's clock (see `_clock`). A server that waits
    answers as soon as the turn is over: then the 202 comes at the turn's end in every turn of some kind.
    """
    seen_live = _racing_ends(recording)
    ahead, tried = seen_live, len(accepted_posts(recording))
    clock, usual = _clock(recording), _usual_time(recording)
    waited: dict[str, list[tuple[bool, Turn]]] = {}
    for turn in turns:
        own = read(recording, turn).main
        if len(own) < 2 or disturbance(recording, turn):
            continue
        main = turn.tails["main"]
        live = own[-1].terminal and own[-1].at - max(main.answered_at, own[0].at) >= _AFTER
        first, last = stream_id(own[0].id), stream_id(own[-1].id)
        if clock is not None and first and last and last[0] - first[0] >= _CLEARLY * 1000:
            over = last[0] / 1000 + clock
            took = turn.post.answered_at - turn.post.sent_at
            late = turn.post.answered_at >= over - _ABOUT and took >= usual + _CLEARLY
            ahead += live and not late
        elif live:
            late = False
            ahead += 1  # the end came while the tail was open, and so after the 202
        else:
            continue
        for kind in _kinds(turn):
            waited.setdefault(kind, []).append((late, turn))
    for kind, group in waited.items():
        if len(group) > 1 and all(late for late, _ in group):
            turn = group[0][1]
            took = turn.post.answered_at - turn.post.sent_at
            came = f"{turn}: the 202 took {took:.2f} s and came when the turn was over (so did all turns {kind})"
            broken(turn.post, turn.tails["main"], expected="the 202 does not wait for the turn", came=came)
    if not tried:
        raise _untested(recording, "no message was accepted")
    if not ahead:
        raise Unobservable("no turn ran long enough to tell whether its 202 came before its end")


def _racing_ends(recording: Recording) -> int:
    """Judge the posts that a tail was open for before they were sent; how many ended clearly after their 202."""
    whole = recording.get("racing", "whole")
    rivals = [e for e in recording.of("racing", "rival-") if e.operation == "append-message" and e.status == 202]
    if whole is None or not rivals or whole.answered_at > min(p.sent_at for p in rivals):
        return 0
    usual = _usual_time(recording)
    held = {e.id for e in held_before(recording, rivals[0])}
    ends = [e for e in envelopes(whole.frames) if e.type in ("finish", "abort") and e.id not in held]
    answers = sorted(rivals, key=lambda post: post.answered_at)
    if len(ends) != len(answers):
        return 0
    for end, post in zip(ends, answers, strict=True):
        # Of the first n ends at least one belongs to a post that was answered no earlier than the n-th answer.
        late = end.at + _CLEARLY <= post.answered_at and post.answered_at - post.sent_at >= usual + _CLEARLY
        came = f"{post.name}: the 202 came {post.answered_at - end.at:.2f} s after {shown(end)}"
        if late:
            broken(post, whole, expected="the 202 comes before the turn has ended", came=came)
    return sum(end.at >= answers[-1].answered_at + _AFTER for end in ends)


def _usual_time(recording: Recording) -> float:
    """Seconds that a post takes which starts no turn: a server, or the way to it, may be slower than a short turn."""
    times = [
        e.answered_at - e.sent_at
        for e in recording.exchanges
        if e.sent.method == "POST" and e.credential == "own" and e.received is not None and e.status != 202
    ]
    return median(times) if times else 0.0


def _clock(recording: Recording) -> float | None:
    """What to add to the seconds of an id to have the client's time at which that envelope was written, at the latest.

    No envelope arrives before it is written, so the quickest of all says it best; None where ids are no clock.
    """
    found: list[float] = []
    for exchange in recording.exchanges:
        if exchange.operation != "tail-events" or (exchange.facts.get("kind") != "main" and exchange.step != "whole"):
            continue
        for envelope in envelopes(exchange.frames):
            number = stream_id(envelope.id)
            if number is None or abs(recording.epoch + envelope.at - number[0] / 1000) > 86_400:
                continue
            found.append(envelope.at - number[0] / 1000)
    return min(found, default=None)


def _kinds(turn: Turn) -> Iterator[str]:
    yield "of the run"
    yield f"of the tier {turn.tier or 'omitted'}"
    if turn.post.facts.get("attachments"):
        yield "with attachments"
    if isinstance(turn.post.facts.get("client_message_id"), str):
        yield "with a client_message_id"
    yield "that are a session's first" if turn.number == 1 else "that are later ones"


# --- the message in the replay ----------------------------------------------------------------------------------------


@requirement("ACC-08")
def test_the_message_id_is_found_in_the_replay(recording: Recording, turns: tuple[Turn, ...]) -> None:
    """The `user_message_id` of a 202 stands somewhere in the replayed messages of its session."""
    judged, tried = 0, 0
    for turn in turns:
        wanted = turn.post.data.get("user_message_id")
        pages = [p for p in _pages(recording, turn) if p.status == 200]
        if not isinstance(wanted, str) or not wanted:
            continue
        tried += 1
        if not pages:
            continue
        if any(wanted in scalars(page.json) for page in pages):
            judged += 1
            text = str(turn.post.facts.get("text") or "")
            wrong = named_otherwise([p.json for p in pages], wanted, str(turn.post.data.get("chat_turn_id")), text)
            if wrong is not None:
                broken(turn.post, pages[0], expected="the user_message_id names the message", came=f"{turn}: {wrong}")
        elif not any(_has_more(page) for page in _last_of_each(pages)):
            came = f"{turn}: {shown(wanted)} is nowhere in {', '.join(p.step for p in pages[:4])}"
            broken(pages[0], turn.post, expected="the replay has the message under its user_message_id", came=came)
    if not judged and tried:
        raise Untested("the messages were not replayed, or not to their last page")
    if not judged:
        raise _untested(recording, "no message was accepted")


def _pages(recording: Recording, turn: Turn) -> Iterator[Exchange]:
    """The replays of that session from after the post."""
    here = turn.post.facts.get("session")
    for page in recording.of(turn.journey, "messages"):
        if page.facts.get("session") == here and page.sent_at >= turn.post.answered_at and "limited" not in page.facts:
            yield page


def _last_of_each(pages: Sequence[Exchange]) -> list[Exchange]:
    """The last page of each replay, by the step that its first page has."""
    last = {page.step.partition("/")[0]: page for page in pages}
    return list(last.values())


def _has_more(page: Exchange) -> bool:
    meta = page.json.get("meta") if isinstance(page.json, dict) else None
    pagination = meta.get("pagination") if isinstance(meta, dict) else None
    return (
        isinstance(pagination, dict)
        and pagination.get("has_more") is not False
        and (pagination.get("has_more") is True or bool(pagination.get("next_cursor")))
    )
