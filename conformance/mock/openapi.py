"""The OpenAPI document that the mock serves (G1): what this mock does, in the words of its own policy."""

from __future__ import annotations

from typing import Any, Final

from conformance.mock.grants import DOCUMENT_TYPES, IMAGE_TYPES
from conformance.mock.messages import MAX_ATTACHMENTS, TIERS
from conformance.mock.policy import Policy
from conformance.mock.sessions import MANAGED_AGENT_KEYS

_Schema = dict[str, Any]
_STRING: Final[_Schema] = {"type": "string"}
_STRING_OR_NULL: Final[_Schema] = {"type": ["string", "null"]}
_ID_OR_NULL: Final[_Schema] = {"type": ["string", "integer", "null"]}

_SESSION_PARAMETER: Final[_Schema] = {"name": "session_id", "in": "path", "required": True, "schema": _STRING}


def document(policy: Policy) -> dict[str, Any]:
    """The OpenAPI 3.1.0 document of the chat surface, statuses as the policy has them."""
    sessions = "/public-api/chat/sessions"
    one = sessions + "/{session_id}"
    return {
        "openapi": "3.1.0",
        "info": {"title": "Neo Public API", "version": "1.0.0"},
        "security": [{"bearer": []}],
        "paths": {
            sessions: {
                "post": _operation(
                    "create_session",
                    _body("CreateSession"),
                    {policy.created_status: _enveloped("Session")},
                    (policy.invalid_status, 403, 404, 413, 415),
                )
            },
            one + "/messages": {
                "parameters": [_SESSION_PARAMETER],
                "post": _operation(
                    "append_message",
                    _body("AppendMessage"),
                    {202: _enveloped("Accepted")},
                    (policy.invalid_status, 404, 409, 413, 415),
                ),
                "get": _operation(
                    "list_messages",
                    {"parameters": [_query("page_size", {"type": "integer", "minimum": 1, "maximum": 200}), _cursor()]},
                    {200: _enveloped("Messages")},
                    (policy.invalid_status, 404),
                ),
            },
            one + "/events": {
                "parameters": [_SESSION_PARAMETER],
                "get": _operation(
                    "tail_events",
                    {"parameters": [_query("since", _STRING), _header("Last-Event-Id")]},
                    {200: {"description": "Success.", "content": {"text/event-stream": {"schema": _STRING}}}},
                    (policy.invalid_status, 404),
                ),
            },
            one + "/attachments/upload-url": {
                "parameters": [_SESSION_PARAMETER],
                "post": _operation(
                    "grant_upload",
                    _body("GrantUpload"),
                    {policy.grant_status: _enveloped("Grant")},
                    (policy.invalid_status, 404, 413, 415),
                ),
            },
        },
        "components": {
            "securitySchemes": {"bearer": {"type": "http", "scheme": "bearer"}},
            "schemas": _schemas(policy),
        },
    }


def _operation(name: str, request: _Schema, answers: dict[int, _Schema], refusals: tuple[int, ...]) -> _Schema:
    responses = {str(status): answer for status, answer in answers.items()}
    for status in (*refusals, 401, 405, 429, 500, 503):
        responses[str(status)] = {
            "description": "Refused.",
            "content": {"application/json": {"schema": _ref("Error")}},
        }
    return {"operationId": name, **request, "responses": responses}


def _ref(name: str) -> _Schema:
    return {"$ref": f"#/components/schemas/{name}"}


def _body(name: str) -> _Schema:
    return {"requestBody": {"required": True, "content": {"application/json": {"schema": _ref(name)}}}}


def _query(name: str, schema: _Schema) -> _Schema:
    return {"name": name, "in": "query", "required": False, "schema": schema}


def _cursor() -> _Schema:
    return _query("cursor", _STRING)


def _header(name: str) -> _Schema:
    return {"name": name, "in": "header", "required": False, "schema": _STRING}


def _enveloped(name: str) -> _Schema:
    schema = _object({"data": _ref(name), "meta": _ref("Meta")}, ["data", "meta"])
    return {"description": "Success.", "content": {"application/json": {"schema": schema}}}


def _object(properties: _Schema, required: list[str]) -> _Schema:
    return {"type": "object", "properties": properties, "required": required}


def _schemas(policy: Policy) -> _Schema:
    attachment = _object(
        {"blob_path": _STRING, "mime": _STRING, "alt": _STRING_OR_NULL, "filename": _STRING_OR_NULL},
        ["blob_path", "mime"],
    )
    types = [*IMAGE_TYPES, *(DOCUMENT_TYPES if policy.document_types else ())]
    session: _Schema = {
        "id": _STRING,
        "agent_id": {"type": ["integer", "null"]},
        "archived_at": _STRING_OR_NULL,
        "channel": _STRING,
        "client_id": _ID_OR_NULL,
        "created_at": {"type": "string", "format": "date-time"},
        "title": _STRING_OR_NULL,
        "updated_at": {"type": "string", "format": "date-time"},
    }
    progress: _Schema = {"show_agent_progress_steps": {"type": "boolean"}}
    accepted: _Schema = {"chat_turn_id": _STRING, "user_message_id": _STRING, "since_cursor": _STRING_OR_NULL}
    grant: _Schema = {
        "blob_path": _STRING,
        "max_image_bytes": {"type": "integer", "minimum": 1},
        "mime": _STRING,
        "upload_url": {"type": "string", "format": "uri"},
    }
    error: _Schema = {"code": _STRING, "message": _STRING, "details": {"type": "object"}}
    request_id: _Schema = {"request_id": _STRING}
    return {
        "CreateSession": {
            "type": "object",
            "properties": {
                "agent_id": {"type": ["integer", "null"]},
                "managed_agent_key": {"enum": [*MANAGED_AGENT_KEYS, None]},
                "title": _STRING_OR_NULL,
                "client_id": _ID_OR_NULL,
                "bot_id": {},
                "inbound_tenant_id": _ID_OR_NULL,
            },
            "oneOf": [
                _object({"agent_id": {"type": "integer"}, "managed_agent_key": {"type": "null"}}, ["agent_id"]),
                _object({"managed_agent_key": _STRING, "agent_id": {"type": "null"}}, ["managed_agent_key"]),
            ],
        },
        "AppendMessage": {
            "type": "object",
            "properties": {
                "attachments": {"type": "array", "maxItems": MAX_ATTACHMENTS, "items": attachment},
                "client_message_id": _STRING_OR_NULL,
                "message": {"type": "string", "default": ""},
                "model_tier": {"enum": list(TIERS), "default": "FAST"},
            },
        },
        "GrantUpload": _object({"content_type": {"enum": types}, "filename": _STRING_OR_NULL}, ["content_type"]),
        "Session": _object({**session, **progress}, list(session)),
        "Accepted": _object({**accepted, **progress}, list(accepted)),
        "Grant": _object(grant, list(grant)),
        "Messages": {"type": "array", "items": _object({"id": _STRING, "role": _STRING}, ["id", "role"])},
        "Meta": _object(
            {
                **request_id,
                "timings_ms": {"type": "object"},
                "pagination": _object(
                    {"has_more": {"type": "boolean"}, "next_cursor": _STRING_OR_NULL}, ["has_more", "next_cursor"]
                ),
                "warnings": {"type": "array", "items": _STRING},
            },
            ["request_id"],
        ),
        "Error": _object(
            {"error": _object(error, ["code", "message"]), "meta": _object(request_id, ["request_id"])},
            ["error", "meta"],
        ),
    }
