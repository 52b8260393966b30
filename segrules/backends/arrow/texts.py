"""Tests on text and on lists of text: done once for each entry of a dictionary, then looked up for every row."""

from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from segrules.backends.arrow.vectors import Array, Flags, Ints, Kind, Vector, lookup
from segrules.backends.arrow.vectors import folded as folded_texts
from segrules.ir.nodes import ListOp, TextOp
from segrules.reference.text import bad_pattern, folded_pattern

_FEW = 3
"""Rows with one of so few texts are found by comparing codes."""


def are_texts(vector: Vector) -> bool:
    """Whether the codes of a vector stand for texts, not for lists of them."""
    return vector.dictionary is not None and pa.types.is_string(vector.dictionary.type)


def of_rows(vector: Vector, test: Callable[[pa.Array], pa.Array | Flags]) -> Flags | None:
    """What `test` says of the dictionary's entries, for each row; None where the vector has no dictionary."""
    if vector.kind is not Kind.CODE or vector.dictionary is None:
        return None
    said = test(vector.dictionary)
    table = np.asarray(said if isinstance(said, np.ndarray) else said.to_numpy(zero_copy_only=False), np.bool_)
    hits = np.flatnonzero(table)
    if len(hits) > _FEW:
        return lookup(table, vector)
    # Comparing with one or two codes is ten times as fast as looking up every row.
    flags = np.zeros(len(vector), np.bool_)
    for code in hits:
        flags |= vector.data == code
    return flags


def equal(words: pa.Array, text: str, ignoring_case: bool) -> pa.Array:
    """Which texts are equal to one."""
    if ignoring_case:
        return pc.equal(folded_texts(words), folded_texts(pa.scalar(text)))
    return pc.equal(words, pa.scalar(text))


def among(words: pa.Array, values: Sequence[str], ignoring_case: bool) -> pa.Array:
    """Which texts are among some."""
    wanted = pa.array(list(values), pa.string())
    if ignoring_case:
        return pc.is_in(folded_texts(words), value_set=folded_texts(wanted))
    return pc.is_in(words, value_set=wanted)


def tested(op: TextOp, words: pa.Array, pattern: str, ignoring_case: bool) -> pa.Array:
    """Which texts pass one of the tests."""
    if op is TextOp.MATCHES:
        return _matching(folded_texts(words), folded_pattern(pattern)) if ignoring_case else _matching(words, pattern)
    if ignoring_case:
        words, pattern = folded_texts(words), folded_texts(pa.scalar(pattern)).as_py()
    match op:
        case TextOp.CONTAINS:
            return pc.match_substring(words, pattern)
        case TextOp.STARTS:
            return pc.starts_with(words, pattern)
        case TextOp.ENDS:
            return pc.ends_with(words, pattern)


def _matching(words: pa.Array, pattern: str) -> pa.Array:
    try:
        return pc.match_substring_regex(words, pattern)
    except pa.ArrowInvalid as error:
        raise bad_pattern(pattern, error) from None


def listed(op: ListOp, lists: pa.Array, choices: Sequence[str], ignoring_case: bool) -> Flags:
    """Which lists pass one of the tests; anything for a list that is not there."""
    rows = len(lists)
    words = lists.flatten()
    owners = pc.list_parent_indices(lists).to_numpy(zero_copy_only=False)

    def having(values: Sequence[str]) -> Flags:
        hits = among(words, values, ignoring_case).to_numpy(zero_copy_only=False).astype(np.bool_)
        flags = np.zeros(rows, np.bool_)
        flags[owners[hits]] = True
        return flags

    match op:
        case ListOp.ANY:
            return having(choices)
        case ListOp.NONE:
            return ~having(choices)
        case ListOp.ALL:
            found = np.ones(rows, np.bool_)
            for choice in choices:
                found &= having([choice])
            return found


def places(vector: Vector, ordered: Sequence[str]) -> Ints | None:
    """The places of texts in a closed list with an order, -1 for what is not in it."""
    if vector.kind is not Kind.CODE or not are_texts(vector):
        return None
    found = pc.index_in(vector.dictionary, value_set=pa.array(list(ordered), pa.string()))
    table: Array = found.fill_null(-1).to_numpy(zero_copy_only=False).astype(np.int64)
    return lookup(table, vector)


def folded(vector: Vector) -> Vector:
    """The texts with the letters A to Z in small."""
    assert vector.dictionary is not None
    return replace(vector, dictionary=folded_texts(vector.dictionary), distinct=False)
