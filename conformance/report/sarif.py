"""``conformance.sarif``: what is broken as SARIF 2.1.0, one result a requirement, for viewers and code scanning.

A broken server has no line of code to point at. Each result points at the requirement in `spec/requirements.yaml`, which is
where the tools that demand a place show it; in another repository than this suite's own the place does not exist.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from typing import Any

from conformance.findings import escape_controls
from conformance.requirements import Requirement, catalogue
from conformance.spec_files import read_spec

FILE_NAME = "conformance.sarif"
MAX_TEXT = 1000
"""Characters of a message that comes from a run."""

_SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
_CATALOGUE = "spec/requirements.yaml"


def sarif(report: Mapping[str, Any]) -> str:
    """The report (as spec/report.schema.json has it) as a SARIF log."""
    requirements = list(catalogue().values())
    index = {one.id: place for place, one in enumerate(requirements)}
    broken = [one for one in report["requirements"] if one["outcome"] == "failed" and one["id"] in index]
    strict = report["level"] == "SHOULD"
    run = {
        "tool": {
            "driver": {
                "name": "neo-conformance",
                "version": plain(report["suite"]),
                "rules": [_rule(one) for one in requirements],
            }
        },
        "automationDetails": {"id": "neo-conformance/"},
        "invocations": [{"executionSuccessful": not report.get("interrupted", False)}],
        "columnKind": "unicodeCodePoints",
        "results": [_result(one, index, strict=strict) for one in broken],
        "properties": {
            "verdict": report["verdict"],
            "target": plain(report["target"]),
            "spec": plain(report["spec"]),
            "counts": report["counts"],
        },
    }
    return json.dumps({"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]}, indent=1, ensure_ascii=True) + "\n"


def plain(text: str) -> str:
    """``text`` on one line, without control characters, and no longer than a message may be."""
    line = escape_controls(" ".join(text.split()))
    return line if len(line) <= MAX_TEXT else f"{line[: MAX_TEXT - 1]}…"


def message(text: str) -> dict[str, str]:
    """A SARIF message that is nothing but text: neither a link (§3.11.6) nor a placeholder (§3.11.5) is left in it."""
    # A bracket means something only before a parenthesis; escaped elsewhere, it would be shown with its backslash.
    unlinked = plain(text).replace("](", "] (")
    return {"text": unlinked.replace("{", "{{").replace("}", "}}")}


def _rule(one: Requirement) -> dict[str, Any]:
    return {
        "id": one.id,
        "shortDescription": message(f"{one.title}."),
        "fullDescription": message(one.rule),
        "help": message(f"{one.rule} How it is judged: {one.judged}"),
        "helpUri": one.page,
        "defaultConfiguration": {"level": "error" if one.level == "MUST" else "warning"},
        "properties": {"tags": [one.level, *one.operations]},
    }


def _result(one: Mapping[str, Any], index: Mapping[str, int], *, strict: bool) -> dict[str, Any]:
    rule = catalogue()[one["id"]]
    place = {
        "artifactLocation": {"uri": _CATALOGUE, "uriBaseId": "%SRCROOT%"},
        "region": {"startLine": _lines()[rule.id]},
    }
    return {
        "ruleId": rule.id,
        "ruleIndex": index[rule.id],
        "level": "error" if strict or rule.level == "MUST" else "warning",
        "message": message(f"{rule.title}: {one['reason']}"),
        "locations": [{"physicalLocation": place}],
        "partialFingerprints": {"requirement/v1": rule.id},
    }


@cache
def _lines() -> Mapping[str, int]:
    """The line of each requirement in the catalogue, counted from 1."""
    lines = read_spec("requirements.yaml").split("\n")
    return {line.removeprefix("- id: ").strip(): n for n, line in enumerate(lines, 1) if line.startswith("- id: ")}
