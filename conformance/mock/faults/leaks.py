"""Errors that show the server's inside (ERR-05)."""

from __future__ import annotations

from typing import Any

from conformance.mock.answering import bad_input, error, with_answers, with_bodies
from conformance.mock.behaviour import Behaviour
from conformance.mock.faults.registry import fault
from conformance.mock.layers import Asking

_TRACEBACK = (
    'Traceback (most recent call last):\n  File "/srv/neo/chat/bodies.py", line 41, in read_object\n'
    "    value = json.loads(body)\njson.decoder.JSONDecodeError: Expecting value: line 1 column 1 (char 0)"
)
_DOTNET = (
    "System.FormatException: Input string was not in a correct format.\n"
    "   at System.Number.ThrowOverflowOrFormatException(ParsingStatus status)\n"
    "   at Neo.Api.Chat.UploadController.Grant(String session, GrantRequest request)"
)


def _missing(status: int) -> bool:
    return status == 404


@fault("ERR-05", mistake="a debug setting that stayed on: the handler of errors adds the trace")
def traceback_in_details(server: Behaviour) -> Behaviour:
    """The error for a body that is no JSON has a stack trace in its details."""

    def change(asking: Asking, body: Any) -> None:
        if asking.body and asking.json is None:
            body["error"]["details"] = {"trace": _TRACEBACK}

    return with_bodies(server, change, "append", when=bad_input)


@fault("ERR-05", mistake="the handler puts the exception's ToString() into the message")
def dotnet_exception_in_message(server: Behaviour) -> Behaviour:
    """Bad input for an upload-url is answered with a .NET exception and its frames, without any file."""

    def change(_: Asking, body: Any) -> None:
        body["error"]["message"] = _DOTNET

    return with_bodies(server, change, "grant", when=bad_input)


@fault("ERR-05", mistake="the driver's error for a key that is not there is wrapped with %w and shown")
def redis_nil_in_not_found(server: Behaviour) -> Behaviour:
    """The 404 of a session says what the Redis client said."""

    def change(_: Asking, body: Any) -> None:
        body["error"]["message"] = "load session: redis: nil"

    return with_bodies(server, change, when=_missing)


@fault("ERR-05", mistake="no row is an error in database/sql, and its text is passed on")
def no_rows_in_not_found(server: Behaviour) -> Behaviour:
    """The 404 of a replay is the text of Go's database/sql."""

    def change(_: Asking, body: Any) -> None:
        body["error"]["message"] = "sql: no rows in result set"

    return with_bodies(server, change, "replay", when=_missing)


@fault("ERR-05", mistake="Prisma's error text, which begins with the call that failed")
def prisma_call_in_message(server: Behaviour) -> Behaviour:
    """Bad input for a new session is answered with the text of a Prisma error."""

    def change(_: Asking, body: Any) -> None:
        body["error"]["message"] = "Invalid `prisma.chatSession.create()` invocation: Argument `agentId` is missing."

    return with_bodies(server, change, "create", when=bad_input)


@fault("ERR-05", mistake="the unique index reports the duplicate, and its words go into the 409")
def constraint_in_a_conflict(server: Behaviour) -> Behaviour:
    """The 409 for a duplicate names the database's constraint."""

    def change(_: Asking, body: Any) -> None:
        body["error"]["message"] += (
            ' duplicate key value violates unique constraint "uq_messages_session_client_message_id"'
        )

    return with_bodies(server, change, "append", when=lambda status: status == 409)


@fault("ERR-05", mistake="a header for debugging in every error, meant for the staging environment")
def source_file_in_a_header(server: Behaviour) -> Behaviour:
    """Errors say in a header in what source file they were raised."""
    return with_answers(
        server, lambda _, answer: answer.with_header("x-raised-at", "/app/src/routes/sessions.ts:118:13"), when=error
    )


@fault("ERR-05", mistake="the operating system's error is shown, which names the file")
def server_path_in_message(server: Behaviour) -> Behaviour:
    """A refused upload type is answered with the path of a file on the server."""

    def change(_: Asking, body: Any) -> None:
        body["error"]["message"] = "No such file or directory: '/var/lib/neo/uploads/types/unknown'"

    return with_bodies(server, change, "grant", when=bad_input)


@fault("ERR-05", mistake="a gRPC status is turned into text, with the prefix that gRPC gives it")
def grpc_status_in_message(server: Behaviour) -> Behaviour:
    """A refused message is answered with the text of a gRPC error."""

    def change(_: Asking, body: Any) -> None:
        body["error"]["message"] = "rpc error: code = InvalidArgument desc = proto: invalid value for enum Tier"

    return with_bodies(server, change, "append", when=bad_input)
