"""Give a drawn case what it cannot know: a session, an agent, a granted path, an id, a cursor that was really seen.

Shares are fixed, and each case takes the same number of chances whatever the target answered before: with one seed the
same case is dressed in the same way.
"""

from __future__ import annotations

import random
import uuid
from collections.abc import Mapping
from typing import Any, Final

from conformance.fuzz.generation import Case, How
from conformance.fuzz.known import Grant, Known

UNKNOWN_SESSIONS: Final = 0.12
"""Of the cases, how many go to a session that does not exist."""
_SEEN_CURSORS: Final = 0.6
_GRANTED_PATHS: Final = 0.7
_ATTACHED: Final = 0.25
"""Of the messages without attachments, how many get one, or six."""
_FRESH_IDS: Final = 0.5
_REPEATED: Final = 0.2
"""Of the messages to the live session, how many are an accepted one once more."""
_MOST_ATTACHED: Final = 6


def with_agent(body: Any, agent: Mapping[str, Any]) -> Any:
    """The body, with the target's own agent where it names one in one lawful way: others need not exist."""
    if not isinstance(body, dict):
        return body
    named = {key: body[key] for key in ("agent_id", "managed_agent_key") if key in body}
    lawful = len(named) == 1 and (type(named.get("agent_id")) is int or named.get("managed_agent_key") == "NEO_SUPPORT")
    if not lawful:
        return body
    return {**{key: value for key, value in body.items() if key not in named}, **agent}


def dress(operation: str, case: Case, known: Known, chance: random.Random, how: How) -> list[str]:
    """Put in what is known, and tell in words what was given. The session is given by whoever sends the case.

    Of a literal or an extreme nothing but the agent is changed: it is its text that is of interest. A boundary case differs
    from a plain one in one place, and keeps to that; only what is in it already is made real.
    """
    chances = [chance.random() for _ in range(4)]
    picks = random.Random(chance.random())
    if operation == "createSession":
        before = case.body
        case.body = with_agent(before, known.agent)
        return ["the target's agent"] if case.body is not before else []
    if how in ("literal", "extreme"):
        return []
    if operation == "tailEvents":
        return _cursors(case, known.cursors, ("since", "Last-Event-Id"), chances[0], picks)
    if operation == "listMessages":
        return _cursors(case, known.pages, ("cursor",), chances[0], picks)
    if operation == "appendMessage" and isinstance(case.body, dict):
        if known.accepted and chances[3] < _REPEATED and how == "generated":
            case.body = dict(picks.choice(known.accepted))
            return ["a repeated client_message_id"]
        adding = chances[1] if how == "generated" else 1.0
        return _attachments(case, known, chances[0], adding, picks) + _client_id(case, known, chances[2], picks)
    return []


def _cursors(case: Case, seen: list[str], names: tuple[str, ...], share: float, picks: random.Random) -> list[str]:
    """A seen one in place of some of the generated ones, which are none of this session's ids."""
    given: list[str] = []
    for container in (case.query, case.headers):
        for name in names:
            if name in container:
                replaced = bool(seen) and share < _SEEN_CURSORS
                if replaced:
                    container[name] = picks.choice(seen)
                given.append("a seen cursor" if replaced else "a made-up cursor")
    return list(dict.fromkeys(given))


def _attachments(case: Any, known: Known, share: float, adding: float, picks: random.Random) -> list[str]:
    body: dict[str, Any] = case.body
    given = body.get("attachments")
    if isinstance(given, list) and any(isinstance(one, dict) and "blob_path" in one for one in given):
        if not known.grants or share >= _GRANTED_PATHS:
            return ["a made-up blob_path"]
        case.body = {**body, "attachments": [_granted(one, known, picks) for one in given]}
        return ["a granted blob_path"]
    if given or not known.grants or adding >= _ATTACHED:
        return []
    count = picks.choice((1, 1, 2, _MOST_ATTACHED))
    chosen = _unused_first(known, picks)[:count]
    case.body = {**body, "attachments": [{"blob_path": one.blob_path, "mime": one.mime} for one in chosen]}
    return ["a granted blob_path"]


def _granted(attachment: Any, known: Known, picks: random.Random) -> Any:
    """The attachment with a granted path; whatever else is odd about it stays."""
    if not isinstance(attachment, dict) or not isinstance(attachment.get("blob_path"), str):
        return attachment
    grant = picks.choice(_unused_first(known, picks)[:_MOST_ATTACHED])
    mime = {"mime": grant.mime} if isinstance(attachment.get("mime"), str) else {}
    return {**attachment, "blob_path": grant.blob_path, **mime}


def _unused_first(known: Known, picks: random.Random) -> list[Grant]:
    shuffled = picks.sample(known.grants, len(known.grants))
    return sorted(shuffled, key=lambda grant: (not grant.uploaded, grant.blob_path in known.used))


def _client_id(case: Any, known: Known, share: float, picks: random.Random) -> list[str]:
    body: dict[str, Any] = case.body
    if not isinstance(body.get("client_message_id"), str):
        return []
    if share >= _FRESH_IDS:
        return ["a made-up client_message_id"]
    case.body = {**body, "client_message_id": fresh_id(known, picks)}
    return ["a fresh client_message_id"]


def fresh_id(known: Known, chance: random.Random) -> str:
    """Fresh on this target whatever was sent to it before, and the same for one session and seed."""
    return str(uuid.uuid5(uuid.NAMESPACE_URL, f"{known.live}/{chance.random()}"))
