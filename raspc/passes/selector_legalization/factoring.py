"""Selects of s-ops that are functions of two others, as selects of these two.

Claim. Let the keys of a select be a function of s-ops p and s, and its queries one of the same two. For each pair of
values of p, at the key and at the query, the predicate is a table of the values of s. If each of these tables is all
true, all false, or one and the same table T, the select is the disjunction of two selectors that never hold both: a
select of p where the table is all true; and the select of p where it is T, joined by `and` with the select of s by T.

So `select(n * key + index, n * key + index, LT)` is `key < key` or `key == key and index < index`: nothing has to be
computed before a head can read it.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray
from xdsl.ir import Operation, SSAValue

from raspc.algebra.grid import NEVER, UNDEFINED, Axis, JointValues
from raspc.algebra.truth import MEANINGLESS
from raspc.dialects.rasp import SelectOp
from raspc.dialects.rasp.attributes import Encoding
from raspc.dialects.rasp.ops import SopOp
from raspc.passes.selector_legalization.atoms import Atom
from raspc.passes.selector_terms import truth_of
from raspc.passes.sop_types import domain_of, encoding_of
from raspc.passes.value_analysis import ValueAnalysis

CELL_LIMIT = 1 << 20
"""The most combinations of values of both s-ops at both positions."""


def factored(select: SelectOp, analysis: ValueAnalysis) -> list[list[Atom]] | None:
    """The selects that a select is made of: it holds where all of one list do, and never all of two lists.

    Args:
        select: a select whose keys and queries a map computes.
        analysis: what is known of the program.

    Returns:
        One list or two; `None` if the select isn't of this form.
    """
    facts = analysis.facts
    keys, queries = facts.joints[select.keys], facts.joints[select.queries]
    if len(keys.axes) != 2 or keys.axes != queries.axes or keys.codes.size * queries.codes.size > CELL_LIMIT:
        return None
    if facts.impossible(keys.sizes()).any():
        return None
    sources = [_source(axis, select, analysis) for axis in keys.axes]
    rows, columns = _codes(select.keys, keys), _codes(select.queries, queries)
    truth = truth_of(select)
    if rows is None or columns is None or None in sources or (truth == MEANINGLESS).any():
        return None
    # [n_values of p, of s, of p, of s]: the first two at the key, the others at the query
    holds = truth[rows.ravel()][:, columns.ravel()].reshape(*rows.shape, *columns.shape) == 1
    for primary, secondary, tables in (
        (sources[0], sources[1], holds.transpose(0, 2, 1, 3)),
        (sources[1], sources[0], holds.transpose(1, 3, 0, 2)),
    ):
        assert primary is not None
        assert secondary is not None
        found = _terms(primary, secondary, tables)
        if found is not None:
            return found
    return None


def _terms(primary: SSAValue, secondary: SSAValue, tables: NDArray[np.bool_]) -> list[list[Atom]] | None:
    """The terms, of the table for each pair of values of the primary s-op: [n, n, m, m]."""
    flat = tables.reshape(*tables.shape[:2], -1)
    full: NDArray[np.bool_] = np.all(flat, axis=-1, keepdims=True)[..., 0]
    mixed: NDArray[np.bool_] = np.any(flat, axis=-1, keepdims=True)[..., 0] & ~full
    patterns = tables[mixed]
    if not len(patterns) or (patterns != patterns[0]).any():
        return None
    terms = [[_atom(primary, mixed), _atom(secondary, patterns[0])]]
    if full.any():
        terms.insert(0, [_atom(primary, full)])
    return terms


def _atom(sop: SSAValue, holds: NDArray[np.bool_]) -> Atom:
    return Atom(sop, sop, holds.astype(np.int8))


def _source(axis: Axis, select: SelectOp, analysis: ValueAnalysis) -> SSAValue | None:
    """The first one-hot s-op before a select that is what an axis stands for, value by value."""
    for op in _before(select):
        if not isinstance(op, SopOp) or encoding_of(op.result) == Encoding.NUMERICAL:
            continue
        joint = analysis.facts.joints.get(op.result)
        if (
            joint is not None
            and joint.axes == (axis,)
            and op not in analysis.averages
            and np.array_equal(joint.codes, np.arange(joint.codes.size))
            and joint.domain.values == domain_of(op.result).values
        ):
            return op.result
    return None


def _before(op: Operation) -> Iterable[Operation]:
    block = op.parent_block()
    assert block is not None
    for other in block.ops:
        if other is op:
            return
        yield other


def _codes(value: SSAValue, joint: JointValues) -> NDArray[np.int64] | None:
    """The codes of an s-op's own domain for each combination; `None` if it is undefined or doesn't occur somewhere."""
    if ((joint.codes == NEVER) | (joint.codes == UNDEFINED)).any():
        return None
    own = domain_of(value).codes
    codes = [own.get(each) for each in joint.domain.values]
    return None if None in codes else np.array(codes, dtype=np.int64)[joint.codes]
