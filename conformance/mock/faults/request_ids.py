"""The ``meta`` of an answer (ENV)."""

from __future__ import annotations

from conformance.mock.behaviour import Behaviour
from conformance.mock.faults.registry import fault
from conformance.mock.layers import Answer, Asking, answers


@fault("ENV-01", mistake="the field was renamed in the replay's serializer alone")
def replay_without_request_id(server: Behaviour) -> Behaviour:
    """The replay's meta has no request_id."""

    def change(asking: Asking, answer: Answer) -> Answer:
        if asking.operation != "replay" or answer.status != 200:
            return answer
        body = answer.json
        del body["meta"]["request_id"]
        return answer.with_json(body)

    return server.with_layer(answers(change))
