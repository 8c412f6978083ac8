"""Every level of the compiler as a function from inputs to outputs, and how outputs are compared.

The expected outputs come from the reference interpreter, which knows nothing of the compiler.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import chain, islice
from typing import Any

from xdsl.context import Context
from xdsl.dialects.builtin import Builtin, ModuleOp
from xdsl.parser import Parser
from xdsl.passes import ModulePass

from raspc import rasp, universe
from raspc.algebra.expression import Expression
from raspc.algebra.functions import Function, Opaque, Table
from raspc.algebra.twins import count_as_one
from raspc.algebra.values import MaybeValue, Value
from raspc.dialects.rasp import MapOp, Rasp, SelectOp
from raspc.errors import MeaningError, MeaningWarning
from raspc.pipelines import passes_of
from raspc.rasp.entry import build_module
from raspc.rasp.expressions import SOp
from raspc.runtime.base import Model
from raspc.runtime.jax_runner import JaxRunner
from raspc.runtime.levels import RunnableOp, computes_with_values, run_inputs
from raspc.runtime.model import CompiledModel
from raspc.runtime.onnx_runner import OnnxModel
from raspc.testing.sampling import all_inputs, count_inputs, edge_inputs, sampled_inputs
from tests.extent import THOROUGH

Input = list[Value]
Output = list[MaybeValue]

SOURCE = "rasp"
"""The name of the first stage, before any pass."""


class MismatchError(AssertionError):
    """A level computes something else than the program."""


@dataclass(frozen=True)
class Task:
    """A program and what to compile it for."""

    program: SOp
    vocab: tuple[Any, ...]
    max_seq_len: int
    causal: bool = False

    def evaluate(self, tokens: Sequence[Any]) -> Output | None:
        """The program's outputs by the definition of the language, `None` where it has no meaning."""
        try:
            return rasp.evaluate(self.program, tokens, causal=self.causal)
        except MeaningError:
            return None

    def inputs(self, exhaustive: int, samples: int, seed: int = 0) -> Iterator[Input]:
        """All inputs if they are at most `exhaustive`, otherwise the edges and so many random ones."""
        vocab, longest = self.vocab, self.max_seq_len
        if count_inputs(len(vocab), longest) <= exhaustive:
            return all_inputs(vocab, longest)
        return chain(islice(edge_inputs(vocab, longest), samples), sampled_inputs(vocab, longest, samples, seed))


@dataclass(frozen=True, eq=False)
class Stage:
    """A module between two passes of a pipeline.

    Attributes:
        name: the pass that it comes from.
        module: a copy that nothing changes any more.
        remaining: the passes that are still to run.
        exceeds_text: whether it has an expression that computes values as large as no text may; see `Watched`.
    """

    name: str
    module: ModuleOp
    remaining: tuple[ModulePass, ...]
    exceeds_text: bool = False

    def run(self, inputs: Sequence[Sequence[Value]]) -> list[Output]:
        """The outputs of the interpreter for the level that the module has reached."""
        (op,) = [op for op in self.module.ops if isinstance(op, RunnableOp)]
        outputs = run_inputs(op, inputs)
        assert None not in outputs, "the program has a meaning on the inputs"
        return [output for output in outputs if output is not None]

    @property
    def computes_with_values(self) -> bool:
        """Whether values are computed as they are: nothing is lowered to vectors yet."""
        (op,) = [op for op in self.module.ops if isinstance(op, RunnableOp)]
        return computes_with_values(op)

    @property
    def runs_batches(self) -> bool:
        """Whether its interpreter runs many inputs at once, and so quickly; `make thorough` doesn't mind."""
        return THOROUGH or self.dialect != Rasp.name

    @cached_property
    def model(self) -> CompiledModel:
        """The model of a module that has reached the transformer dialect."""
        return CompiledModel(self.module)

    @cached_property
    def dialect(self) -> str | None:
        """The dialect of all that the module contains; `None` if it is lowered in part."""
        dialects = {op.dialect_name() for op in self.module.walk()} - {Builtin.name}
        return dialects.pop() if len(dialects) == 1 else None

    @cached_property
    def has_text(self) -> bool:
        """Whether the module can be printed and read again: not if it contains a function that only Python has."""
        if self.exceeds_text:
            return False
        for op in self.module.walk():
            if isinstance(op, MapOp) and isinstance(op.function.data, Opaque):
                return False
            if isinstance(op, SelectOp) and isinstance(op.predicate.data, Opaque):
                return False
        return True

    @cached_property
    def text(self) -> str | None:
        """The module as text; `None` if it can't be printed."""
        return str(self.module) if self.has_text else None

    @property
    def next_pass(self) -> str:
        """The pass that makes the next stage, as `rasp-opt -p` takes it; empty after the last one."""
        return str(self.remaining[0].spec()) if self.remaining else ""


