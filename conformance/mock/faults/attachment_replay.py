"""What the replay shows of attachments (ATT-09)."""

from __future__ import annotations

from collections.abc import Callable

from conformance.mock.behaviour import Behaviour, Json
from conformance.mock.faults.registry import fault
from conformance.mock.wrapping import with_page

Change = Callable[[list[Json]], None]


def _of_users(server: Behaviour, change: Change) -> Behaviour:
    """The user's messages of a page are changed in place."""

    def changed(_session: str, page: list[Json]) -> list[Json]:
        change([message for message in page if message["role"] == "user"])
        return page

    return with_page(server, changed)


@fault("ATT-09", mistake="the serializer of the list is the short one, without attachments")
def replay_without_attachments(server: Behaviour) -> Behaviour:
    """The replay shows no attachments."""

    def change(messages: list[Json]) -> None:
        for message in messages:
            message["attachments"] = []

    return _of_users(server, change)


@fault("ATT-09", mistake="a join that takes the first row of each message")
def replay_with_the_first_attachment_only(server: Behaviour) -> Behaviour:
    """The replay shows one attachment of each message."""

    def change(messages: list[Json]) -> None:
        for message in messages:
            message["attachments"] = message["attachments"][:1]

    return _of_users(server, change)


@fault("ATT-09", mistake="attachments and messages are read by two queries and joined by their place")
def replay_with_attachments_of_the_next_message(server: Behaviour) -> Behaviour:
    """Each message shows the attachments of another one."""

    def change(messages: list[Json]) -> None:
        bearing = [message for message in messages if message["attachments"]]
        lists = [message["attachments"] for message in bearing]
        for message, other in zip(bearing, [*lists[1:], *lists[:1]], strict=True):
            message["attachments"] = other

    return _of_users(server, change)


@fault("ATT-09", mistake="attachments are joined by the session, and all go to its newest message")
def replay_with_all_attachments_on_the_newest(server: Behaviour) -> Behaviour:
    """All attachments of the session are shown with its newest message of the user."""

    def change(messages: list[Json]) -> None:
        everything = [one for message in messages for one in message["attachments"]]
        for message in messages:
            message["attachments"] = []
        if messages:
            messages[-1]["attachments"] = everything

    return _of_users(server, change)


@fault("ATT-09", mistake="the type is not stored, and the serializer has a default for it")
def replay_with_one_mime_for_all(server: Behaviour) -> Behaviour:
    """Every attachment comes back as a PNG."""

    def change(messages: list[Json]) -> None:
        for message in messages:
            for one in message["attachments"]:
                one["mime"] = "image/png"

    return _of_users(server, change)


@fault("ATT-09", mistake="the loop closes over its variable: each entry is made of the last row")
def replay_with_one_attachment_repeated(server: Behaviour) -> Behaviour:
    """Each message shows its last attachment as often as it has any."""

    def change(messages: list[Json]) -> None:
        for message in messages:
            message["attachments"] = message["attachments"][-1:] * len(message["attachments"])

    return _of_users(server, change)


@fault("ATT-09", mistake="attachments are kept in the worker that served the turn, and it has gone meanwhile")
def replay_with_attachments_of_the_last_turn_only(server: Behaviour) -> Behaviour:
    """Only the newest message that had attachments shows them."""

    def change(messages: list[Json]) -> None:
        bearing = [message for message in messages if message["attachments"]]
        for message in bearing[:-1]:
            message["attachments"] = []

    return _of_users(server, change)


@fault("ATT-09", mistake="messages without a text are filtered as tool chatter")
def replay_without_empty_messages(server: Behaviour) -> Behaviour:
    """The replay leaves out messages that are nothing but attachments."""

    def changed(_session: str, page: list[Json]) -> list[Json]:
        return [message for message in page if message["message"] or message["role"] != "user"]

    return with_page(server, changed)
