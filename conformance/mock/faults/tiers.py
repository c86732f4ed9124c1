"""Which model serves a turn (TIER-03 to TIER-05)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

from redis.asyncio import Redis

from conformance.mock.answers import ApiError
from conformance.mock.behaviour import Behaviour, Json
from conformance.mock.faults.registry import fault
from conformance.mock.messages import Submission
from conformance.mock.policy import Policy


@dataclass(frozen=True)
class _Asked(Submission):
    """A message that knows whether its tier was given."""

    named: str | None = None


@dataclass(frozen=True)
class _Past:
    """The accepted messages before this one: of its session, and of all."""

    here: Sequence[_Asked] = field(default=())
    anywhere: Sequence[_Asked] = field(default=())


Choose = Callable[[_Past, _Asked], str]


def _served(server: Behaviour, choose: Choose) -> Behaviour:
    """The tier of a turn is what ``choose`` says; as such it is stored, too."""
    sessions: dict[str, list[_Asked]] = {}
    everything: list[_Asked] = []

    async def read(client: Redis, policy: Policy, session: str, given: Json) -> Submission:
        found = await server.read_submission(client, policy, session, given)
        named = found.tier if given.get("model_tier") is not None else None
        return _Asked(**{**vars(found), "named": named})

    async def append(client: Redis, policy: Policy, session: str, submission: Submission) -> Json:
        assert isinstance(submission, _Asked)
        here = sessions.setdefault(session, [])
        tier = choose(_Past(here, everything), submission)
        data = await server.append_message(client, policy, session, replace(submission, tier=tier))
        here.append(submission)
        everything.append(submission)
        return data

    return replace(server, read_submission=read, append_message=append)


def _smart_if(sticky: bool, asked: _Asked) -> str:
    return "SMART" if sticky else asked.tier


@fault("TIER-04", mistake="the default was changed when SMART became cheaper")
def omitted_tier_is_smart(server: Behaviour) -> Behaviour:
    """A message without a tier is served as SMART."""
    return _served(server, lambda _, asked: _smart_if(asked.named is None, asked))


@fault("TIER-04", mistake="the first answer is to impress: it is escalated unless FAST is asked for")
def omitted_tier_is_smart_in_the_first_turn(server: Behaviour) -> Behaviour:
    """A session's first message without a tier is served as SMART."""
    return _served(server, lambda past, asked: _smart_if(asked.named is None and not past.here, asked))


@fault("TIER-04", mistake="where no tier is given a router picks one by the length of the text")
def omitted_tier_is_chosen_by_the_text(server: Behaviour) -> Behaviour:
    """A long message without a tier is served as SMART."""
    return _served(server, lambda _, asked: _smart_if(asked.named is None and len(asked.message) > 1_000, asked))


@fault("TIER-05", mistake="the tier is a column of the session, and nothing ever sets it back")
def smart_for_the_rest_of_the_session(server: Behaviour) -> Behaviour:
    """Once SMART was asked for, all later turns of the session are served as SMART."""
    return _served(server, lambda past, asked: _smart_if(any(o.tier == "SMART" for o in past.here), asked))


@fault("TIER-05", mistake="the session keeps the tier that was last given, as the default of the next message")
def smart_until_fast_is_asked_for(server: Behaviour) -> Behaviour:
    """After SMART, a message without a tier is served as SMART until FAST is asked for."""

    def choose(past: _Past, asked: _Asked) -> str:
        last = next((one.named for one in reversed(past.here) if one.named), None)
        return _smart_if(asked.named is None and last == "SMART", asked)

    return _served(server, choose)


@fault("TIER-05", mistake="the escalation is taken back when the next turn has ended, not when it begins")
def smart_for_one_turn_more(server: Behaviour) -> Behaviour:
    """The turn after a SMART one is served as SMART, whatever it asks for."""
    return _served(server, lambda past, asked: _smart_if(bool(past.here) and past.here[-1].tier == "SMART", asked))


