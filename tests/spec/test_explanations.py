"""Each requirement is explained once, with a lawful example and one that breaks this very rule; REQUIREMENTS.md is in step."""

from __future__ import annotations

import re
from typing import Any

import jsonschema_rs
import pytest
from markdown_it import MarkdownIt

from conformance.explain import faults
from conformance.explained import Explanation, explanations
from conformance.explaining import document
from conformance.requirements import catalogue
from conformance.spec_files import SpecDamaged, check_form, openapi_document, read_spec, read_spec_yaml
from tests.spec.example_rules import FORMS, STORIES
from tests.spec.wire_examples import Shown, exchanges

RULES = FORMS | STORIES
OVERLAPS = {"CUR-10": {"ERR-04"}}
"""Two rules of which one is a case of the other: whatever breaks the first breaks the second too."""

every_explanation = pytest.mark.parametrize("told", explanations().values(), ids=lambda told: told.id)


def test_all_requirements_are_explained_once_and_in_order() -> None:
    listed = [entry["id"] for entry in read_spec_yaml("explanations.yaml")["explanations"]]
    assert listed == list(catalogue()) == list(explanations())


def test_every_requirement_has_a_rule_for_its_examples() -> None:
    assert not FORMS.keys() & STORIES.keys()
    assert RULES.keys() == catalogue().keys()


@every_explanation
def test_the_good_example_keeps_every_rule(told: Explanation) -> None:
    shown = exchanges(told.good)
    assert RULES[told.id](shown)
    assert [one for one, keeps in FORMS.items() if not keeps(shown)] == []


@every_explanation
def test_the_bad_example_breaks_this_rule_and_no_other(told: Explanation) -> None:
    shown = exchanges(told.bad)
    assert not RULES[told.id](shown)
    also = {one for one, keeps in FORMS.items() if not keeps(shown)} - {told.id}
    assert also == OVERLAPS.get(told.id, set())


@every_explanation
def test_the_good_answers_are_of_the_documented_form(told: Explanation) -> None:
    for one in exchanges(told.good):
        problems = _problems(one)
        assert problems == [], f"{one.method} {one.url} {one.status}"


@every_explanation
def test_both_examples_tell_the_same_story(told: Explanation) -> None:
    """A reader compares the two: the bad one does nothing that the good one does not."""
    good, bad = exchanges(told.good), exchanges(told.bad)
    assert {(one.method, one.path) for one in bad} <= {(one.method, one.path) for one in good}


@every_explanation
def test_no_sentence_is_said_twice_or_quotes_the_catalogue(told: Explanation) -> None:
    said = told.requirement.rule + told.requirement.judged
    for text in (told.why, told.not_demanded):
        assert text.strip() not in said
        assert [other.id for other in explanations().values() if text in (other.why, other.not_demanded)] == [told.id]


def _problems(one: Shown) -> list[str]:
    """What the OpenAPI document says against this answer; headers are not shown in full, so they are not asked for."""
    templated = re.sub(r"/sessions/[^/]+", "/sessions/{session_id}", one.path)
    item = openapi_document()["paths"].get(templated)
    if item is None:
        return [] if one.url.startswith("https://") else [f"no such path: {templated}"]
    answers = item[one.method.lower()]["responses"]
    answer = answers.get(str(one.status)) or answers.get(f"{one.status // 100}XX")
    if answer is None:
        return ["no such status"]
    while "$ref" in answer:
        answer = openapi_document()["components"]["responses"][answer["$ref"].rpartition("/")[2]]
    if one.is_tail:
        return []  # its chunks are held against the same source by EVT-03
    schema: dict[str, Any] = answer["content"]["application/json"]["schema"]
    whole = {**schema, "components": openapi_document()["components"]}
    return [error.message for error in jsonschema_rs.Draft202012Validator(whole).iter_errors(one.answer)]


def test_requirements_md_is_in_step() -> None:
    made = document(explanations().values(), faults())
    command = "neo-conformance explain --markdown > spec/REQUIREMENTS.md"
    assert read_spec("REQUIREMENTS.md").rstrip() == made.rstrip(), f"spec/REQUIREMENTS.md is out of date: {command}"


def test_requirements_md_is_markdown_whose_links_lead_somewhere() -> None:
    tokens = MarkdownIt("commonmark", {"html": True}).enable("table").parse(read_spec("REQUIREMENTS.md"))
    headings = {tokens[place + 1].content.lower() for place, one in enumerate(tokens) if one.type == "heading_open"}
    links = {
        str(child.attrGet("href")) for token in tokens for child in token.children or () if child.type == "link_open"
    }
    assert {link[1:] for link in links if link.startswith("#")} == {one.lower() for one in catalogue()}
    assert {link[1:] for link in links if link.startswith("#")} <= headings
    pages = {link for link in links if not link.startswith("#")}
    assert pages == {one.page for one in catalogue().values()}
    assert not any(token.type == "html_block" for token in tokens)
    fences = [token for token in tokens if token.type == "fence"]
    assert len(fences) == 2 * len(catalogue())


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"id": "ACC-99"}, "ACC-99"),
        ({"why": "short"}, "why"),
        ({"good": "HTTP/1.1 200 OK\n"}, "good"),
        ({"more": "x"}, "more"),
        ({"bad": None}, "bad"),
    ],
)
def test_a_damaged_file_is_told_in_one_line(
    change: dict[str, object], named: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    damaged = read_spec_yaml("explanations.yaml")
    damaged["explanations"][0] |= change
    _read_instead(damaged, monkeypatch)
    with pytest.raises(SpecDamaged, match=named) as caught:
        explanations.__wrapped__()
    assert "\n" not in str(caught.value)


def test_one_twice_or_none_at_all_is_damage(monkeypatch: pytest.MonkeyPatch) -> None:
    document_ = read_spec_yaml("explanations.yaml")
    entries = document_["explanations"]
    _read_instead({**document_, "explanations": [entries[0], *entries]}, monkeypatch)
    with pytest.raises(SpecDamaged, match="ACC-01 twice"):
        explanations.__wrapped__()
    _read_instead({**document_, "explanations": entries[:-1]}, monkeypatch)
    with pytest.raises(SpecDamaged, match=r"lacks FUZZ-02"):
        explanations.__wrapped__()


def _read_instead(value: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("conformance.explained.read_spec_yaml", lambda _name: value)


def test_the_form_is_a_json_schema() -> None:
    check_form(
        read_spec_yaml("explanations.yaml"), schema_name="explanations.schema.json", document_name="explanations.yaml"
    )
