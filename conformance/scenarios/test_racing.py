"""CUR-11: posts at the same moment on one session. (IDEM-05, of those with one id, is in test_duplicate_races.)"""

from __future__ import annotations

from collections.abc import Sequence

from conformance.evidence import Envelope, envelopes
from conformance.findings import Unobservable, Untested, broken, expect, requirement
from conformance.judging.cursors import READ_OUT, Places, is_data_part, is_fleeting, lasting, listed, shown
from conformance.judging.rivals import rival_numbers
from conformance.judging.statuses import may_have_started_a_turn
from conformance.judging.tails import followed
from conformance.judging.turn_reads import held_before
from conformance.recording import Exchange, Recording

JOURNEY = "racing"


def _rivals(recording: Recording) -> list[tuple[int, Exchange, Exchange | None]]:
    """The accepted rivals: number, the post that was accepted, its tail from its own cursor."""
    found = []
    for number in rival_numbers(recording):
        posts = [recording.get(JOURNEY, f"rival-{number}"), recording.get(JOURNEY, f"rival-{number}/again")]
        post = next((p for p in posts if p is not None and p.status == 202), None)
        if post is not None:
            found.append((number, post, followed(recording, JOURNEY, f"rival-{number}/tail")))
    return found


def _untested(recording: Recording, otherwise: str) -> Untested:
    broke = recording.broke(JOURNEY)
    return Untested(f"{otherwise}: {broke.step}: {broke.reason}" if broke else otherwise)


def _reason_to_doubt(recording: Recording) -> str | None:
    """Why the stream may hold turns that no rival started: then nothing can be counted."""
    same_id = [e for e in recording.of(JOURNEY, "same-") if may_have_started_a_turn(e)]
    if len(same_id) > 1:
        return f"{len(same_id)} of the posts with one client_message_id were accepted, or may have been"
    lost = [e for e in recording.of(JOURNEY, "rival-") if e.operation == "append-message" and not _clear(e)]
    return f"{lost[0].name} was answered {lost[0].status or 'by nothing'}" if lost else None


def _clear(post: Exchange) -> bool:
    return post.status == 202 or 300 <= post.status < 500


@requirement("CUR-11")
def test_cursors_of_racing_posts_exclude_what_the_client_held(recording: Recording) -> None:
    """A rival's own tail has nothing that the client had received before it sent that post."""
    judged = 0
    rivals = _rivals(recording)
    for number, post, tail in rivals:
        if tail is None or not isinstance(post.data.get("since_cursor"), str):
            continue
        held = Places(held_before(recording, post))
        for envelope in envelopes(tail.frames):
            again = envelope.id is not None and not is_fleeting(envelope) and envelope in held
            came = f"rival {number}: {shown(envelope)} came, which the client had received before it posted"
            if again:
                broken(tail, post, expected="the tail from its cursor excludes what was there before", came=came)
        judged += tail.status == 200 and held.any
    if not rivals:
        raise _untested(recording, "no rival was accepted")
    if not judged:
        raise Unobservable("no accepted rival had a cursor and a tail from it")


@requirement("CUR-11")
def test_cursors_of_racing_posts_include_what_came_later(recording: Recording) -> None:
    """Each rival's own tail reaches an end; together, and without a gap, they have all that followed the first turn."""
    accepted = _rivals(recording)
    rivals = [(number, post, tail) for number, post, tail in accepted if tail is not None]
    if not rivals:
        raise _untested(recording, "no accepted rival was tailed")
    whole = followed(recording, JOURNEY, "whole")
    seen = lasting(envelopes(whole.frames)) if whole else ()
    judged = 0
    for number, post, tail in rivals:
        if tail.status != 200 or tail.ending not in READ_OUT:
            continue
        got = envelopes(tail.frames)
        terminal = any(e.terminal for e in got)
        expected = "the tail from a rival's own cursor has its turn to the end"
        came = f"rival {number}: {listed(got) if got else 'nothing'} came, and no terminal envelope ({tail.ending})"
        # Where no tail of this session ever saw the end of a rival's turn, that is not the cursor's fault.
        if not terminal and any(e.terminal for e in seen):
            broken(tail, post, expected=expected, came=came)
        judged += terminal
    if whole is not None:
        _shown_while_it_was_open(whole, seen, rivals)
    doubt = _reason_to_doubt(recording)
    # What no tail shows of a rival may lie in the one that was not read.
    if doubt is None and len(rivals) == len(accepted) and whole is not None and whole.status == 200 and seen:
        _nothing_between_is_lost(rivals, whole, seen)
    if not judged:
        raise Unobservable("no tail of a rival was read out")
    _really_raced(recording, rivals)


