"""Statuses that no page settles, and one that a layer of HTTP may give."""

from __future__ import annotations

from dataclasses import replace

from conformance.mock.behaviour import Behaviour
from conformance.mock.layers import Answer, Asking, answers
from conformance.mock.variants.registry import policy_variant, variant

policy_variant(
    "created-200", "status of a new session", "A session that is created is answered 200.", created_status=200
)
policy_variant(
    "created-201", "status of a new session", "A session that is created is answered 201.", created_status=201
)
policy_variant("grant-200", "status of an upload grant", "An upload grant is answered 200.", grant_status=200)
policy_variant("grant-201", "status of an upload grant", "An upload grant is answered 201.", grant_status=201)
policy_variant("invalid-422", "G6", "Bad input is answered 422.", invalid_status=422)


@variant("G6", invalid_status=400)
def invalid_by_kind(server: Behaviour) -> Behaviour:
    """What is no JSON, or no cursor, is answered 400; a field that is wrong, 422."""

    def change(_: Asking, answer: Answer) -> Answer:
        if answer.status != 400 or b'"validation_error"' not in answer.body:
            return answer
        return replace(answer, status=422)

    return server.with_layer(answers(change))


@variant("status of an upload")
def uploaded_200(server: Behaviour) -> Behaviour:
    """An upload is answered 200 with a body in XML, as some blob hosts do."""

    def change(asking: Asking, answer: Answer) -> Answer:
        if asking.operation != "upload" or answer.status != 201:
            return answer
        done = replace(answer, status=200, body=b'<?xml version="1.0"?><PutResult/>')
        return done.with_header("content-type", "application/xml")

    return server.with_layer(answers(change))
