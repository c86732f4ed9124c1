"""What stands in an error: code, text and details are the server's own (G5)."""

from __future__ import annotations

from typing import Any

from conformance.mock.answering import error, with_bodies
from conformance.mock.behaviour import Behaviour
from conformance.mock.layers import Answer, Asking, answers
from conformance.mock.variants.registry import variant


@variant("G5 case of the code")
def codes_in_lower_case(server: Behaviour) -> Behaviour:
    """Every error code is in lower case."""

    def change(_: Asking, body: Any) -> None:
        body["error"]["code"] = body["error"]["code"].lower()

    return with_bodies(server, change, when=error)


@variant("G5 details")
def details_left_out(server: Behaviour) -> Behaviour:
    """No error but a conflict has details."""

    def change(_: Asking, body: Any) -> None:
        body["error"].pop("details", None)

    return with_bodies(server, change, when=lambda status: error(status) and status != 409)


@variant("G5 details")
def details_always(server: Behaviour) -> Behaviour:
    """Every error has details, among them the method, the path and a link to the documentation."""

    def change(asking: Asking, body: Any) -> None:
        about = {"method": asking.method, "path": asking.path, "docs": "https://docs.neoagent.io/developers/errors"}
        body["error"]["details"] = {**(body["error"].get("details") or {}), **about}

    return with_bodies(server, change, when=error)


@variant("language of an error")
def errors_in_german(server: Behaviour) -> Behaviour:
    """The messages of errors are German, umlauts and quotation marks included."""

    def change(_: Asking, body: Any) -> None:
        message = body["error"]["message"]
        # A conflict may have the original id in its message, so the text is kept behind the German words.
        body["error"]["message"] = f"Anfrage zurückgewiesen: „{message}“. Bitte prüfen Sie Ihre Angaben."

    return with_bodies(server, change, when=error)


@variant("text of a 404")
def not_found_names_the_session(server: Behaviour) -> Behaviour:
    """A 404 repeats the session id that was asked for, whether it is another tenant's or nobody's."""

    def change(asking: Asking, body: Any) -> None:
        if asking.session:
            body["error"]["message"] = f"Chat session '{asking.session}' not found"
            body["error"]["details"] = {"resource": "chat_session", "id": asking.session}

    return with_bodies(server, change, when=lambda status: status == 404)


def _challenge(server: Behaviour, value: str | None) -> Behaviour:
    def change(_: Asking, answer: Answer) -> Answer:
        return answer.with_header("www-authenticate", value) if answer.status == 401 else answer

    return server.with_layer(answers(change))


@variant("challenge of a 401")
def no_challenge(server: Behaviour) -> Behaviour:
    """A 401 has no WWW-Authenticate: RFC 9110 asks for it, but no page of the API does."""
    return _challenge(server, None)
