"""Programs at several levels, and what their ops compute, for the tests of the lowerings."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Any

import numpy as np
from numpy.typing import NDArray
from xdsl.interpreter import Interpreter, PythonValues
from xdsl.ir import Operation, SSAValue

from raspc.algebra.values import MaybeValue, Value
from raspc.dialects import craft
from raspc.dialects.rasp import SopType
from raspc.errors import MeaningError
from raspc.lowering.assemble_transformer import Assembler
from raspc.lowering.residual_layout import ResidualLayout
from raspc.rasp.expressions import SOp
from raspc.runtime.craft_interpreter import CraftFunctions, model_of
from raspc.runtime.model import CompiledModel
from raspc.runtime.rasp_interpreter import program_of, rasp_functions
from tests.programs.levels import Stage, Task, compile_stages


class Recorder(Interpreter.Listener):
    """Keeps what each value of a run is."""

    values: dict[SSAValue, Any]

    def __init__(self) -> None:
        self.values = {}

    def did_interpret_op(self, op: Operation, results: PythonValues) -> None:
        self.values.update(zip(op.results, results, strict=True))


@dataclass(frozen=True, eq=False)
class Lowered:
    """A program at all levels of the pipeline `O0`."""

    task: Task
    stages: Sequence[Stage]

    @staticmethod
    def of(program: SOp, vocab: Iterable[Any], max_seq_len: int, *, causal: bool = False) -> Lowered:
        task = Task(program, tuple(vocab), max_seq_len, causal)
        return Lowered(task, compile_stages(task, "O0"))

    def stage(self, name: str) -> Stage:
        """The module that a pass left."""
        return next(stage for stage in self.stages if stage.name == name)

    @property
    def craft_stage(self) -> Stage:
        """The last module of the craft dialect."""
        return self.stages[-2]

    @property
    def model(self) -> CompiledModel:
        return CompiledModel(self.stages[-1].module)

    @property
    def layout(self) -> ResidualLayout:
        """The layout of the residual stream, by the values of the last craft module."""
        return Assembler(model_of(self.craft_stage.module)).layout

    def ops(self, stage: str, kind: type[Any]) -> list[Any]:
        """The ops of a kind after a pass."""
        return [op for op in self.stage(stage).module.walk() if isinstance(op, kind)]

    def mlps(self) -> list[craft.MlpOp]:
        """The perceptrons after materialize-mlp."""
        return self.ops("materialize-mlp", craft.MlpOp)

    def heads(self) -> list[craft.HeadOp]:
        """The heads after materialize-attention."""
        return self.ops("materialize-attention", craft.HeadOp)

    def rasp_values(self, tokens: Sequence[Value]) -> dict[SSAValue, list[MaybeValue]] | None:
        """The values of each s-op after infer-encodings; `None` without a meaning."""
        program = program_of(self.stage("infer-encodings").module)
        recorder = Recorder()
        interpreter = Interpreter(self.stage("infer-encodings").module, listeners=(recorder,))
        interpreter.register_implementations(rasp_functions(program, tokens))
        try:
            interpreter.run_ssacfg_region(program.body, ())
        except MeaningError:
            return None
        return {value: found for value, found in recorder.values.items() if isinstance(value.type, SopType)}

    def craft_values(self, tokens: Sequence[Value]) -> dict[SSAValue, NDArray[np.float64]]:
        """The vectors of each value of the last craft module, in float64."""
        recorder = Recorder()
        interpreter = Interpreter(self.craft_stage.module, listeners=(recorder,))
        interpreter.register_implementations(CraftFunctions([tokens], causal=self.task.causal))
        interpreter.run_ssacfg_region(model_of(self.craft_stage.module).body, ())
        return {value: recorder.values[value][0] for value in self.layout_values() if value in recorder.values}

    def layout_values(self) -> list[SSAValue]:
        """The values of the last craft module that have a place in the residual stream."""
        return [result for op in model_of(self.craft_stage.module).body.block.ops for result in op.results]

    def residual_stream(self, tokens: Sequence[Value]) -> NDArray[np.float32]:
        """The residual stream after the last layer, [1 + n, d_model]."""
        return self.model.trace(tokens).residual_stream[-1].values


def inputs_of(vocab: Sequence[Value], max_seq_len: int) -> list[list[Value]]:
    return [list(tokens) for n in range(1, max_seq_len + 1) for tokens in product(vocab, repeat=n)]


def perceptron(op: craft.MlpOp, inputs: Sequence[NDArray[np.float64]]) -> list[NDArray[np.float32]]:
    """What a perceptron computes in float32 for vectors [n, size] of each of its inputs."""
    hidden = op.bias_vector.astype(np.float32)
    for x, matrix in zip(inputs, op.w_in, strict=True):
        hidden = hidden + x.astype(np.float32) @ matrix.data.to_dense().astype(np.float32)
    hidden = np.maximum(hidden, np.float32(0))
    return [hidden @ matrix.data.to_dense().astype(np.float32) for matrix in op.w_out]
