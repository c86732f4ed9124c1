"""ATT: how many attachments a turn may have, which ones, and that they come back."""

from __future__ import annotations

from conformance.evidence import Envelope, Session, envelopes
from conformance.findings import Untested, broken, requirement
from conformance.judging.answers import MALFORMED, all_refused, probes, refused, unjudgeable, why_not_played
from conformance.judging.attachment_places import misplaced, mistyped
from conformance.judging.attachment_traces import not_surfaced
from conformance.judging.conflicts import may_have_been_accepted
from conformance.judging.greetings import greets
from conformance.judging.new_turns import another_turn, turns_ended
from conformance.judging.replay import replay
from conformance.judging.statuses import client_error, successful
from conformance.judging.stored import none_accepted_elsewhere, nothing_stored
from conformance.recording import Exchange, Recording

LIMIT = 6
"""Attachments that one turn may have (contract M3)."""


@requirement("ATT-01")
def test_six_attachments_are_accepted(recording: Recording) -> None:
    """All six were granted to the session and uploaded; six without a text, with FAST, and six beside one, with SMART."""
    first = _first(recording)
    later = recording.get("attachments", "turn-2/post")
    for post in (first, later):
        if post is None or post.status == 202 or _count(post) != LIMIT or unjudgeable(recording, post) is not None:
            continue
        _uploads_went_well(recording)
        broken(post, expected="202 for a message with six attachments")


@requirement("ATT-02")
def test_seven_attachments_are_refused(recording: Recording) -> None:
    """With a text and without one."""
    played = probes(recording, "ATT-02")
    if not played:
        raise why_not_played(recording, "refusals", "a message with seven attachments")
    for probe in recording.of("refusals", "refuse-"):
        # More of them than seven, or with an odd text: whatever else is said of these, none may be accepted.
        if probe.facts.get("leans_on") == "ATT-02" and successful(probe):
            broken(probe, expected="a refusal of more than six attachments")
    none_accepted_elsewhere(recording, "ATT-02", "a refusal of seven attachments in a later turn")
    all_refused(recording, played, only=MALFORMED, expected="400 or 422 for seven attachments")


@requirement("ATT-02")
def test_the_refused_seven_start_no_turn(recording: Recording, refusals: Session) -> None:
    """Their text is in no later replay, and their turn in no later stream."""
    probe = next((e for e in probes(recording, "ATT-02") if e.facts.get("marker")), None)
    if probe is None:
        raise why_not_played(recording, "refusals", "a message with seven attachments")
    shown = replay(recording, "refusals")
    if shown is not None and shown.shows(str(probe.facts["marker"])):
        broken(probe, *shown.pages, expected="a refused message is not stored", came="the replay shows its text")
    _nothing_of_the_later_seven(recording)
    _no_other_turn(recording, refusals, probe)
    if shown is None:
        raise why_not_played(recording, "refusals", "the replay after the refused message")
    if not shown.whole and not refusals.turns:
        raise Untested(f"the replay after the refused message was answered {shown.pages[-1].status}")


@requirement("ATT-03")
def test_the_limit_counts_per_turn(recording: Recording) -> None:
    """Six more in the second turn of a session that had six in its first, and one more in its third."""
    first = _first(recording)
    if first.status != 202:
        raise Untested("the first six were not accepted")
    second = _post(recording, "turn-2/post")
    if _count(first) + _count(second) <= LIMIT:
        raise Untested("the two turns have no more than six attachments in all")
    if second.status != 202:
        broken(second, first, expected="202 for six attachments in a later turn: the limit counts per turn")
    third = _refused_as_a_whole(recording)
    if third is not None:
        broken(third, second, first, expected="202 for one attachment in a third turn: the limit counts per turn")


@requirement("ATT-04")
def test_seven_references_to_one_blob_are_seven(recording: Recording) -> None:
    """The limit counts attachments, not blobs."""
    _refused(
        recording, "ATT-04", "a message with one blob seven times", "a refusal of seven attachments, be they alike"
    )
    nothing_stored(recording, "ATT-04")


@requirement("ATT-05")
def test_an_empty_message_with_an_attachment_is_accepted(recording: Recording) -> None:
    """Where the bare attachment was refused, the one with ``alt`` and ``filename`` decides."""
    post = _post(recording, "turn-3/post")
    if post.status == 202:
        return
    if _refused_as_a_whole(recording) is not None:
        raise Untested("one attachment more was refused, whatever stood beside it")
    control = recording.get("attachments", "turn-3/with-alt")
    if control is None:
        raise why_not_played(recording, "attachments", "an empty message with a complete attachment")
    reason = unjudgeable(recording, control)
    if reason is not None:
        raise Untested(reason)
    if control.status != 202:
        broken(control, post, expected="202 for an empty message with one attachment")


