"""Session ids and routes that nobody thought of (ERR-01, ERR-04)."""

from __future__ import annotations

import json
from dataclasses import replace

from conformance.mock.behaviour import Behaviour
from conformance.mock.faults.registry import fault
from conformance.mock.layers import Answer, Asking, Proceed, answers, around


def _crash(server: Behaviour, operation: str, *sessions: str) -> Behaviour:
    async def change(asking: Asking, proceed: Proceed) -> Answer | None:
        answer = await proceed(asking)
        if answer is None or answer.status != 404 or asking.operation != operation or asking.session not in sessions:
            return answer
        body = answer.json
        body["error"] = {"code": "INTERNAL_ERROR", "message": "Something went wrong."}
        return replace(answer.with_json(body), status=500)

    return server.with_layer(around(change))


@fault("ERR-04", mistake="the id goes to a function of the database that reads uuids, in this one route")
def word_for_a_session_crashes_a_grant(server: Behaviour) -> Behaviour:
    """An upload for a session whose id is a plain word is answered 500."""
    return _crash(server, "grant", "no-such-session")


@fault("ERR-04", mistake="`if not id` in the loader, and what it returns then is not looked at")
def zero_for_a_session_crashes_a_message(server: Behaviour) -> Behaviour:
    """A message to the session 0 is answered 500."""
    return _crash(server, "append", "0", "-1")


@fault("ERR-01", mistake="the framework's own handler of a path that is no route was not replaced")
def unknown_path_in_the_framework_s_form(server: Behaviour) -> Behaviour:
    """A path that is no route is answered in the framework's own form."""

    def change(asking: Asking, answer: Answer) -> Answer:
        missing = asking.operation == "other" and asking.path.startswith("/public-api/chat/") and answer.status == 404
        return replace(answer, body=json.dumps({"detail": "Not Found"}).encode()) if missing else answer

    return server.with_layer(answers(change))


@fault("ERR-01", mistake="the framework's own handler of a method that a route does not have was not replaced")
def unknown_method_in_the_framework_s_form(server: Behaviour) -> Behaviour:
    """A method that a route does not have is answered in the framework's own form."""

    def change(_: Asking, answer: Answer) -> Answer:
        if answer.status != 405:
            return answer
        return replace(answer, body=json.dumps({"detail": "Method Not Allowed"}).encode())

    return server.with_layer(answers(change))
