"""Filters of the catalogue: the rows for which they are known to be true."""

import numpy as np
import pyarrow.compute as pc

from segrules.backends.arrow import texts
from segrules.backends.arrow.tables import RowFrame
from segrules.backends.arrow.vectors import Flags, Kind
from segrules.ir import nodes as ir
from segrules.types.types import TextType

_FEW = 3


def known_true(frame: RowFrame, where: ir.Condition) -> Flags:
    """Where a condition on rows is true."""
    match where:
        case ir.And(items):
            flags = known_true(frame, items[0])
            for item in items[1:]:
                flags = flags & known_true(frame, item)
            return flags
        case ir.Compare(ir.CompareOp.EQ, ir.Property(name, of), ir.Literal(str() as text), ignoring_case=False):
            found = None if isinstance(of, TextType) and of.ordered else _equal(frame, name, text)
            return frame.truth(where).true if found is None else found
        case _:
            return frame.truth(where).true


def _equal(frame: RowFrame, name: str, text: str) -> Flags | None:
    """Rows with one text: their codes are compared with the one or two that stand for it, without a lookup."""
    vector = frame.column(name)
    if vector.kind is not Kind.CODE or not texts.are_texts(vector) or vector.none is not None:
        return None
    codes = pc.indices_nonzero(pc.equal(vector.dictionary, text)).to_pylist()
    if len(codes) > _FEW:
        return None
    flags = np.zeros(len(vector), np.bool_)
    for code in codes:
        flags |= vector.data == code
    if vector.present is not None:
        flags &= vector.present
    return flags
