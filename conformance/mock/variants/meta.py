"""``meta``, unknown fields, and the optional flag (G2, G4, M6)."""

from __future__ import annotations

import uuid
from typing import Any

from conformance.mock.answering import with_bodies
from conformance.mock.behaviour import Behaviour
from conformance.mock.layers import CHAT_OPERATIONS, Asking
from conformance.mock.variants.registry import policy_variant, variant

policy_variant(
    "meta-minimal",
    "G4 optional members",
    "meta has nothing but request_id, where it is no list.",
    hides=("ENV-03",),
    meta="minimal",
)


@variant("G4 optional members", meta="full")
def meta_with_nulls(server: Behaviour) -> Behaviour:
    """The optional members of meta are null, but for the pagination of a list."""

    def change(asking: Asking, body: Any) -> None:
        body["meta"].update({"timings_ms": None, "warnings": None})
        if asking.operation != "replay":
            body["meta"]["pagination"] = None

    return with_bodies(server, change, *CHAT_OPERATIONS)


@variant("G4 optional members", meta="full")
def meta_talkative(server: Behaviour) -> Behaviour:
    """meta has timings by phase, warnings in words, and a pagination with further members."""

    def change(_: Asking, body: Any) -> None:
        meta = body["meta"]
        meta["timings_ms"] = {"total": 12, "auth": 0.4, "phases": {"db": [1, 2.5], "queue": None}}
        meta["warnings"] = ["This endpoint is in preview.", ""]
        meta["pagination"] = {**meta.get("pagination", {"has_more": False, "next_cursor": None}), "total": None}

    return with_bodies(server, change, *CHAT_OPERATIONS)


def _request_ids(server: Behaviour, made: Any) -> Behaviour:
    def change(_: Asking, body: Any) -> None:
        body["meta"]["request_id"] = made()

    return with_bodies(server, change, *CHAT_OPERATIONS, when=lambda _: True)


@variant("G4 form of request_id")
def request_ids_in_upper_case(server: Behaviour) -> Behaviour:
    """Request ids are uuids in upper case."""
    return _request_ids(server, lambda: str(uuid.uuid4()).upper())


policy_variant(
    "unknown-fields", "G2", "Every body, meta and envelope has a field that no page names.", extra_fields=True
)


@variant("G2", extra_fields=False)
def unknown_fields_everywhere(server: Behaviour) -> Behaviour:
    """Unknown objects, lists, nulls and look-alikes of known fields stand at every level of every answer."""

    def grown(value: Any, depth: int) -> Any:
        if isinstance(value, list):
            return [grown(one, depth) for one in value]
        if not isinstance(value, dict) or depth > 6:
            return value
        more = {"": None, "x-list": [[], {}, "ü", 1.5e-7], "_links": {"self": {"href": "/x"}}, "Type": "other"}
        return {**more, **{name: grown(inner, depth + 1) for name, inner in value.items()}, "deprecated": False}

    def change(_: Asking, body: Any) -> Any:
        return grown(body, 0)

    return with_bodies(server, change, *CHAT_OPERATIONS, when=lambda _: True)


def _flag(server: Behaviour, value: bool | None) -> Behaviour:
    def change(_: Asking, body: Any) -> None:
        body["data"].pop("show_agent_progress_steps", None)
        if value is not None:
            body["data"]["show_agent_progress_steps"] = value

    return with_bodies(server, change, "create", "append")


@variant("M6 show_agent_progress_steps")
def progress_flag_absent(server: Behaviour) -> Behaviour:
    """Neither a session nor a 202 has show_agent_progress_steps."""
    return _flag(server, None)


@variant("M6 show_agent_progress_steps")
def progress_flag_true(server: Behaviour) -> Behaviour:
    """show_agent_progress_steps is true, in a session and in a 202."""
    return _flag(server, True)
