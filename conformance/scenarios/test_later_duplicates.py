"""IDEM-01 to IDEM-03 of a message with attachments, and of one that lies turns back."""

from __future__ import annotations

from conformance.findings import Untested, broken, requirement
from conformance.judging.answers import unjudgeable, why_not_played
from conformance.judging.busy import busy_elsewhere
from conformance.judging.conflicts import names_message, refuses_while_busy
from conformance.judging.replay import Place, Replay, replay
from conformance.recording import Exchange, Recording


@requirement("IDEM-01")
def test_a_duplicate_of_a_message_with_attachments_gets_409(recording: Recording) -> None:
    """Neither attachments nor the tier make a repeated client_message_id a new one."""
    original, duplicate = _repeated(recording, "attachments", "duplicate-1")
    if original is None or duplicate is None:
        raise why_not_played(recording, "attachments", "a duplicate of a message with attachments")
    _is_conflict(recording, duplicate, original)


@requirement("IDEM-01")
def test_a_duplicate_two_turns_later_gets_409(recording: Recording) -> None:
    """For how many turns an id is known is not limited."""
    for journey in ("attachments", "racing"):
        original, duplicate = _repeated(recording, journey, "duplicate-late")
        if original is not None and duplicate is not None:
            _is_conflict(recording, duplicate, original)


@requirement("IDEM-02")
def test_the_conflict_two_turns_later_names_the_original(recording: Recording) -> None:
    """Where the server was never seen to refuse a message as busy: else the 409 may say only that."""
    if refuses_while_busy(recording):
        return
    for journey, step in (
        ("attachments", "duplicate-1"),
        ("attachments", "duplicate-late"),
        ("racing", "duplicate-late"),
    ):
        original, duplicate = _repeated(recording, journey, step)
        message_id = original.data.get("user_message_id") if original is not None else None
        if original is None or duplicate is None or duplicate.status != 409 or not isinstance(message_id, str):
            continue
        if message_id and not names_message(duplicate, message_id) and busy_elsewhere(recording, duplicate) is None:
            broken(duplicate, original, expected=f"a 409 with the original message id {message_id} in it")


@requirement("IDEM-03")
def test_a_duplicate_with_attachments_is_not_stored(recording: Recording) -> None:
    """The attachments that were sent twice are not shown more often than the others."""
    original, duplicate = _repeated(recording, "attachments", "duplicate-1")
    shown = replay(recording, "attachments")
    later = [p for p in (recording.get("attachments", f"turn-{n}/post") for n in (2, 3)) if p is not None]
    if original is None or duplicate is None or shown is None or not shown.whole or len(later) < 2:
        return
    if duplicate.status != 409 or any(post.status != 202 for post in later):
        return
    often, once = _copies(shown, original), [_copies(shown, post) for post in later]
    for place in often:
        others = {counts.get(place, 0) for counts in once}
        # Where messages repeat what came before them, the second turn's would stand there more often than the third's.
        if len(others) == 1 and 0 < (least := others.pop()) < often[place]:
            came = f"the replay shows its attachments {often[place]} times, those of other messages {least} times"
            broken(duplicate, original, shown.pages[0], expected="a duplicate is not stored", came=came)


def _repeated(recording: Recording, journey: str, step: str) -> tuple[Exchange | None, Exchange | None]:
    """The duplicate of that name and the message that it repeats, where that was accepted."""
    duplicate = recording.get(journey, step)
    sent = duplicate.facts.get("client_message_id") if duplicate is not None else None
    posts = (e for e in recording.of(journey) if e.facts.get("part") == "post" and e.status == 202)
    original = next((e for e in posts if sent is not None and e.facts.get("client_message_id") == sent), None)
    return original, duplicate


def _is_conflict(recording: Recording, duplicate: Exchange, original: Exchange) -> None:
    reason = unjudgeable(recording, duplicate) if duplicate.status != 409 else None
    if reason is not None:
        raise Untested(reason)
    if duplicate.status != 409:
        broken(duplicate, original, expected="409 for a client_message_id that was accepted before")


def _copies(shown: Replay, post: Exchange) -> dict[Place, int]:
    """How often the paths of a post's attachments stand at each kind of place, the least often of them."""
    sent = post.facts.get("sent_attachments")
    listed = [one.get("blob_path") for one in sent if isinstance(one, dict)] if isinstance(sent, list) else []
    counts = [shown.places(path) for path in listed if isinstance(path, str) and path]
    return {place: min(one[place] for one in counts) for place in (counts[0] if counts else ())}
