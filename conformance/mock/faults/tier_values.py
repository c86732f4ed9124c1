"""What is taken for a tier (TIER-01, TIER-02)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from redis.asyncio import Redis

from conformance.mock.answers import ApiError
from conformance.mock.behaviour import Behaviour, Json
from conformance.mock.faults.registry import fault
from conformance.mock.messages import TIERS, Submission
from conformance.mock.policy import Policy
from conformance.mock.wrapping import store_alone, with_accepted, with_given


def _reading(server: Behaviour, change: Callable[[Any, Json], Any]) -> Behaviour:
    """A tier that is given is read as ``change`` makes it, before it is checked."""

    async def read(client: Redis, policy: Policy, session: str, given: Json) -> Submission:
        if "model_tier" in given:
            given = {**given, "model_tier": change(given["model_tier"], given)}
        return await server.read_submission(client, policy, session, given)

    return replace(server, read_submission=read)


@fault("TIER-01", mistake="the enumeration was renamed to STANDARD and SMART")
def fast_is_no_tier(server: Behaviour) -> Behaviour:
    """A message with FAST is refused; FAST is what an omitted tier stands for."""
    return _reading(server, lambda value, _: "STANDARD" if value == "FAST" else value)


@fault("TIER-01", mistake="model_tier: Tier without its default in the model of the request")
def tier_is_required(server: Behaviour) -> Behaviour:
    """A message without a tier is refused."""

    def check(_session: str, given: Json) -> None:
        if "model_tier" not in given:
            raise ApiError(server.policy.invalid_status, "validation_error", "model_tier is required.")

    return with_given(server, check)


@fault("TIER-02", mistake="value.upper() before the comparison")
def tier_in_any_case(server: Behaviour) -> Behaviour:
    """A tier is accepted in lower case."""
    return _reading(server, lambda value, _: value.upper() if isinstance(value, str) else value)


@fault("TIER-02", mistake="strings are stripped by the model of the request")
def tier_with_blanks(server: Behaviour) -> Behaviour:
    """A tier is accepted with white space around it."""
    return _reading(server, lambda value, _: value.strip() if isinstance(value, str) else value)


@fault("TIER-02", mistake="a protocol buffer's enumeration: its numbers count as well as its names")
def tier_as_a_number(server: Behaviour) -> Behaviour:
    """The numbers 0 and 1 are accepted as FAST and SMART."""

    def change(value: Any, _: Json) -> Any:
        return TIERS[value] if isinstance(value, int) and not isinstance(value, bool) and value in (0, 1) else value

    return _reading(server, change)


@fault("TIER-02", mistake="tier == 'SMART', and everything else is the other model")
def unknown_tier_is_fast(server: Behaviour) -> Behaviour:
    """A word that is no tier is accepted as FAST."""
    return _reading(server, lambda value, _: "FAST" if isinstance(value, str) and value not in TIERS else value)


@fault("TIER-02", mistake="body.model_tier || 'FAST'")
def falsy_tier_is_omitted(server: Behaviour) -> Behaviour:
    """An empty string, a zero and false are accepted as if no tier were given."""
    return _reading(server, lambda value, _: "FAST" if value in ("", 0, False) else value)


@fault("TIER-02", mistake="the request with attachments has a model of its own, with a free string")
def unknown_tier_with_attachments(server: Behaviour) -> Behaviour:
    """Beside attachments any word is accepted as a tier."""

    def change(value: Any, given: Json) -> Any:
        return "FAST" if isinstance(value, str) and value not in TIERS and given.get("attachments") else value

    return _reading(server, change)


@fault("TIER-02", mistake="the tier is validated where the session is made ready, so with its first message")
def unknown_tier_on_later_turns(server: Behaviour) -> Behaviour:
    """Once a session has had a turn, any word is accepted as a tier."""
    begun: set[str] = set()

    async def note(_client: Redis, session: str, _submission: Submission, data: Json) -> Json:
        begun.add(session)
        return data

    noted = with_accepted(server, note)

    async def read(client: Redis, policy: Policy, session: str, given: Json) -> Submission:
        value = given.get("model_tier")
        if session in begun and isinstance(value, str) and value not in TIERS:
            given = {**given, "model_tier": "FAST"}
        return await noted.read_submission(client, policy, session, given)

    return replace(noted, read_submission=read)


@fault("TIER-02", mistake="the message is inserted first; the tier is checked where the model is chosen")
def unknown_tier_refused_and_stored(server: Behaviour) -> Behaviour:
    """A message with an unknown tier is refused and starts no turn, but it stays in the replay."""

    async def read(client: Redis, policy: Policy, session: str, given: Json) -> Submission:
        try:
            return await server.read_submission(client, policy, session, given)
        except ApiError:
            if isinstance(given.get("model_tier"), str) and given["model_tier"] not in TIERS:
                known = {name: value for name, value in given.items() if name != "model_tier"}
                await store_alone(client, session, await server.read_submission(client, policy, session, known))
            raise

    return replace(server, read_submission=read)


@fault("TIER-02", mistake="the tier is checked by the workflow, which has begun by then")
def unknown_tier_refused_after_the_enqueue(server: Behaviour) -> Behaviour:
    """A message with an unknown tier is refused, but it is stored and its turn runs."""

    async def read(client: Redis, policy: Policy, session: str, given: Json) -> Submission:
        try:
            return await server.read_submission(client, policy, session, given)
        except ApiError:
            if isinstance(given.get("model_tier"), str) and given["model_tier"] not in TIERS:
                known = {name: value for name, value in given.items() if name != "model_tier"}
                submission = await server.read_submission(client, policy, session, known)
                await server.append_message(client, policy, session, submission)
            raise

    return replace(server, read_submission=read)