def compile_stages(task: Task, pipeline: str) -> list[Stage]:
    """The module of a program before the first pass and after each; all of them verify.

    Raises:
        CompileError: the compiler refuses the program.
    """
    module = build_module(task.program, task.vocab, task.max_seq_len, causal=task.causal)
    first, second, *rest = run_passes(SOURCE, module, passes_of(pipeline))
    became_tables = any(
        isinstance(before, Expression) and isinstance(after, Table)
        for before, after in zip(_functions(first), _functions(second), strict=True)
    )
    return [replace(first, exceeds_text=became_tables), second, *rest]


def _functions(stage: Stage) -> list[Function]:
    """The functions of a stage's maps and selects, in order."""
    ops = [op for op in stage.module.walk() if isinstance(op, MapOp | SelectOp)]
    return [op.function.data if isinstance(op, MapOp) else op.predicate.data for op in ops]


def run_passes(name: str, module: ModuleOp, passes: Sequence[ModulePass]) -> list[Stage]:
    """The module, called `name`, and what it is after each of the passes, which change the module itself."""
    module.verify()
    stages = [Stage(name, module.clone(), tuple(passes))]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", MeaningWarning)
        for number, compiler_pass in enumerate(passes, start=1):
            compiler_pass.apply(Context(), module)
            module.verify()
            stages.append(Stage(compiler_pass.name, module.clone(), tuple(passes[number:])))
    return stages


def parse(text: str) -> ModuleOp:
    """A module from its text, at any level."""
    context = Context()
    context.load_dialect(Builtin)
    for name, factory in universe.DIALECTS.items():
        context.register_dialect(name, factory)
    module = Parser(context, text).parse_module()
    module.verify()
    return module


def onnx_bytes(model: CompiledModel) -> bytes:
    """The model as the bytes of an ONNX file."""
    return model.to_onnx().SerializeToString(deterministic=True)


def runtimes(model: CompiledModel, *, jax: bool) -> dict[str, Model]:
    """The model in other runtimes, by name."""
    found: dict[str, Model] = {"ONNX Runtime": OnnxModel(onnx_bytes(model))}
    if jax:
        found["JAX"] = JaxRunner(model.to_jax())
    return found


def check(level: str, inputs: Sequence[Sequence[Any]], expected: Sequence[Output], found: Sequence[Output]) -> None:
    """Compare the outputs of a level with those of the program.

    Raises:
        MismatchError: they differ.
    """
    if len(expected) != len(found):
        raise MismatchError(f"{level}: {len(expected)} inputs, but {len(found)} outputs")
    for tokens, wanted, got in zip(inputs, expected, found, strict=True):
        if not same_output(wanted, got):
            raise MismatchError(f"{level}: on {list(tokens)!r} expected {wanted!r}, found {got!r}")


def same_output(expected: Output, found: Output) -> bool:
    """Whether two outputs are equal at every position."""
    return len(expected) == len(found) and all(map(count_as_one, expected, found))
