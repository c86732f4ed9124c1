"""Creating a session, and the resource that comes back (SES)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from redis.asyncio import Redis

from conformance.mock.accounts import Account
from conformance.mock.answering import with_answers, with_bodies
from conformance.mock.answers import ApiError
from conformance.mock.behaviour import Behaviour, Json
from conformance.mock.faults.registry import fault
from conformance.mock.layers import Answer, Asking
from conformance.mock.policy import Policy

Read = Callable[[Json, Account], Json]


def _given(server: Behaviour, read: Read) -> Behaviour:
    """The body of a new session is read otherwise."""

    async def create(client: Redis, policy: Policy, account: Account, given: Json) -> Json:
        return await server.create_session(client, policy, account, read(given, account))

    return replace(server, create_session=create)


def _without(given: Json, *names: str) -> Json:
    return {name: value for name, value in given.items() if name not in names}


@fault("SES-01", mistake="if managed_agent_key … elif agent_id …: the first one that is there wins")
def both_agents_accepted(server: Behaviour) -> Behaviour:
    """With agent_id and managed_agent_key both given, the managed one is taken."""

    def read(given: Json, _: Account) -> Json:
        return _without(given, "agent_id") if given.get("managed_agent_key") else given

    return _given(server, read)


@fault("SES-01", mistake="`if agent_id and managed_agent_key`: zero counts as nothing given")
def agent_zero_beside_a_key_accepted(server: Behaviour) -> Behaviour:
    """With the agent_id 0 and managed_agent_key both given, the managed one is taken."""

    def read(given: Json, _: Account) -> Json:
        return _without(given, "agent_id") if given.get("agent_id") == 0 and "managed_agent_key" in given else given

    return _given(server, read)


@fault("SES-01", mistake="a default agent, for the convenience of the console")
def no_agent_accepted(server: Behaviour) -> Behaviour:
    """With neither agent_id nor managed_agent_key, the session is one of the support agent."""

    def read(given: Json, _: Account) -> Json:
        named = given.get("agent_id") is not None or given.get("managed_agent_key") is not None
        return given if named else {**given, "managed_agent_key": "NEO_SUPPORT"}

    return _given(server, read)


@fault("SES-01", mistake="the default agent is taken for a body that has something in it; only {} is refused")
def no_agent_accepted_with_a_title(server: Behaviour) -> Behaviour:
    """With a title and no agent, the session is one of the support agent."""

    def read(given: Json, _: Account) -> Json:
        named = given.get("agent_id") is not None or given.get("managed_agent_key") is not None
        return {**given, "managed_agent_key": "NEO_SUPPORT"} if given.get("title") and not named else given

    return _given(server, read)


@fault("SES-02", mistake="client_id is handled as bot_id is: dropped for who is no platform")
def client_id_ignored(server: Behaviour) -> Behaviour:
    """A client_id from an ordinary key is ignored, and the session created."""
    return _given(server, lambda given, account: given if account.platform else _without(given, "client_id"))


@fault("SES-02", mistake="the role of the key is not asked for")
def client_id_of_anyone(server: Behaviour) -> Behaviour:
    """A client_id is taken from an ordinary key as from a platform's."""

    async def create(client: Redis, policy: Policy, account: Account, given: Json) -> Json:
        resource = await server.create_session(client, policy, account, _without(given, "client_id"))
        return {**resource, "client_id": given.get("client_id")}

    return replace(server, create_session=create)


@fault("SES-02", mistake="whatever the guard of the platform's fields raises is taken for a failed authentication")
def client_id_is_401(server: Behaviour) -> Behaviour:
    """A client_id from an ordinary key is answered 401, as if the key were not known."""

    def change(asking: Asking, answer: Answer) -> Answer:
        return replace(answer, status=401) if asking.member("client_id") is not None else answer

    return with_answers(server, change, "create", when=lambda status: status == 403)


@fault("SES-02", mistake="bot_id and client_id stand in one list of fields for platforms")
def bot_id_is_403(server: Behaviour) -> Behaviour:
    """A bot_id from an ordinary key is answered 403."""

    def read(given: Json, account: Account) -> Json:
        if given.get("bot_id") is not None and not account.platform:
            raise ApiError(403, "FORBIDDEN", "Only a platform account may set bot_id.")
        return given

    return _given(server, read)


@fault("SES-02", mistake="the bot is looked up before anyone asks who may name one")
def bot_id_is_looked_up(server: Behaviour) -> Behaviour:
    """A bot_id from an ordinary key is answered 404, for there is no such bot."""

    def read(given: Json, _: Account) -> Json:
        if given.get("bot_id") is not None:
            raise ApiError(404, "NOT_FOUND", "Bot not found.")
        return given

    return _given(server, read)


def _resource(server: Behaviour, change: Callable[[Json], None]) -> Behaviour:
    def edit(_: Asking, body: Any) -> None:
        change(body["data"])

    return with_bodies(server, edit, "create")


@fault("SES-03", mistake="fields that are null are left out by the serializer")
def null_fields_left_out(server: Behaviour) -> Behaviour:
    """A new session's fields that are null are not there."""

    def change(data: Json) -> None:
        for name in [name for name, value in data.items() if value is None]:
            del data[name]

    return _resource(server, change)


@fault("SES-03", mistake="an integer beyond JavaScript's is written as text, and so are all others of its type")
def agent_id_as_text(server: Behaviour) -> Behaviour:
    """agent_id of a new session is a string."""
    return _resource(server, lambda data: data.update(agent_id=str(data["agent_id"])))


@fault("SES-03", mistake="a flag took the place of the time, and kept its name")
def archived_at_as_flag(server: Behaviour) -> Behaviour:
    """archived_at of a new session is false."""
    return _resource(server, lambda data: data.update(archived_at=False))


@fault("SES-03", mistake="the flag is read from the agent's settings, where it is text")
def session_flag_as_text(server: Behaviour) -> Behaviour:
    """show_agent_progress_steps of a new session is the string "false"."""
    return _resource(server, lambda data: data.update(show_agent_progress_steps="false"))


@fault("SES-03", mistake="titles are kept in all languages, and the object is shown where one is asked for")
def title_as_object(server: Behaviour) -> Behaviour:
    """title of a new session is an object."""
    return _resource(server, lambda data: data.update(title={"en": data["title"]}))
