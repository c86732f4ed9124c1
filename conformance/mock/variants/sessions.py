"""The session resource, where no page says what its fields hold."""

from __future__ import annotations

from datetime import datetime, timezone
from typing import Any

from conformance.mock.answering import with_bodies
from conformance.mock.behaviour import Behaviour
from conformance.mock.layers import Asking
from conformance.mock.variants.registry import policy_variant, variant

policy_variant(
    "managed-agent-null",
    "agent_id of a managed agent",
    "The session of a managed agent has no agent_id.",
    managed_agent_id=None,
)


@variant("client_id of an ordinary account")
def client_id_shown(server: Behaviour) -> Behaviour:
    """A session shows the client that the key belongs to, though the caller may not name one."""

    def change(_: Asking, body: Any) -> None:
        body["data"]["client_id"] = 4711

    return with_bodies(server, change, "create")


def _times(server: Behaviour, shown: Any) -> Behaviour:
    def changed(value: Any) -> Any:
        if isinstance(value, list):
            return [changed(one) for one in value]
        if isinstance(value, dict):
            return {
                name: shown(inner)
                if name in ("created_at", "updated_at") and isinstance(inner, str)
                else changed(inner)
                for name, inner in value.items()
            }
        return value

    def change(_: Asking, body: Any) -> Any:
        return {**body, "data": changed(body["data"])}

    return with_bodies(server, change, "create", "replay")


@variant("form of times")
def times_in_whole_seconds(server: Behaviour) -> Behaviour:
    """Times are whole seconds with a blank between date and time, without a zone."""
    return _times(
        server,
        lambda text: (
            datetime.fromisoformat(text.replace("Z", "+00:00")).astimezone(timezone.utc).strftime("%Y-%m-%d %H:%M:%S")
        ),
    )
