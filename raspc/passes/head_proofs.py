"""Inputs that refute the proofs that are recorded in the heads of a craft model.

`at_most_one` and `clauses` are what the certificate relies on. A model that comes from text is run on inputs: all, if
they are few, and otherwise some.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice, product
from typing import Any

import numpy as np
from numpy.typing import NDArray
from xdsl.ir import SSAValue

from raspc.algebra.values import Value
from raspc.dialects.craft import AttentionOp, HeadOp, MlpOp, ModelOp, UnembedOp
from raspc.dialects.craft.evaluation import Batch, evaluate_op
from raspc.dialects.places import place_of
from raspc.errors import CompileError
from raspc.passes.locations import location_of
from raspc.passes.names import name_of
from raspc.passes.value_analysis.meaning import Witness, count_up_to, tried_inputs

FEW = 128
"""If there are so many inputs at most, all are tried."""

LONGEST = 24
"""The longest input that is tried otherwise."""

WEIGHTS = 1 << 20
"""The most elements of a dense matrix of a model that is run."""


def examine_heads(model: ModelOp) -> None:
    """Refuse a model with a head of which an input shows that a recorded proof is false.

    Raises:
        CompileError: there is one.
    """
    heads = [op for op in model.body.walk() if isinstance(op, HeadOp)]
    stated = [op for op in heads if op.at_most_one is not None or max(op.clause_sizes, default=1) > 1]
    if not stated or not _is_small(model):
        return
    for tokens in _inputs(model):
        batch = Batch([tokens], causal=model.causal is not None)
        values: dict[SSAValue, Any] = {}
        for op in model.body.block.ops:
            for head in op.heads if isinstance(op, AttentionOp) else [op] if isinstance(op, HeadOp) else []:
                _check(head, [values[operand][0] for operand in head.operands], batch)
            if isinstance(op, AttentionOp):
                found = [evaluate_op(head, [values[x] for x in head.operands], batch)[0] for head in op.heads]
                values.update(zip(op.results, found, strict=True))
            elif not isinstance(op, UnembedOp):
                found = evaluate_op(op, [values[operand] for operand in op.operands], batch)
                values.update(zip(op.results, found, strict=True))


def _check(head: HeadOp, operands: list[NDArray[np.float64]], batch: Batch) -> None:
    n = len(head.queries)
    terms = [
        np.where(batch.mask[0], query @ form.data.to_dense() @ key.T, 0.0)
        for query, key, form in zip(operands[:n], operands[n : 2 * n], head.qk, strict=True)
    ]
    tokens = batch.inputs[0]
    start = 0
    for size in head.clause_sizes:
        if size > 1 and (np.sum([np.abs(term) > 0.5 for term in terms[start : start + size]], axis=0) > 1).any():
            problem = "two terms of one clause hold together, and it says that never more than one does"
            raise _refusal(head, problem, tokens)
        start += size
    if head.at_most_one is not None and terms:
        ahead = np.where(batch.mask[0], sum(terms), -np.inf) > head.bos_score.value.data
        if (ahead.sum(axis=1) > 1).any():
            raise _refusal(head, "it selects several positions, and says that it selects one position at most", tokens)


def _refusal(head: HeadOp, problem: str, tokens: Sequence[Value]) -> CompileError:
    return CompileError(
        f"{problem}: it is so on {Witness(tokens, '')}",
        expression=name_of(head.result),
        where=location_of(head) or place_of(head),
        help="leave the proof out: the passes record those that they find",
    )


def _is_small(model: ModelOp) -> bool:
    matrices = [
        attr.data
        for op in model.body.walk()
        if isinstance(op, HeadOp | MlpOp)
        for attr in (*(op.qk if isinstance(op, HeadOp) else op.w_in), *(op.ov if isinstance(op, HeadOp) else op.w_out))
    ]
    return all(matrix.shape[0] * matrix.shape[1] <= WEIGHTS for matrix in matrices) and model.max_seq_len.data <= 512


def _inputs(model: ModelOp) -> Iterator[list[Value]]:
    vocab, longest = model.vocab.data.values, model.max_seq_len.data
    if count_up_to(len(vocab), longest, FEW) <= FEW:
        yield from (list(xs) for n in range(1, longest + 1) for xs in product(vocab, repeat=n))
    else:
        yield from islice(tried_inputs(vocab, vocab, min(longest, LONGEST)), FEW)
