"""Tracr's `tracr.compiler.compiling`: the compiler with Tracr's arguments."""

from __future__ import annotations

import warnings
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from raspc.algebra.values import Value, is_number
from raspc.errors import CompatibilityWarning, ProgramError, ReservedTokenError

if TYPE_CHECKING:
    from raspc.compat.tracr.compiler.assemble import AssembledTransformerModel
    from raspc.rasp import SOp

COMPILER_BOS = "compiler_bos"
"""The BOS token of a model that is given no other."""

COMPILER_PAD = "compiler_pad"
"""The token for padding of a model that is given no other."""

MLP_EXACTNESS = 100
"""Tracr's default of `mlp_exactness`."""


def compile_rasp_to_model(
    program: SOp,
    vocab: Iterable[object],
    max_seq_len: int,
    causal: bool = False,
    compiler_bos: str = COMPILER_BOS,
    compiler_pad: str = COMPILER_PAD,
    mlp_exactness: float = MLP_EXACTNESS,
) -> AssembledTransformerModel:
    """Compile a RASP program to a transformer that computes it exactly, with the interface of Tracr's models.

    Args:
        program: the s-op to compute.
        vocab: the tokens that an input may contain.
        max_seq_len: the length of the longest input, without BOS.
        causal: whether every selector selects only keys at or before the query.
        compiler_bos: the token that stands first in every input; not in the vocabulary.
        compiler_pad: the token for padding after an input, which is never attended to; not in the vocabulary.
        mlp_exactness: there is nothing to choose: the slopes of all MLPs follow from the values that they tell apart,
            and a certificate proves them right. Any other value than Tracr's default is warned of.

    Raises:
        ReservedTokenError: the vocabulary contains the token for BOS or for padding, or they are one. It is a
            ValueError.
        ProgramError: an argument is not what it should be.
        CompileError: the program can't be compiled to an exact transformer; the message says which expression is the
            reason, and what to do.

    >>> from raspc.rasp import library
    >>> model = compile_rasp_to_model(library.shift_by(1, library.make_hist()), {"a", "b"}, max_seq_len=3)
    >>> model.apply(["compiler_bos", "b", "a", "b"]).decoded
    ['compiler_bos', None, 2, 1]
    """
    from raspc.compat.tracr.compiler.assemble import assemble
    from raspc.compiler import compile as compile_program
    from raspc.rasp.entry import checked_vocab

    if not is_number(mlp_exactness) or not mlp_exactness > 0:
        raise ProgramError(f"mlp_exactness must be a positive number, found {mlp_exactness!r:.80}")
    tokens = checked_vocab(vocab)
    _check_reserved(tokens, compiler_bos, compiler_pad)
    if mlp_exactness != MLP_EXACTNESS:
        warnings.warn(
            f"mlp_exactness={mlp_exactness} changes nothing: each MLP's slopes follow from the values that it tells "
            "apart, and the model is exact; leave the argument out",
            CompatibilityWarning,
            stacklevel=2,
        )
    # The faithful pipeline, whatever the default is: every s-op has its own directions of the residual stream.
    model = compile_program(program, tokens, max_seq_len, causal=causal, pipeline="O0")
    return assemble(model, program.name, compiler_bos, compiler_pad)


def _check_reserved(vocab: Sequence[Value], bos: object, pad: object) -> None:
    for name, token in (("compiler_bos", bos), ("compiler_pad", pad)):
        if not isinstance(token, str):
            raise ProgramError(f"{name} must be a string, found {token!r:.80}")
        if token in vocab:
            raise ReservedTokenError(
                f"the vocabulary contains {token!r}, which is {name}: choose another {name}, or use raspc.compile, "
                "which reserves no token"
            )
    if bos == pad:
        raise ReservedTokenError(f"compiler_bos and compiler_pad are both {bos!r}: they must differ")
