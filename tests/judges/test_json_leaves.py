"""The scalars of a JSON value, however it is nested."""

from __future__ import annotations

from typing import Any

from conformance.judging.json_leaves import leaves, names, shape, texts


def test_every_scalar_with_its_path_in_order() -> None:
    value = {"a": [1, {"b": None}], "c": "x", "d": []}
    assert list(leaves(value)) == [(("a", 0), 1), (("a", 1, "b"), None), (("c",), "x")]


def test_any_depth() -> None:
    value: Any = "deep"
    for _ in range(5_000):
        value = [value]
    assert [leaf for _, leaf in leaves(value)] == ["deep"]


def test_numbers_are_texts_and_booleans_are_not() -> None:
    assert set(texts({"k": [7, True, None, "s"]})) == {"k", "7", "s"}


def test_a_number_too_long_to_print_is_passed_over() -> None:
    assert list(texts([10**5000, "s"])) == ["", "s"]


def test_a_name_is_a_whole_word() -> None:
    assert names({"error": {"message": "accepted as msg-1, earlier"}}, "msg-1")
    assert names({"details": {"original": 12}}, "12")
    assert names({"msg-1": True}, "msg-1")
    assert not names({"message": "msg-12"}, "msg-1")
    assert not names({"message": "a-msg-1"}, "msg-1")


def test_a_shape_forgets_the_indexes() -> None:
    assert shape(("data", 3, "parts", 0, "text")) == ("data", "*", "parts", "*", "text")
