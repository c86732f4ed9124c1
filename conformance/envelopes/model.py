"""The chunk types of AI SDK v6 as data: each type's fields, whether they must be there, and what they hold.

Source: `uiMessageChunkSchema` in the `ai` package (src/ui-message-stream/ui-message-chunks.ts). Every type takes
further fields of any content, from 6.0.231 on.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from types import MappingProxyType
from typing import Final


class Kind(Enum):
    """What a field holds; the value is the wording used in reasons."""

    STRING = "a string"
    BOOLEAN = "a boolean"
    ANY = "any JSON value"
    OBJECT = "an object of JSON values"
    PROVIDER_METADATA = "an object of objects of JSON values"
    CHOICE = "one of a list of strings"


@dataclass(frozen=True)
class Field:
    """One field. An optional one may be left out; null is refused in both unless the kind is ANY.

    choices: the accepted strings of a CHOICE, empty for every other kind.
    since: the version of `ai` that first knew the field, "" if 6.0.231 did; earlier clients take anything in it.
    """

    kind: Kind
    required: bool = True
    choices: tuple[str, ...] = ()
    since: str = ""

    @property
    def expected(self) -> str:
        """The field's content in words, for a reason."""
        return f"one of {', '.join(self.choices)}" if self.choices else self.kind.value


@dataclass(frozen=True)
class ChunkType:
    """One type of chunk. `fields` leaves out `type` itself."""

    name: str
    fields: Mapping[str, Field]


_STRING = Field(Kind.STRING)
_ANY = Field(Kind.ANY)
_OPTIONAL_STRING = Field(Kind.STRING, required=False)
_OPTIONAL_BOOLEAN = Field(Kind.BOOLEAN, required=False)
_OPTIONAL_ANY = Field(Kind.ANY, required=False)
_OPTIONAL_OBJECT = Field(Kind.OBJECT, required=False)
_PROVIDER_METADATA = Field(Kind.PROVIDER_METADATA, required=False)

_PART = {"id": _STRING, "providerMetadata": _PROVIDER_METADATA}
_DELTA = {"id": _STRING, "delta": _STRING, "providerMetadata": _PROVIDER_METADATA}
_TOOL = {
    "toolCallId": _STRING,
    "providerExecuted": _OPTIONAL_BOOLEAN,
    "providerMetadata": _PROVIDER_METADATA,
    "toolMetadata": _OPTIONAL_OBJECT,
    "dynamic": _OPTIONAL_BOOLEAN,
}
_NAMED_TOOL = {**_TOOL, "toolName": _STRING, "title": _OPTIONAL_STRING}

_FIELDS: dict[str, dict[str, Field]] = {
    "start": {"messageId": _OPTIONAL_STRING, "messageMetadata": _OPTIONAL_ANY},
    "start-step": {},
    "text-start": _PART,
    "text-delta": _DELTA,
    "text-end": _PART,
    "reasoning-start": _PART,
    "reasoning-delta": _DELTA,
    "reasoning-end": _PART,
    "tool-input-start": {
        **_NAMED_TOOL,
        "inputEncoding": Field(Kind.CHOICE, required=False, choices=("json", "text"), since="6.0.308"),
    },
    "tool-input-delta": {"toolCallId": _STRING, "inputTextDelta": _STRING},
    "tool-input-available": {**_NAMED_TOOL, "input": _ANY},
    "tool-input-error": {**_NAMED_TOOL, "input": _ANY, "errorText": _STRING},
    "tool-approval-request": {
        "approvalId": _STRING,
        "toolCallId": _STRING,
        "approvalDescriptor": _OPTIONAL_ANY,
        "inputSchemaInput": _OPTIONAL_ANY,
        "signature": _OPTIONAL_STRING,
    },
    "tool-output-available": {**_TOOL, "output": _ANY, "preliminary": _OPTIONAL_BOOLEAN},
    "tool-output-error": {**_TOOL, "errorText": _STRING},
    "tool-output-denied": {"toolCallId": _STRING},
    "source-url": {
        "sourceId": _STRING,
        "url": _STRING,
        "title": _OPTIONAL_STRING,
        "providerMetadata": _PROVIDER_METADATA,
    },
    "source-document": {
        "sourceId": _STRING,
        "mediaType": _STRING,
        "title": _STRING,
        "filename": _OPTIONAL_STRING,
        "providerMetadata": _PROVIDER_METADATA,
    },
    "file": {"url": _STRING, "mediaType": _STRING, "providerMetadata": _PROVIDER_METADATA},
    "data-*": {"id": _OPTIONAL_STRING, "data": _ANY, "transient": _OPTIONAL_BOOLEAN},
    "message-metadata": {"messageMetadata": _ANY},
    "error": {"errorText": _STRING},
    "finish-step": {},
    "finish": {
        "finishReason": Field(
            Kind.CHOICE,
            required=False,
            choices=("stop", "length", "content-filter", "tool-calls", "error", "other"),
        ),
        "messageMetadata": _OPTIONAL_ANY,
    },
    "abort": {"reason": _OPTIONAL_STRING},
}

DATA_PREFIX: Final = "data-"
"""Every type that begins so is a data chunk, the bare prefix too; `data-*` stands for them all."""

CHUNK_TYPES: Final[Mapping[str, ChunkType]] = MappingProxyType(
    {name: ChunkType(name, MappingProxyType(fields)) for name, fields in _FIELDS.items()}
)
"""All types by name, `data-*` among them."""


def type_of(name: str) -> ChunkType | None:
    """The model of the type with this name, None if there is none."""
    if name.startswith(DATA_PREFIX):
        return CHUNK_TYPES["data-*"]
    return CHUNK_TYPES.get(name)
