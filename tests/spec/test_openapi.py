"""The OpenAPI document is valid, and says what the contract says: no less, and nothing of what is open."""

from __future__ import annotations

import copy
from typing import Any

import jsonschema_rs
import pytest
from openapi_spec_validator import OpenAPIV31SpecValidator

from conformance.spec_files import openapi_document

RATE_HEADERS = {"X-RateLimit-Limit", "X-RateLimit-Remaining", "X-RateLimit-Reset"}


def resolved(node: Any) -> Any:
    while "$ref" in node:
        target: Any = openapi_document()
        for step in node["$ref"].removeprefix("#/").split("/"):
            target = target[step]
        node = target
    return node


def operation(operation_id: str) -> Any:
    for item in openapi_document()["paths"].values():
        for found in item.values():
            if isinstance(found, dict) and found.get("operationId") == operation_id:
                return found
    raise LookupError(operation_id)


def responses() -> list[tuple[str, str, Any]]:
    return [
        (found["operationId"], status, resolved(response))
        for item in openapi_document()["paths"].values()
        for name, found in item.items()
        if name != "parameters"
        for status, response in found["responses"].items()
    ]


def accepts(schema_name: str, value: object) -> bool:
    schema = {"$ref": f"#/components/schemas/{schema_name}", "components": openapi_document()["components"]}
    return jsonschema_rs.Draft202012Validator(schema).is_valid(value)


def test_it_is_valid_openapi_3_1() -> None:
    OpenAPIV31SpecValidator(copy.deepcopy(openapi_document())).validate()
    assert openapi_document()["openapi"].startswith("3.1.")


def test_every_path_has_the_prefix() -> None:
    assert all(path.startswith("/public-api/chat/sessions") for path in openapi_document()["paths"])


@pytest.mark.parametrize(
    ("name", "status", "response"), responses(), ids=lambda part: part if isinstance(part, str) else ""
)
def test_rate_limit_headers_are_required_where_rate_01_demands_them(name: str, status: str, response: Any) -> None:
    required = {
        header for header, definition in response.get("headers", {}).items() if resolved(definition)["required"]
    }
    exempt = status == "401" or "text/event-stream" in response["content"]
    expected = set() if exempt else RATE_HEADERS
    assert required == expected | ({"Retry-After"} if status == "429" else set()), f"{name} {status}"


@pytest.mark.parametrize(
    ("name", "successes"),
    [
        ("createSession", {"200", "201"}),
        ("appendMessage", {"202"}),
        ("tailEvents", {"200"}),
        ("requestUploadUrl", {"200", "201"}),
        ("listMessages", {"200"}),
    ],
)
def test_success_statuses_are_those_stated_or_open(name: str, successes: set[str]) -> None:
    statuses = set(operation(name)["responses"])
    assert {status for status in statuses if status.startswith("2")} == successes
    assert {"401", "429", "4XX", "5XX"} <= statuses
    assert not any(status.startswith(("1", "3", "d")) for status in statuses)


def test_links_lead_from_a_session_to_its_operations_and_from_the_202_to_its_tail() -> None:
    created = resolved(operation("createSession")["responses"]["201"])["links"]
    assert {link["operationId"] for link in created.values()} == {
        "appendMessage",
        "tailEvents",
        "requestUploadUrl",
        "listMessages",
    }
    tail = operation("appendMessage")["responses"]["202"]["links"]["tail"]
    assert tail["parameters"]["query.since"] == "$response.body#/data/since_cursor"


MESSAGE = {"message": "Hello", "model_tier": "SMART", "client_message_id": None}
ATTACHMENT = {"blob_path": "a", "mime": "image/png"}


@pytest.mark.parametrize(
    ("schema", "value"),
    [
        ("NewMessage", {}),
        ("NewMessage", MESSAGE),
        ("NewMessage", {**MESSAGE, "attachments": [ATTACHMENT] * 6, "new_field": 1}),
        ("NewSession", {"agent_id": 1}),
        ("NewSession", {"agent_id": None}),
        ("NewSession", {"managed_agent_key": "NEO_SUPPORT", "title": "a"}),
        ("UploadRequest", {"content_type": "image/webp", "filename": None}),
        ("Meta", {"request_id": "r"}),
        ("Meta", {"request_id": "r", "timings_ms": None, "pagination": None, "warnings": None, "new": 1}),
        ("Meta", {"request_id": "r", "pagination": {"has_more": False, "next_cursor": None}, "warnings": ["w"]}),
        ("Error", {"error": {"code": "ANY", "message": ""}, "meta": {"request_id": "r"}}),
        ("Error", {"error": {"code": "x", "message": "m", "details": {"a": 1}}, "meta": {"request_id": "r"}, "n": 1}),
        ("AcceptedMessage", {"chat_turn_id": "t", "user_message_id": "u", "since_cursor": None}),
        ("AcceptedMessage", {"chat_turn_id": "t", "user_message_id": "u", "since_cursor": "0-0", "new": []}),
        ("Session", {"id": "s"}),
        ("Session", {"id": 7}),
        ("Session", {"id": "s", "agent_id": None, "title": None, "archived_at": None, "client_id": 3, "new": {}}),
        ("UploadGrant", {"blob_path": "b", "max_image_bytes": 1, "mime": "image/png", "upload_url": "u", "new": 0}),
    ],
)
def test_lawful_values_pass(schema: str, value: object) -> None:
    assert accepts(schema, value)


@pytest.mark.parametrize(
    ("schema", "value"),
    [
        ("NewMessage", {**MESSAGE, "attachments": [ATTACHMENT] * 7}),
        ("NewMessage", {"model_tier": "fast"}),
        ("NewMessage", {"message": 1}),
        ("NewMessage", {"attachments": [{"mime": "image/png"}]}),
        ("NewSession", {}),
        ("NewSession", {"agent_id": 1, "managed_agent_key": "NEO_SUPPORT"}),
        ("NewSession", {"agent_id": "one"}),
        ("UploadRequest", {}),
        ("UploadRequest", {"content_type": "image/tiff"}),
        ("Meta", {}),
        ("Meta", {"request_id": ""}),
        ("Meta", {"request_id": "r", "warnings": "w"}),
        ("Meta", {"request_id": "r", "pagination": {"has_more": "no"}}),
        ("Error", {"error": {"code": "x"}, "meta": {"request_id": "r"}}),
        ("Error", {"error": {"code": "x", "message": "m"}}),
        ("Error", {"error": "x", "meta": {"request_id": "r"}}),
        ("AcceptedMessage", {"chat_turn_id": "t", "user_message_id": "u"}),
        ("AcceptedMessage", {"chat_turn_id": "", "user_message_id": "u", "since_cursor": None}),
        ("AcceptedMessage", {"chat_turn_id": "t", "user_message_id": "u", "since_cursor": 1}),
        ("Session", {"id": True}),
        ("UploadGrant", {"blob_path": "b", "max_image_bytes": 0, "mime": "image/png", "upload_url": "u"}),
    ],
)
def test_broken_values_are_rejected(schema: str, value: object) -> None:
    assert not accepts(schema, value)


def test_defaults_are_those_stated() -> None:
    fields = openapi_document()["components"]["schemas"]["NewMessage"]["properties"]
    assert (fields["message"]["default"], fields["model_tier"]["default"]) == ("", "FAST")