@fault("TIER-05", mistake="FAST equals the default, so it is not written over what the session has")
def fast_after_smart_ignored(server: Behaviour) -> Behaviour:
    """After a SMART turn, one that asks for FAST is served as SMART; one without a tier is not."""

    def choose(past: _Past, asked: _Asked) -> str:
        return _smart_if(asked.named == "FAST" and any(one.tier == "SMART" for one in past.here), asked)

    return _served(server, choose)


@fault("TIER-05", mistake="the feature flag of the escalation is set for the tenant")
def smart_for_the_whole_tenant(server: Behaviour) -> Behaviour:
    """Once SMART was asked for in any session of the tenant, every turn is served as SMART."""
    return _served(server, lambda past, asked: _smart_if(any(o.tier == "SMART" for o in past.anywhere), asked))


@fault(
    "TIER-05", "TIER-04", mistake="the agent is one object of the worker, and its model is set where a tier is given"
)
def worker_keeps_its_model(server: Behaviour) -> Behaviour:
    """A message without a tier is served as the last one that named a tier, in any session."""

    def choose(past: _Past, asked: _Asked) -> str:
        last = next((one.named for one in reversed(past.anywhere) if one.named), None)
        return _smart_if(asked.named is None and last == "SMART", asked)

    return _served(server, choose)


@fault("TIER-05", mistake="pictures of a SMART turn are kept in a context that only the strong model can read")
def smart_lasts_after_attachments(server: Behaviour) -> Behaviour:
    """After a SMART turn with attachments, all later turns of the session are served as SMART."""

    def choose(past: _Past, asked: _Asked) -> str:
        return _smart_if(any(one.tier == "SMART" and one.attachments for one in past.here), asked)

    return _served(server, choose)


@fault("TIER-05", mistake="the branch for pictures reads the tier from the session, the other from the request")
def smart_lasts_on_turns_with_attachments(server: Behaviour) -> Behaviour:
    """After a SMART turn, turns with attachments are served as SMART; others are not."""

    def choose(past: _Past, asked: _Asked) -> str:
        return _smart_if(bool(asked.attachments) and any(one.tier == "SMART" for one in past.here), asked)

    return _served(server, choose)


@fault("TIER-05", mistake="the history is summarised with the model of the turn, and that model goes on")
def smart_for_good_from_the_second(server: Behaviour) -> Behaviour:
    """After the second SMART turn of a session, all later ones are served as SMART."""
    return _served(server, lambda past, asked: _smart_if(sum(o.tier == "SMART" for o in past.here) > 1, asked))


@fault("TIER-03", mistake="the agent is made with its model at the session's first turn, and kept in a cache")
def tier_of_the_first_turn(server: Behaviour) -> Behaviour:
    """All turns of a session are served as its first one was."""
    return _served(server, lambda past, asked: past.here[0].tier if past.here else asked.tier)


@fault("TIER-03", mistake="an allowance of one escalation per session, beyond which it falls back in silence")
def only_the_first_smart_is_served(server: Behaviour) -> Behaviour:
    """From the second SMART turn of a session on, SMART is served as FAST."""

    def choose(past: _Past, asked: _Asked) -> str:
        return "FAST" if any(one.tier == "SMART" for one in past.here) else asked.tier

    return _served(server, choose)


@fault("TIER-03", "TIER-01", mistake="an allowance of one escalation per session, beyond which it is forbidden")
def only_the_first_smart_is_accepted(server: Behaviour) -> Behaviour:
    """The second message of a session that asks for SMART is refused."""

    def choose(past: _Past, asked: _Asked) -> str:
        if asked.tier == "SMART" and any(one.tier == "SMART" for one in past.here):
            raise ApiError(403, "FORBIDDEN", "This session has had its escalation.")
        return asked.tier

    return _served(server, choose)


@fault("TIER-03", mistake="the tier is part of the conversation's identity: another one is a conflict")
def session_keeps_its_first_tier(server: Behaviour) -> Behaviour:
    """A message that names another tier than the session's first one is refused."""

    def choose(past: _Past, asked: _Asked) -> str:
        if past.here and asked.tier != past.here[0].tier:
            raise ApiError(server.policy.invalid_status, "validation_error", "The session has another tier.")
        return asked.tier

    return _served(server, choose)
