"""The compiler from end to end: a RASP program in Python in, a transformer out."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from xdsl.context import Context
from xdsl.dialects.builtin import ModuleOp
from xdsl.passes import ModulePass, PassPipeline, PassPipelineCallbackType

from raspc.errors import CompileError

if TYPE_CHECKING:
    from raspc.rasp import SOp
    from raspc.runtime.model import CompiledModel


def compile(  # noqa: A001  the name that users expect: raspc.compile
    program: SOp,
    vocab: Iterable[object],
    max_seq_len: int,
    *,
    causal: bool = False,
    pipeline: str = "O2",
    strict: bool = False,
    dtype: str = "float32",
    name: str | None = None,
    on_pass: PassPipelineCallbackType | None = None,
) -> CompiledModel:
    """Compile a RASP program to a transformer that computes it exactly.

    Args:
        program: the s-op to compute.
        vocab: the tokens that an input may contain: ints, floats, bools, strings or tuples of these.
        max_seq_len: the length of the longest input, at least 1.
        causal: whether every selector selects only keys at or before the query.
        pipeline: the name of a pipeline in `raspc.pipelines`. `O0` is the faithful one: every s-op lies in its own
            subspace, and each is computed by one component. `O1` first takes away what the program doesn't need.
        strict: refuse a program of which it can't be proved that it has a meaning on every input. Otherwise a
            `MeaningWarning` says what is assumed.
        dtype: what the model's weights are rounded to and what it computes in: float32, float16 or bfloat16.
        name: the model's name; by default that of the s-op.
        on_pass: called before the first pass and after each, as by xDSL's `PassPipeline`: with the pass that has run,
            the module, and the pass that follows (`None` where there is none). A `raspc.statistics.PassRecorder` keeps
            what each pass did.

    Raises:
        ProgramError: an argument is not what it should be.
        CompileError: the program can't be compiled to an exact transformer; the message says which expression is the
            reason, and what to do.

    >>> from raspc import rasp
    >>> model = compile(rasp.library.make_reverse(rasp.tokens), vocab=["a", "b"], max_seq_len=5)
    >>> model(["a", "b", "b"])
    ['b', 'b', 'a']
    """
    from raspc.rasp.entry import build_module
    from raspc.runtime.model import CompiledModel

    module = build_module(program, vocab, max_seq_len, causal=causal, name=name)
    run_pipeline(module, pipeline, strict=strict, dtype=dtype, on_pass=on_pass)
    return CompiledModel(module)


def run_pipeline(
    module: ModuleOp,
    pipeline: str,
    *,
    strict: bool = False,
    dtype: str = "float32",
    on_pass: PassPipelineCallbackType | None = None,
) -> None:
    """Apply a named pipeline to a module in the rasp dialect, and verify the module after each pass.

    Raises:
        CompileError: a pass refuses the program.
    """
    from raspc.pipelines import passes_of

    run_passes(module, passes_of(pipeline, strict=strict, dtype=dtype), on_pass)


def run_passes(module: ModuleOp, passes: Sequence[ModulePass], on_pass: PassPipelineCallbackType | None = None) -> None:
    """Apply passes to a module, verify it after each, and call `on_pass` then; see `compile`.

    Raises:
        CompileError: a pass refuses the program.
    """

    def between(previous: ModulePass | None, module: ModuleOp, following: ModulePass | None) -> None:
        if previous is not None:
            module.verify()
        if on_pass is not None:
            on_pass(previous, module, following)

    try:
        PassPipeline(tuple(passes), between).apply(Context(), module)
    except CompileError as error:
        error.__notes__ = []  # xDSL's rewriter adds the whole module; the message says where to look
        raise