def _shown_while_it_was_open(
    whole: Exchange, seen: Sequence[Envelope], rivals: Sequence[tuple[int, Exchange, Exchange]]
) -> None:
    """A tail belongs to the session (E5): one that was open before the posts, and stays open, shows their turns."""
    stayed = whole.status == 200 and whole.ending in ("silence", "time-limit")
    if seen or not stayed or any(post.sent_at < whole.answered_at for _, post, _ in rivals):
        return
    for number, _, tail in rivals:
        ends = [e for e in envelopes(tail.frames) if e.terminal]
        came = f"nothing came on a tail that was open before the posts ({whole.ending}); rival {number}'s own had {listed(ends)}"
        expect(not ends, whole, expected="the turns of the session come on each of its tails", came=came)


def _nothing_between_is_lost(
    rivals: Sequence[tuple[int, Exchange, Exchange]], whole: Exchange, seen: Sequence[Envelope]
) -> None:
    """All that follows the first turn belongs to one of the rivals, and so lies behind the cursor of that one."""
    posts = {number for number, _, _ in rivals}
    starts: list[int] = []
    for number, post, tail in rivals:
        if tail.status != 200 or tail.ending not in READ_OUT:
            return
        tail_read = lasting(envelopes(tail.frames))
        got = Places(tail_read)
        places = [i for i, e in enumerate(seen) if e in got]
        if not places:
            starts.append(len(seen))
            continue
        starts.append(places[0])
        covered = set(places)
        # Read to the end of `whole`, the tail has no gap behind its own cursor: whatever it skips is lost.
        gap = [seen[i] for i in range(places[0], len(seen)) if i not in covered]
        # Closed behind an end (E6), and the data parts that may follow it, the tail was over, whoever posts later.
        said = [e for e in tail_read if not is_data_part(e)]
        over = tail.ending == "terminal" or (tail.ending in ("closed", "complete") and bool(said) and said[-1].terminal)
        if gap and (places[-1] == len(seen) - 1 or seen.index(gap[0]) < places[-1] or not over):
            came = f"rival {number}: it lacks {listed(gap)}, which came behind {shown(seen[places[0]])}"
            broken(tail, post, whole, expected="the tail has all that follows its cursor", came=came)
    head = [e for e in seen[: min(starts)] if not is_fleeting(e) and not e.type.startswith("data-")]
    # What is left of the first turn may come before the rivals': everything up to a terminal envelope before a start.
    first = next((i for i, e in enumerate(head) if e.type == "start"), None)
    began = head[first:] if first is not None else ([] if any(e.type == "start" for e in seen) else head)
    if began and len(posts) == len(starts):
        came = f"no rival's tail has {listed(began)}, which followed the first turn"
        tail = rivals[0][2]
        broken(tail, whole, expected="what follows the first turn is in one of the rivals' tails", came=came)


def _really_raced(recording: Recording, rivals: Sequence[tuple[int, Exchange, Exchange]]) -> None:
    at_once = [recording.get(JOURNEY, f"rival-{number}") for number, _, _ in rivals]
    if sum(post is not None and post.status == 202 for post in at_once) < 2:
        raise Unobservable("the server took one post at a time: no two accepted ones raced")
