"""Cases of SES: creating a session."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from conformance.recording import Exchange, Recording
from tests.judges import edits
from tests.judges.cases import broken, lawful
from tests.judges.request_ids import answer_each


def _created(exchange: Exchange) -> bool:
    return exchange.operation == "create-session" and exchange.status in (200, 201)


def _data(**values: Any) -> Callable[[Any], None]:
    def change(body: Any) -> None:
        body["data"] = {k: v for k, v in {**body["data"], **values}.items() if v is not ...}

    return change


def _session(r: Recording, name: str, **values: Any) -> Recording:
    """That creation answered with a session."""
    body = next(e for e in r.exchanges if e.name == "sessions/session").json
    meta = {**body["meta"], "request_id": f"3c90c3cc-0d44-4b50-8888-{len(name):012x}"}
    return answer_each(r, edits.named(name), 201, {"data": {**body["data"], **values}, "meta": meta})


@broken("SES-01", because="both agents make a session")
def both_make_a_session(r: Recording) -> Recording:
    return _session(r, "sessions/create-both")


@broken("SES-01", because="no agent makes a session")
def neither_makes_a_session(r: Recording) -> Recording:
    return _session(r, "sessions/create-neither")


@broken("SES-01", because="a title alone is 500")
def title_alone_is_500(r: Recording) -> Recording:
    return answer_each(r, edits.named("sessions/create-neither-but-title"), 500, edits.error(500))


@broken("SES-02", because="client_id is taken from anybody")
def client_id_from_anybody(r: Recording) -> Recording:
    r = _session(r, "sessions/create-client-id", client_id=1)
    return _session(r, "sessions/create-client-id-other-key", client_id=1)


@broken("SES-02", because="client_id is ignored")
def client_id_is_ignored(r: Recording) -> Recording:
    r = edits.drop(r, edits.named("sessions/create-client-id-other-key"))
    return _session(r, "sessions/create-client-id", client_id=77)


@broken("SES-02", because="client_id is 401")
def client_id_is_401(r: Recording) -> Recording:
    return answer_each(r, edits.named("sessions/create-client-id"), 401, edits.error(401))


@broken("SES-02", because="the client_id that the server gave out is 422")
def known_client_id_is_422(r: Recording) -> Recording:
    r = edits.json_body(r, _created, _data(client_id=1))
    return answer_each(r, edits.named("sessions/create-client-id"), 422, edits.error(422))


@broken("SES-02", because="bot_id is refused")
def bot_id_is_refused(r: Recording) -> Recording:
    return answer_each(r, edits.named("sessions/create-bot-id*"), 403, edits.error(403))


@broken("SES-02", because="bot_id is a wrong field, whatever its type")
def bot_id_is_wrong(r: Recording) -> Recording:
    return answer_each(r, edits.named("sessions/create-bot-id*"), 422, edits.error(422))


@broken("SES-03", because="there is no updated_at")
def no_updated_at(r: Recording) -> Recording:
    return edits.json_body(r, edits.named("preflight/session"), _data(updated_at=...))


@broken("SES-03", because="the agent is a text")
def agent_is_a_text(r: Recording) -> Recording:
    return edits.json_body(r, _created, _data(agent_id="7"))


@broken("SES-03", because="the archive time is a boolean")
def archived_is_a_boolean(r: Recording) -> Recording:
    return edits.json_body(r, _created, _data(archived_at=False))


@lawful("SES-01", "SES-03", because="200, nulls, fields that nobody knows, no progress flag")
def other_lawful_sessions(r: Recording) -> Recording:
    r = edits.status(r, _created, 200)
    return edits.json_body(
        r, _created, _data(agent_id=None, client_id=None, title=None, channel=None, show_agent_progress_steps=..., x={})
    )


@lawful("SES-01", because="422, and 404 for an agent that does not exist")
def other_refusals(r: Recording) -> Recording:
    r = answer_each(r, edits.named("sessions/create-neither"), 422, edits.error(422))
    return answer_each(r, edits.named("sessions/create-both"), 404, edits.error(404))


@lawful("SES-02", because="the key is a platform account's, the second one is not", SES_02="unobservable")
def platform_key(r: Recording) -> Recording:
    return _session(r, "sessions/create-client-id", client_id=1)


@lawful("SES-02", because="the key may be a platform account's: there is no second one", SES_02="unobservable")
def platform_key_alone(r: Recording) -> Recording:
    r = edits.drop(r, edits.named("sessions/create-client-id-other-key"))
    return _session(r, "sessions/create-client-id", client_id=1)


@lawful("SES-02", because="a platform account's client is unknown, and its bot too", SES_02="unobservable")
def platform_key_and_unknown_client(r: Recording) -> Recording:
    r = answer_each(r, edits.named("sessions/create-client-id"), 404, edits.error(404))
    return answer_each(r, edits.named("sessions/create-bot-id*"), 422, edits.error(422))


@lawful("SES-02", because="bot_id has to be a uuid, and is ignored then")
def bot_id_is_a_uuid(r: Recording) -> Recording:
    r = _session(r, "sessions/create-bot-id-uuid")
    for name in ("sessions/create-bot-id", "sessions/create-bot-id-text"):
        r = answer_each(r, edits.named(name), 422, edits.error(422))
    return r
