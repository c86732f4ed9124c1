"""Statuses that no page settles."""

from __future__ import annotations

from conformance.mock.variants.registry import policy_variant

policy_variant(
    "created-200", "status of a new session", "A session that is created is answered 200.", created_status=200
)
policy_variant("invalid-422", "G6", "Bad input is answered 422.", invalid_status=422)