@requirement("ATT-05")
def test_the_text_may_be_left_out_beside_attachments(recording: Recording) -> None:
    """No field of the body is required, so an absent text is an empty one. Where it was refused, a text decides."""
    post = _post(recording, "turn-1/post")
    control = recording.get("attachments", "turn-1/with-text")
    if post.status != 202 and control is not None and control.status == 202:
        broken(post, control, expected="202 for attachments without a text")


@requirement("ATT-06")
def test_an_empty_message_without_attachments_is_refused(recording: Recording) -> None:
    """In each of its forms: no field, an empty text, an empty text and an empty list."""
    expected = "a refusal of a message with neither text nor attachment"
    none_accepted_elsewhere(recording, "ATT-06", expected)
    _refused(recording, "ATT-06", "an empty message", expected)


@requirement("ATT-07")
def test_an_attachment_without_path_or_type_is_refused(recording: Recording) -> None:
    """Each of the two alone."""
    _refused(
        recording, "ATT-07", "an incomplete attachment", "a refusal of an attachment without `blob_path` or `mime`"
    )
    nothing_stored(recording, "ATT-07")


@requirement("ATT-07")
def test_alt_and_filename_may_be_left_out(recording: Recording) -> None:
    """Where the empty message with the bare attachment was refused, the one with a text decides."""
    post = _post(recording, "turn-3/post")
    if post.status == 202:
        return
    if _refused_as_a_whole(recording) is not None:
        raise Untested("one attachment more was refused, whatever stood beside it")
    control = recording.get("attachments", "turn-3/with-text")
    if control is None:
        raise why_not_played(recording, "attachments", "a text with a bare attachment")
    reason = unjudgeable(recording, control)
    if reason is not None:
        raise Untested(reason)
    if control.status != 202:
        broken(control, post, expected="202 for an attachment without `alt` and `filename`")
    complete = recording.get("attachments", "turn-3/with-alt")
    if complete is not None and complete.status == 202:
        broken(post, complete, expected="202 for an attachment without `alt` and `filename`, also beside an empty text")


@requirement("ATT-08")
def test_only_what_was_granted_to_the_session_is_attached(recording: Recording) -> None:
    """Neither a path that no grant named, nor one of another session."""
    expected = "a refusal of a path that this session was not granted"
    none_accepted_elsewhere(recording, "ATT-08", expected)
    _refused(recording, "ATT-08", "a path that was not granted", expected)
    nothing_stored(recording, "ATT-08")


@requirement("ATT-09")
def test_attachments_come_back_in_the_replay(recording: Recording) -> None:
    """In whatever form: by path, by a URL with the path in it, by name, or at least by number and type."""
    posts = [e for e in recording.of("attachments", "turn-") if e.operation == "append-message" and e.status == 202]
    sent = [one for post in posts for one in _attachments(post)]
    if not sent:
        raise why_not_played(recording, "attachments", "a message with attachments")
    shown = replay(recording, "attachments")
    if shown is None:
        raise why_not_played(recording, "attachments", "the replay")
    last = shown.pages[-1]
    reason = unjudgeable(recording, last)
    if reason is not None:
        raise Untested(reason)
    if last.status != 200:
        broken(last, expected="200 and the messages with their attachments")
    missing = not_surfaced(sent, shown)
    if missing is None:
        wrong = mistyped(sent, shown) or misplaced(_by_message(posts), shown)
        if wrong is not None:
            broken(shown.pages[0], *posts, expected="the replay shows each message's own attachments", came=wrong)
        return
    if not shown.whole:
        raise Untested(f"{missing}, and not all pages of the replay were read")
    broken(shown.pages[0], *posts, expected="the replay shows the attachments of accepted messages", came=missing)


def _post(recording: Recording, step: str) -> Exchange:
    post = recording.get("attachments", step)
    if post is None:
        raise why_not_played(recording, "attachments", step)
    reason = unjudgeable(recording, post)
    if reason is not None:
        raise Untested(reason)
    return post


def _first(recording: Recording) -> Exchange:
    """The first six: without a text or, where that was refused, with one."""
    post = _post(recording, "turn-1/post")
    control = recording.get("attachments", "turn-1/with-text")
    return control if post.status != 202 and control is not None else post


