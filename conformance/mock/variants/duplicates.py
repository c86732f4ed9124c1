"""Where a conflict has the original id, and how far a client_message_id reaches (M8)."""

from __future__ import annotations

from typing import Any

from conformance.mock.answering import with_bodies
from conformance.mock.behaviour import Behaviour
from conformance.mock.layers import Asking
from conformance.mock.variants.registry import policy_variant, variant

_PLACE = "M8 place of the original id"
policy_variant(
    "duplicate-in-text", _PLACE, "A conflict has the original id in its message.", duplicate_id_place="message"
)
policy_variant(
    "duplicate-nested", _PLACE, "A conflict has the original id three levels deep.", duplicate_id_place="nested"
)
policy_variant("duplicate-in-link", _PLACE, "A conflict has the original id within a link.", duplicate_id_place="link")


@variant(_PLACE, duplicate_id_place="details")
def duplicate_beside_the_error(server: Behaviour) -> Behaviour:
    """A conflict has the original id in a ``data`` beside ``error``, like a 202."""

    def change(_: Asking, body: Any) -> None:
        details = body["error"].get("details") or {}
        if "user_message_id" in details:
            body["data"] = {"user_message_id": details.pop("user_message_id")}
            body["error"].pop("details")

    return with_bodies(server, change, "append", when=lambda status: status == 409)


policy_variant(
    "duplicates-per-session", "M8 scope", "A client_message_id counts within its session.", duplicate_scope="session"
)
policy_variant(
    "duplicates-per-tenant",
    "M8 scope",
    "A client_message_id counts in all sessions of the tenant.",
    duplicate_scope="tenant",
)
