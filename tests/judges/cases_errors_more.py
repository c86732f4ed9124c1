"""More cases of ERR: traces of other platforms, and odd input that breaks one operation."""

from __future__ import annotations

from typing import Any

from conformance.recording import Recording
from tests.judges import edits
from tests.judges.cases import broken, lawful
from tests.judges.request_ids import answer_each

ERROR = edits.named("strangers/missing-1/list-messages")


def _says(r: Recording, text: str) -> Recording:
    def change(body: Any) -> None:
        body["error"]["message"] = text

    return edits.json_body(r, ERROR, change)


@broken("ERR-05", because="an error of .NET, with frames that name no file")
def dotnet(r: Recording) -> Recording:
    return _says(r, "System.NullReferenceException: Object reference not set.\n   at Neo.Chat.Sessions.Find(String id)")


@broken("ERR-05", because="the words of a Redis client for a key that is not there")
def redis_nil(r: Recording) -> Recording:
    return _says(r, "get session: redis: nil")


@broken("ERR-05", because="the words of Go's database/sql")
def no_rows(r: Recording) -> Recording:
    return _says(r, "sql: no rows in result set")


@broken("ERR-05", because="a call of Prisma")
def prisma(r: Recording) -> Recording:
    return _says(r, "Invalid `prisma.session.findUnique()` invocation: argument id")


@broken("ERR-05", because="a status of gRPC")
def grpc(r: Recording) -> Recording:
    return _says(r, "rpc error: code = NotFound desc = no session")


@broken("ERR-05", because="a file of the server that is no source file")
def file_of_the_server(r: Recording) -> Recording:
    return _says(r, "open /var/lib/neo/sessions/17.json: no such file or directory")


@lawful("ERR-05", because="an error speaks of paths of the API, of types and of systems")
def speaks_of_paths(r: Recording) -> Recording:
    return _says(
        r,
        "System.Text is no field. See /public-api/openapi.json, /etc, docs/usr/lib/errors and the sql: tag; "
        "error: code = NOT_FOUND, Redis: nil found, /home/settings/keys, https://x.example/var/lib/neo/a",
    )


@broken("ERR-04", because="a charset that nobody knows breaks the server")
def unknown_charset(r: Recording) -> Recording:
    return answer_each(r, edits.named("sessions/create-odd-type-unknown-charset"), 500, edits.error(500))


@broken("ERR-04", because="a credential beyond ASCII breaks the server")
def odd_credential(r: Recording) -> Recording:
    return answer_each(r, edits.named("strangers/odd-credential-latin"), 500, edits.error(500))


@broken("ERR-04", because="a very long client_message_id breaks the server where it is stored")
def long_id(r: Recording) -> Recording:
    return answer_each(r, edits.named("refusals/turn-1/surrogate"), 500, edits.error(500))


@lawful("ERR-04", because="other content types are not taken, and odd credentials are refused by a proxy")
def other_types_refused(r: Recording) -> Recording:
    typed = answer_each(r, edits.named("sessions/create-odd-type-*"), 415, edits.error(415))
    return edits.body(
        edits.status(typed, edits.named("strangers/odd-credential-*"), 400),
        edits.named("strangers/odd-credential-*"),
        b"<html>400 Bad Request</html>",
        "text/html",
    )
