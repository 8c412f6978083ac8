"""The compiler from end to end: a RASP program in Python in, a transformer out."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from xdsl.dialects.builtin import ModuleOp
    from xdsl.passes import PassPipelineCallbackType

    from raspc.rasp import SOp
    from raspc.runtime.model import CompiledModel


def compile(  # noqa: A001  the name that users expect: raspc.compile
    program: SOp,
    vocab: Iterable[object],
    max_seq_len: int,
    *,
    causal: bool = False,
    pipeline: str = "O2",
    objective: str = "layers",
    uniform: bool = False,
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
        causal: whether every selector selects only keys at or before the query. A causal model computes
            `program(xs, causal=True)`, where `program(xs)` looks at later positions, too.
        pipeline: the name of a pipeline in `raspc.pipelines`. `O2` makes the model small, `O3` too, with a solver. `O0`
            is the faithful one: every s-op lies in its own subspace, and each is computed by one component. `O1` first
            takes away what the program doesn't need.
        objective: what is to be small above all: `layers`, then with as many layers parameters; `parameters`, whatever
            layers it takes; or `width`, the residual stream. Another one than `layers` is for the pipelines that
            optimise, takes several times as long, and may make an output of numbers numerical.
        uniform: pad all layers to one shape, and balance them for that.
        strict: refuse a program of which it can't be proved that it has a meaning on every input. Otherwise a
            `MeaningWarning` says what is assumed.
        dtype: what the model's weights are rounded to and what it computes in: float32, float16 or bfloat16.
        name: the model's name; by default that of the s-op.
        on_pass: called before the first pass and after each, as by xDSL's `PassPipeline`: with the pass that has run,
            the module, and the pass that follows (`None` where there is none). Where a pipeline that optimises refuses
            a program that simpler passes compile, it is called for those anew. A `raspc.statistics.PassRecorder` keeps
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
    run_pipeline(module, pipeline, objective=objective, uniform=uniform, strict=strict, dtype=dtype, on_pass=on_pass)
    return CompiledModel(module)


def run_pipeline(
    module: ModuleOp,
    pipeline: str,
    *,
    objective: str = "layers",
    uniform: bool = False,
    strict: bool = False,
    dtype: str = "float32",
    on_pass: PassPipelineCallbackType | None = None,
) -> None:
    """Apply a named pipeline to a module in the rasp dialect, and verify the module after each pass.

    Raises:
        CompileError: a pass refuses the program, or the pipeline can't have the objective.
    """
    from xdsl.utils.exceptions import VerifyException

    from raspc.application import run_best
    from raspc.errors import CompileError
    from raspc.pipelines import fallbacks_of, pipelines_of

    pipelines = pipelines_of(pipeline, objective=objective, uniform=uniform, strict=strict, dtype=dtype)
    fallbacks = fallbacks_of(pipeline, uniform=uniform, strict=strict, dtype=dtype)
    try:
        run_best(module, pipelines, fallbacks, objective, on_pass)
    except VerifyException as error:
        raise CompileError(f"a pass made a module that is invalid: {error}", help="report it, please") from error
    except RecursionError as error:
        raise CompileError(
            "the program is nested too deeply to be compiled", help="split its functions, or raise the recursion limit"
        ) from error
