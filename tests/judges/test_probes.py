"""The probes as data: each can be built, and says what it is."""

from __future__ import annotations

import json
from typing import Any

import pytest

from conformance.journeys import probes
from conformance.requirements import catalogue

GRANTED = [
    {"blob_path": f"chat/s1/{n:032x}.png", "mime": "image/png", "alt": f"a{n}", "filename": f"{n}.png"}
    for n in range(probes.ATTACHMENTS_NEEDED)
]
FOREIGN = {**GRANTED[0], "blob_path": "chat/s2/ffff.png"}
MOST = 2_000_000


def test_names_are_unique_and_rules_are_requirements() -> None:
    for listed in (probes.REFUSALS, probes.CREATIONS, (*probes.GRANTS, *probes.UPLOAD_REFUSALS)):
        names = [one.name for one in listed]
        assert len(set(names)) == len(names)
        assert {one.rule for one in listed} <= set(catalogue())
    assert len({one.name for one in probes.MALFORMED_CURSORS}) == len(probes.MALFORMED_CURSORS)


@pytest.mark.parametrize("probe", probes.REFUSALS, ids=lambda p: p.name)
def test_a_message_probe_is_of_bounded_size(probe: probes.Refusal) -> None:
    assert len(probe.content(GRANTED, FOREIGN)) < MOST


def test_a_probe_without_its_attachments_is_not_built() -> None:
    probe = next(p for p in probes.REFUSALS if p.needs_attachments)
    with pytest.raises(ValueError, match="needs 7 attachments"):
        probe.content(GRANTED[:6], FOREIGN)


def test_seven_are_seven_different_ones() -> None:
    probe = next(p for p in probes.REFUSALS if p.name == "seven")
    sent = json.loads(probe.content(GRANTED, FOREIGN))["attachments"]
    assert len({one["blob_path"] for one in sent}) == 7


@pytest.mark.parametrize(
    "paths",
    [
        [f"chat/s1/{n:032x}.png" for n in range(7)],
        [f"chat/s1/{n}" for n in range(7)],
        ["chat/s1/image.png"] * 7,
        ["---"] * 7,
        ["/"] * 7,
    ],
)
def test_a_path_that_was_never_granted_has_the_form_of_one(paths: list[str]) -> None:
    other = probes.never_granted([{"blob_path": path, "mime": "image/png"} for path in paths])["blob_path"]
    assert other not in paths
    assert other.rpartition("/")[0] == paths[0].rpartition("/")[0]


def test_a_creation_keeps_the_targets_own_agent() -> None:
    lawful: dict[str, Any] = {"agent_id": 12}
    both = next(c for c in probes.CREATIONS if c.name == "both")
    assert json.loads(both.content(lawful)) == {"agent_id": 12, "managed_agent_key": "NEO_SUPPORT"}
    client = next(c for c in probes.CREATIONS if c.name == "client-id")
    assert json.loads(client.content(lawful, "c-9")) == {"agent_id": 12, "client_id": "c-9"}
    assert json.loads(client.content(lawful)) == {"agent_id": 12, "client_id": 1}


def test_every_raw_text_that_counts_as_malformed_is_no_json_object() -> None:
    for probe in probes.REFUSALS:
        if probe.rule == "ERR-03" and probe.body is not None:
            with pytest.raises(ValueError, match=r".*"):
                json.loads(probe.body)


def test_an_odd_title_is_sent_in_place_of_the_plain_one() -> None:
    odd = next(creation for creation in probes.CREATIONS if creation.name == "title-nul")
    assert json.loads(odd.content({"managed_agent_key": "NEO_SUPPORT", "title": "plain"}))["title"] == "a\0b"
