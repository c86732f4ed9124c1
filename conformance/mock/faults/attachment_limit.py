"""How many attachments a turn may have (ATT-01 to ATT-04)."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

from redis.asyncio import Redis

from conformance.mock.answers import ApiError
from conformance.mock.behaviour import Behaviour, Json
from conformance.mock.faults.registry import fault
from conformance.mock.messages import MAX_ATTACHMENTS, Rules, Submission
from conformance.mock.policy import Policy
from conformance.mock.wrapping import store_alone, with_accepted, with_rules

_NO_LIMIT = 1_000


@fault("ATT-01", mistake="len(attachments) < 6, where it has to be <=")
def five_attachments_at_most(server: Behaviour) -> Behaviour:
    """Six attachments are one too many."""
    return with_rules(server, lambda _session, _given: Rules(max_attachments=5))


@fault("ATT-01", mistake="the strong model's prompt has fewer places for pictures, and the limit was made from it")
def five_attachments_with_smart(server: Behaviour) -> Behaviour:
    """With SMART six attachments are one too many."""
    return with_rules(server, lambda _, given: Rules(max_attachments=5 if given.get("model_tier") == "SMART" else 6))


@fault("ATT-01", mistake="the text counts as one of the six content parts that the model takes")
def five_attachments_beside_a_text(server: Behaviour) -> Behaviour:
    """Beside a text six attachments are one too many."""
    return with_rules(server, lambda _, given: Rules(max_attachments=5 if given.get("message") else 6))


@fault("ATT-02", mistake="the limit is a guard of the form len(attachments) > 7")
def seven_attachments_accepted(server: Behaviour) -> Behaviour:
    """Seven attachments are accepted, eight are not."""
    return with_rules(server, lambda _session, _given: Rules(max_attachments=7))


@fault("ATT-02", "ATT-04", mistake="maxItems is in the document, and nobody validates against it")
def any_number_of_attachments(server: Behaviour) -> Behaviour:
    """There is no limit to the attachments."""
    return with_rules(server, lambda _session, _given: Rules(max_attachments=_NO_LIMIT))


@fault("ATT-02", mistake="the limit is a property of the model's profile, and the strong one's is higher")
def seven_attachments_with_smart(server: Behaviour) -> Behaviour:
    """With SMART seven attachments are accepted."""
    return with_rules(server, lambda _, given: Rules(max_attachments=10 if given.get("model_tier") == "SMART" else 6))


@fault("ATT-02", mistake="the limit is checked within the branch that builds a prompt of text and pictures")
def seven_attachments_without_text(server: Behaviour) -> Behaviour:
    """Without a text seven attachments are accepted."""
    return with_rules(server, lambda _, given: Rules(max_attachments=6 if given.get("message") else 10))


@fault("ATT-02", mistake="the first message goes through the validating path, later ones through the fast one")
def seven_attachments_on_later_turns(server: Behaviour) -> Behaviour:
    """Once a session has had a turn, seven attachments are accepted."""
    begun: set[str] = set()

    async def note(_client: Redis, session: str, _submission: Submission, data: Json) -> Json:
        begun.add(session)
        return data

    noted = with_accepted(server, note)
    return with_rules(noted, lambda session, _: Rules(max_attachments=10 if session in begun else 6))


@fault("ATT-02", mistake="the limit is checked by the worker's schema after the message was put into the queue")
def seven_refused_after_the_enqueue(server: Behaviour) -> Behaviour:
    """Seven attachments are refused, but the message is stored and its turn runs."""

    async def refuse(_client: Redis, _session: str, submission: Submission, data: Json) -> Json:
        if len(submission.attachments) > MAX_ATTACHMENTS:
            raise ApiError(server.policy.invalid_status, "validation_error", "There are too many attachments.")
        return data

    return with_accepted(any_number_of_attachments(server), refuse)


@fault("ATT-02", mistake="the message is inserted and committed, then its attachments are validated")
def seven_refused_and_stored(server: Behaviour) -> Behaviour:
    """Seven attachments are refused and start no turn, but the message stays in the replay."""
    lenient = any_number_of_attachments(server)

    async def append(client: Redis, policy: Policy, session: str, submission: Submission) -> Json:
        if len(submission.attachments) <= MAX_ATTACHMENTS:
            return await server.append_message(client, policy, session, submission)
        await store_alone(client, session, submission)
        raise ApiError(policy.invalid_status, "validation_error", "There are too many attachments.")

    return replace(lenient, append_message=append)


def _limit_of_a_session(server: Behaviour, most: int) -> Behaviour:
    had: Counter[str] = Counter()

    async def note(_client: Redis, session: str, submission: Submission, data: Json) -> Json:
        had[session] += len(submission.attachments)
        return data

    noted = with_accepted(server, note)
    return with_rules(noted, lambda session, _: Rules(max_attachments=max(0, min(6, most - had[session]))))


@fault("ATT-03", mistake="SELECT count(*) FROM attachments WHERE session_id, where it has to be the message's")
def six_attachments_per_session(server: Behaviour) -> Behaviour:
    """A session may have six attachments in all."""
    return _limit_of_a_session(server, 6)


@fault("ATT-03", mistake="the context of the model takes twelve pictures, and refuses where it could forget")
def twelve_attachments_per_session(server: Behaviour) -> Behaviour:
    """A session may have twelve attachments in all."""
    return _limit_of_a_session(server, 12)


@fault("ATT-04", mistake="the list is made a set, by path, before it is counted")
def doubles_are_dropped_before_the_count(server: Behaviour) -> Behaviour:
    """Several references to one blob count as one attachment."""

    def rules(_: str, given: Json) -> Rules:
        listed = given.get("attachments")
        members = listed if isinstance(listed, list) else []
        paths = [str(one.get("blob_path")) for one in members if isinstance(one, dict)]
        return Rules(max_attachments=6 + len(paths) - len(set(paths)))

    return with_rules(server, rules)