def _refused_as_a_whole(recording: Recording) -> Exchange | None:
    """The third message in its most complete form, with a text, where even that was refused."""
    control = recording.get("attachments", "turn-3/with-both")
    if control is None or unjudgeable(recording, control) is not None:
        return None
    return control if client_error(control) else None


def _nothing_of_the_later_seven(recording: Recording) -> None:
    shown = replay(recording, "attachments")
    for name in ("refuse-first-seven", "refuse-later-seven"):
        probe = recording.get("attachments", name)
        text = probe.facts.get("text") if probe is not None else None
        if probe is None or shown is None or not isinstance(text, str) or not text or not client_error(probe):
            continue
        if shown.shows(text):
            broken(probe, *shown.pages, expected="a refused message is not stored", came="the replay shows its text")


def _by_message(posts: list[Exchange]) -> list[tuple[str, list[dict[str, object]]]]:
    """The attachments of each message, by the message's id."""
    found = ((post.data.get("user_message_id"), _attachments(post)) for post in posts)
    return [(message_id, sent) for message_id, sent in found if isinstance(message_id, str) and message_id]


def _uploads_went_well(recording: Recording) -> None:
    """A blob that was not uploaded may be the reason of a refusal: then the limit is not what was tested."""
    puts = list(recording.of("attachments", "put-"))
    failed = next((e for e in puts if not successful(e)), None)
    if failed is not None or not puts:
        what = f"{failed.name} was answered {failed.status or 'not at all'}" if failed else "nothing was uploaded"
        raise Untested(f"the attachments were not uploaded: {what}")


def _refused(recording: Recording, rule: str, what: str, expected: str) -> None:
    played = probes(recording, rule)
    if not played:
        raise why_not_played(recording, "refusals", what)
    reasons = [refused(recording, probe, only=None, expected=expected) for probe in played]
    for reason in reasons:
        if reason is not None:
            raise Untested(reason)


def _attachments(post: Exchange) -> list[dict[str, object]]:
    sent = post.facts.get("sent_attachments")
    return [one for one in sent if isinstance(one, dict)] if isinstance(sent, list) else []


def _count(post: Exchange) -> int:
    count = post.facts.get("attachments")
    return count if isinstance(count, int) else 0


def _no_other_turn(recording: Recording, refusals: Session, probe: Exchange) -> None:
    """What the stream shows before, or beside, the one turn that was accepted.

    Nothing can be told where another probe was accepted, too: its turn is in the stream by right.
    """
    accepted = [e for e in recording.of("refusals") if e.operation == "append-message" and e.status == 202]
    if may_have_been_accepted(recording, "refusals", "turn-"):
        return  # it was sent twice, as nothing answered the first time
    if greets(recording):
        return  # the stream of a new session holds a turn that nobody asked for
    for quiet in recording.of("refusals", "quiet"):
        strange = _content(envelopes(quiet.frames))
        if any(post.answered_at <= quiet.sent_at for post in accepted):
            late = another_turn(strange)
            strange = [late] if late is not None else []
        if len(accepted) - len(refusals.turns) == 0 and strange:
            broken(
                probe,
                quiet,
                expected="no turn starts",
                came=f"the stream shows {strange[0]} before any accepted message",
            )
    if len(accepted) != 1 or len(refusals.turns) != 1:
        return
    turn = refusals.turns[0]
    for kind in ("main", "none"):
        tail = turn.tail(kind)
        if turns_ended(tail) > 1:
            broken(probe, turn.tails[kind], expected="one turn", came="the stream shows the endings of two turns")
    if turn.cursor is None:
        return
    # From the beginning, and from the cursor: what only the first shows was there before the first accepted message.
    whole = turn.tail("none")
    first = next((i for i, e in enumerate(whole) if e.id in turn.ids), 0)
    earlier = [e for e in whole[:first] if e.id]
    same_ids = any(e.id in turn.ids for e in whole)  # else ids are no names of events here, and prove nothing
    if turn.ended and same_ids and any(e.terminal for e in earlier):
        broken(
            probe,
            turn.tails["none"],
            expected="no turn starts",
            came=f"the stream shows {earlier[0]} before the first accepted message",
        )


def _content(shown: tuple[Envelope, ...]) -> list[Envelope]:
    return [e for e in shown if e.type and not e.type.startswith("data-")]
