"""Cases of AUTH: who is let in, and what the others are told."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from conformance.recording import Exchange, Recording
from tests.judges import edits
from tests.judges.cases import broken, lawful


def _message(text: str) -> Any:
    def change(body: Any) -> None:
        body["error"]["message"] = text

    return change


def _sent(r: Recording, name: str) -> str:
    exchange = next(e for e in r.exchanges if e.name == name)
    return exchange.sent.header("Authorization") or ""


def _unauthorized(exchange: Exchange) -> bool:
    return exchange.status == 401


@broken("AUTH-01", because="a missing credential is 403")
def missing_is_403(r: Recording) -> Recording:
    return edits.status(r, edits.named("strangers/bad-none/list-messages"), 403)


@broken("AUTH-01", because="any well-formed key opens the stream")
def unknown_key_opens_the_stream(r: Recording) -> Recording:
    return edits.status(r, edits.named("strangers/bad-unknown/tail-events"), 200)


@broken("AUTH-01", because="the scheme does not matter")
def any_scheme_is_good(r: Recording) -> Recording:
    return edits.status(r, edits.named("strangers/bad-basic/append-message"), 202)


@broken("AUTH-01", because="a malformed credential is 400")
def malformed_is_400(r: Recording) -> Recording:
    return edits.status(r, edits.named("strangers/bad-malformed/create-session"), 400)


@broken("AUTH-02", because="a 401 has no envelope")
def bare_401(r: Recording) -> Recording:
    return edits.json_body(r, edits.named("strangers/bad-none/create-session"), lambda _: {"detail": "no"})


@broken("AUTH-02", because="a 401 has no body")
def empty_401(r: Recording) -> Recording:
    return edits.body(r, edits.named("strangers/bad-none/tail-events"), b"")


@broken("AUTH-02", because="a 401 quotes the whole key")
def quotes_the_key(r: Recording) -> Recording:
    name = "strangers/bad-unknown/append-message"
    return edits.json_body(r, edits.named(name), _message(f"The key {_sent(r, name)[7:]} is not known."))


@broken("AUTH-02", because="a 401 quotes the secret part of the key")
def quotes_the_secret(r: Recording) -> Recording:
    name = "strangers/bad-unknown/list-messages"
    return edits.json_body(r, edits.named(name), _message(f"No key ends in {_sent(r, name).rpartition('_')[2]}."))


@broken("AUTH-02", because="a header of a 401 has the credential")
def header_has_the_credential(r: Recording) -> Recording:
    name = "strangers/bad-malformed/list-messages"
    return edits.header(r, edits.named(name), "WWW-Authenticate", f'Bearer error="{_sent(r, name)[7:]}"')


@broken("AUTH-02", because="an error shows the key of its tenant")
def error_shows_the_own_key(r: Recording) -> Recording:
    return edits.json_body(r, edits.named("refusals/refuse-body-list"), _message("Bearer $NEO_API_KEY: bad body"))


@broken("AUTH-03", because="another tenant's session is 403")
def foreign_is_403(r: Recording) -> Recording:
    return edits.status(r, edits.named("strangers/foreign-1/list-messages"), 403)


@broken("AUTH-03", because="another tenant's stream is open")
def foreign_stream_is_open(r: Recording) -> Recording:
    return edits.status(r, edits.named("strangers/foreign-2/tail-events"), 200)


@broken("AUTH-03", because="the code tells another tenant's session from a missing one")
def code_tells_the_two_apart(r: Recording) -> Recording:
    def change(body: Any) -> None:
        body["error"]["code"] = "NOT_YOURS"

    return edits.json_body(r, edits.named("strangers/foreign-1/*", "strangers/foreign-2/*"), change)


@broken("AUTH-03", because="the message tells another tenant's session from a missing one")
def message_tells_the_two_apart(r: Recording) -> Recording:
    pick = edits.named("strangers/foreign-1/append-message", "strangers/foreign-2/append-message")
    return edits.json_body(r, pick, _message("Chat session belongs to someone else."))


@broken("AUTH-03", because="a header tells another tenant's session from a missing one")
def header_tells_the_two_apart(r: Recording) -> Recording:
    return edits.header(r, edits.named("strangers/foreign-1/*", "strangers/foreign-2/*"), "X-Owner", "other")


@lawful("AUTH-01", "AUTH-02", because="a 401 names the scheme and the form of a key, and has no details")
def helpful_401(r: Recording) -> Recording:
    helped = edits.json_body(r, _unauthorized, _message("Send Authorization: Bearer neo_sk_<env>_<secret>."))
    return edits.header(helped, _unauthorized, "WWW-Authenticate", 'Bearer realm="neo"')


@lawful("AUTH-03", because="the message names the session that was asked for")
def message_names_the_session(r: Recording) -> Recording:
    def apply(exchange: Exchange) -> Exchange:
        text = f"Chat session {exchange.sent.path.split('/')[4]} not found, request 12345 at 14:06."
        edited = edits.json_body(replace(r, exchanges=(exchange,)), edits.every, _message(text))
        return edited.exchanges[0]

    asked = edits.named("strangers/foreign*", "strangers/missing*")
    return edits.edit(r, lambda e: asked(e) and e.status == 404, apply)


@lawful("AUTH-03", because="one answer took another way through the proxies")
def one_more_header(r: Recording) -> Recording:
    cached = edits.header(r, edits.named("strangers/foreign-1/*"), "X-Cache", "MISS")
    return edits.header(cached, edits.named("strangers/foreign-1/list-messages"), "X-Pod", "a1")


@lawful("AUTH-03", because="there is no second key", AUTH_03="untested")
def no_second_key(r: Recording) -> Recording:
    alone = edits.drop(r, lambda e: e.credential == "other")
    return replace(alone, credentials=("own",))
