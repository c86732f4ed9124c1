"""More cases of AUTH: side ways, encoded echoes, and what tells another tenant's session."""

from __future__ import annotations

import base64
from collections.abc import Callable
from typing import Any

from conformance.recording import Recording
from tests.judges import edits
from tests.judges.cases import broken, lawful
from tests.judges.request_ids import answer_each

FOREIGN = edits.named("strangers/foreign-1/*", "strangers/foreign-2/*")
MISSING = edits.named("strangers/foreign-missing-1/*", "strangers/foreign-missing-2/*")


def _message(text: str) -> Any:
    def change(body: Any) -> None:
        body["error"]["message"] = text

    return change


def _token(r: Recording, name: str) -> str:
    exchange = next(e for e in r.exchanges if e.name == name)
    return (exchange.sent.header("Authorization") or "").rpartition(" ")[2]


def _said(r: Recording, say: Callable[[str], str]) -> Recording:
    name = "strangers/bad-unknown/append-message"
    return edits.json_body(r, edits.named(name), _message(say(_token(r, name))))


@broken("AUTH-01", because="a reconnect needs no credential")
def open_reconnect(r: Recording) -> Recording:
    return edits.status(r, edits.named("strangers/bad-none/tail-events/last-event-id"), 200)


@broken("AUTH-01", because="a page of the replay needs no credential")
def open_page(r: Recording) -> Recording:
    return edits.status(r, edits.named("strangers/bad-unknown/list-messages/page"), 200)


@broken("AUTH-01", because="a content type with a charset goes past the check")
def open_charset(r: Recording) -> Recording:
    return edits.status(r, edits.named("strangers/bad-none/request-upload-url/charset"), 200)


@broken("AUTH-01", because="a token that nobody signed is good")
def unsigned_token(r: Recording) -> Recording:
    return edits.status(r, edits.named("strangers/bad-unsigned/list-messages"), 200)


@lawful("AUTH-01", because="a cursor of a foreign form is refused before the credential is looked at")
def cursor_before_credential(r: Recording) -> Recording:
    pick = edits.named("strangers/bad-none/tail-events/*", "strangers/bad-unknown/tail-events/*")
    return answer_each(r, pick, 400, edits.error(400))


@broken("AUTH-02", because="a 401 has the credential in Base64, with more around it")
def echo_in_base64(r: Recording) -> Recording:
    return _said(r, lambda token: "context: " + base64.b64encode(f"GET x, Bearer {token}".encode()).decode())


@broken("AUTH-02", because="a 401 has the credential in hexadecimal")
def echo_in_hexadecimal(r: Recording) -> Recording:
    return _said(r, lambda token: f"received {token.encode().hex()}")


@broken("AUTH-02", because="a 401 masks four characters of the key and shows the others")
def echo_hardly_masked(r: Recording) -> Recording:
    return _said(r, lambda token: f"{token[:-4]}****")


@lawful("AUTH-02", because="a 401 shows the ends of the key, as consoles do, and a hash of it")
def masked_key(r: Recording) -> Recording:
    return _said(
        r, lambda token: f"The key {token[:12]}{token[12:16]}…{token[-4:]} (fingerprint 9f86d081884c7d65) fails."
    )


@broken("AUTH-03", because="the meta tells another tenant's session from a missing one")
def meta_tells(r: Recording) -> Recording:
    def change(body: Any) -> None:
        body["meta"]["warnings"] = ["access across tenants"]

    return edits.json_body(r, FOREIGN, change)


@broken("AUTH-03", because="a number in the details tells another tenant's session from a missing one")
def number_tells(r: Recording) -> Recording:
    def details(number: int) -> Callable[[Any], None]:
        def change(body: Any) -> None:
            body["error"]["details"] = {"tenant": number}

        return change

    return edits.json_body(edits.json_body(r, FOREIGN, details(4711)), MISSING, details(0))


@lawful("AUTH-03", because="errors have a count and a time in their details")
def numbers_that_run(r: Recording) -> Recording:
    counted = iter(range(1_000, 9_000))

    def change(body: Any) -> None:
        body["error"]["details"] = {"attempt": next(counted), "took_ms": next(counted) % 3}
        body["meta"]["timings_ms"] = {"total": next(counted) % 5}

    return edits.json_body(edits.json_body(r, FOREIGN, change), MISSING, change)


@broken("AUTH-03", because="a bad body is refused as such only where the session exists")
def bad_body_tells(r: Recording) -> Recording:
    return answer_each(r, edits.named("strangers/foreign-bad-body-*"), 422, edits.error(422))


@broken("AUTH-03", because="a bad cursor is refused as such only where the session exists")
def bad_cursor_tells(r: Recording) -> Recording:
    return answer_each(r, edits.named("strangers/foreign-bad-cursor-*"), 400, edits.error(400))


@lawful("AUTH-03", because="bad input is refused before the session is looked up, whosever it is")
def bad_input_first(r: Recording) -> Recording:
    pick = edits.named("strangers/foreign-bad-*", "strangers/foreign-missing-bad-*")
    return answer_each(r, pick, 422, edits.error(422))
