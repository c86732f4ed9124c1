"""TIER: both tiers are accepted in any order, an omitted one is FAST, and SMART lasts one turn.

The tier is in no documented field. ``tier_evidence`` has the rule by which it is seen, or not.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

from conformance.evidence import Session, Turn, session, session_journeys
from conformance.findings import Unobservable, Untested, broken, requirement
from conformance.judging.answers import unjudgeable
from conformance.judging.busy import busy_elsewhere
from conformance.judging.cursors import shown
from conformance.judging.tier_departures import departing, judges_attachments
from conformance.judging.tier_departures import in_words as in_words_of_its_own
from conformance.judging.tier_evidence import (
    Context,
    Evidence,
    Sample,
    contexts,
    find,
    in_words,
    messages_with,
    served,
    shown_by,
)
from conformance.judging.turn_reads import disturbance, read
from conformance.recording import Exchange, Recording

_KINDS = ("FAST", "SMART", None)


def _posts(recording: Recording) -> list[Exchange]:
    """The dialogue's posts, as the last attempt of each was answered."""
    return [e for e in recording.of("dialogue") if e.operation == "append-message" and e.facts.get("part") == "post"]


def _untested(recording: Recording, otherwise: str) -> Untested:
    broke = recording.broke("dialogue")
    return Untested(f"{otherwise}: the dialogue broke off at {broke.step}: {broke.reason}" if broke else otherwise)


@requirement("TIER-01")
def test_both_tiers_and_none_are_accepted(recording: Recording, turns: tuple[Turn, ...]) -> None:
    """A message with FAST, with SMART, and without a tier is answered 202."""
    unclear: list[str] = []
    for post in _posts(recording):
        # A 409 or 429 is no word on the tier: the server was busy, or asked for a pause.
        if post.status in (202, 409, 429):
            continue
        reason = unjudgeable(recording, post)
        if reason is not None:
            unclear.append(reason)
            continue
        tier = post.facts.get("tier")
        broken(post, expected=f"202 to a message {f'with model_tier {tier}' if tier else 'without model_tier'}")
    accepted = {turn.tier for turn in turns}
    missing = [kind or "omitted" for kind in _KINDS if kind not in accepted]
    if missing:
        what = f"no message was accepted, nor refused, with the tier {', '.join(missing)}"
        raise _untested(recording, "; ".join([what, *unclear]))


@requirement("TIER-03")
def test_the_tier_may_change_from_turn_to_turn(dialogue: Session, recording: Recording) -> None:
    """In one session SMART follows FAST, and FAST follows SMART."""
    posts = _posts(recording)
    ended = {turn.number for turn in dialogue.turns if any(e.terminal for e in read(recording, turn).main)}
    for before, post in pairwise(posts):
        change = (before.facts.get("tier") or "FAST") != (post.facts.get("tier") or "FAST")
        if before.status != 202 or not change or post.status in (202, 429):
            continue
        if post.status == 409 and (before.facts.get("turn") not in ended or busy_elsewhere(recording, post)):
            continue  # the turn before may still have been running, or one of another session
        if post.status != 409 and unjudgeable(recording, post) is not None:
            continue
        expected = f"202 to {post.facts.get('tier') or 'no tier'} after {before.facts.get('tier') or 'no tier'}"
        broken(post, before, expected=expected)
    accepted = [turn.tier for turn in dialogue.turns]
    up = any(one != "SMART" and two == "SMART" for one, two in pairwise(accepted))
    down = any(one == "SMART" and two != "SMART" for one, two in pairwise(accepted))
    if not (up and down):
        raise _untested(recording, "the tier was not changed to SMART and back")


@requirement("TIER-04")
def test_an_omitted_tier_is_fast(recording: Recording) -> None:
    """A turn without a tier shows what a FAST turn shows, where the tier shows at all."""
    turns, evidence = _look(recording)
    judged = 0
    for context in turns:
        if context.asked is not None:
            continue
        for path in _judging(evidence, context, turns):
            # After a SMART turn an omitted tier is TIER-05's, unless a turn between them was seen to be FAST.
            if context.smart_before and (context.previous == "SMART" or served(path, context.before[-1]) != "FAST"):
                continue
            judged += 1
            _is_fast(recording, context, path, "an omitted tier is FAST")
    if not judged and any(one.asked is None and not one.smart_before for one in turns):
        raise Unobservable("what shows the tier of other turns does not show that of turns without one")
    if not judged:
        raise _untested(recording, "no turn without a tier, away from SMART turns, was played")


@requirement("TIER-05")
def test_smart_lasts_one_turn(recording: Recording) -> None:
    """After a SMART turn, a turn that does not ask for SMART shows what a FAST turn shows, where the tier shows at all."""
    turns, evidence = _look(recording)
    judged = 0
    for context in turns:
        if context.asked == "SMART" or not context.smart_before:
            continue
        for path in _judging(evidence, context, turns):
            judged += 1
            _is_fast(recording, context, path, "SMART lasts one turn")
    if not judged and any(one.asked != "SMART" and one.smart_before for one in turns):
        raise Unobservable("what shows the tier of other turns does not show that of turns after a SMART one")
    if not judged:
        raise _untested(recording, "no turn was played after a SMART one")


@requirement("TIER-03")
def test_smart_is_served_whatever_came_before(recording: Recording) -> None:
    """A turn that asks for SMART shows what other SMART turns show, where the tier shows at all."""
    samples = list(_samples(recording))
    for path in (*find(samples), *in_words_of_its_own(samples), *departing(samples)):
        for context in contexts(samples):
            one = context.sample
            if context.asked != "SMART" or not one.plain or served(path, one) != "FAST":
                continue
            post = next(e for e in recording.exchanges if e.name == one.name)
            came = (
                f"{one.name} (model_tier SMART): {shown(path.path)} is {shown(in_words(path.fast))}, as in the FAST turns; "
                f"in other SMART turns it is {shown(in_words(path.smart))}"
            )
            broken(post, expected="a change to SMART escalates that turn", came=came)


def _judging(evidence: list[Evidence], context: Context, turns: list[Context]) -> list[Evidence]:
    """The evidence by which that turn may be judged: a third value says nothing of it."""
    telling = [one for one in evidence if context.sample.plain or judges_attachments(one, turns)]
    return [one for one in telling if served(one, context.sample) is not None]


def _is_fast(recording: Recording, context: Context, path: Evidence, expected: str) -> None:
    one = context.sample
    if served(path, one) == "FAST":
        return
    post = next(e for e in recording.exchanges if e.name == one.name)
    asked = f"model_tier {one.tier}" if one.tier else "no model_tier"
    value = in_words(one.shown.get(path.path, ()))
    came = (
        f"{one.name} ({asked}): {shown(path.path)} is {shown(value)}, as in the SMART turns; "
        f"in the FAST turns it is {shown(in_words(path.fast))}"
    )
    broken(post, expected=expected, came=came)


def _look(recording: Recording) -> tuple[list[Context], list[Evidence]]:
    """The turns and the evidence in them.

    :raises Untested: when the dialogue had too few turns to compare.
    :raises Unobservable: when this target shows the tier nowhere.
    """
    samples = list(_samples(recording))
    turns = contexts(samples)
    fast = [c for c in turns if c.asked == "FAST" and not c.smart_before and c.sample.plain]
    smart = [c for c in turns if c.asked == "SMART" and c.sample.plain]
    if len(fast) < 2 or len(smart) < 2:
        raise _untested(recording, f"{len(fast)} turns of FAST and {len(smart)} of SMART are too few to compare")
    evidence = [*find(samples), *in_words_of_its_own(samples)]
    if not evidence:
        paths = {path for one in samples for path in one.shown}
        raise Unobservable(
            f"nothing that {len(samples)} turns showed tells FAST from SMART: {len(paths)} places were compared in the 202s, "
            "their headers, the envelopes, the replayed messages and the text"
        )
    return turns, evidence


def _samples(recording: Recording) -> Iterator[Sample]:
    for journey in session_journeys(recording):
        for turn in session(recording, journey).turns:
            # A turn that nobody read, or that had another one beside it, may show what is not its own.
            if "main" in turn.tails and disturbance(recording, turn) is None:
                yield _sample(recording, turn)


def _sample(recording: Recording, turn: Turn) -> Sample:
    post = turn.post
    own = read(recording, turn).full
    ids = [post.data.get(name) for name in ("user_message_id", "chat_turn_id")]
    pages = [
        page.json
        for page in recording.of(turn.journey, "messages")
        if page.status == 200 and page.sent_at >= turn.tails["main"].ended_at
    ]
    deltas = (e.value.get("delta") for e in own if e.type == "text-delta")
    return Sample(
        name=post.name,
        session=turn.session_id,
        number=turn.number,
        at=post.sent_at,
        tier=turn.tier,
        plain=not post.facts.get("attachments"),
        shown=shown_by(
            data=post.data,
            headers=post.received.headers if post.received else (),
            chunks=[e.value for e in own],
            replayed=messages_with(pages, [one for one in ids if isinstance(one, str) and one]),
            text="".join(delta for delta in deltas if isinstance(delta, str)),
            asked=str(post.facts.get("text") or ""),
        ),
    )
