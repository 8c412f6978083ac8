"""How large a program or a model is, at any level, and what each pass of a compilation changes about it."""

from __future__ import annotations

import time
from dataclasses import dataclass

from xdsl.dialects.builtin import ModuleOp
from xdsl.ir import Operation
from xdsl.passes import ModulePass

from raspc.dialects import craft, transformer
from raspc.dialects.rasp import ProgramOp, SelectOp, SelectorNotOp
from raspc.dialects.rasp.ops import SopOp
from raspc.dialects.rasp.selectors import BinarySelectorOp
from raspc.dialects.transformer.layers import read_model
from raspc.errors import CompileError
from raspc.lowering.assembled_sizes import AssembledSizes, assembled_sizes
from raspc.lowering.metadata import ModelConfig


@dataclass(frozen=True)
class Statistics:
    """How large a module is. What is counted, is counted at every level; sizes are `None` until they are certain.

    Attributes:
        sops: ops of the rasp dialect that compute s-ops.
        selectors: ops of the rasp dialect that compute selectors.
        heads: attention heads, of all layers together.
        mlps: perceptrons.
        hidden_units: the hidden units of all perceptrons together.
        n_layers: layers, each an attention followed by an MLP, of which one may be missing; known from schedule-layers
            on.
        n_heads: the most heads of a layer; known from schedule-layers on.
        d_model: the width of the residual stream; known in the craft dialect.
        n_params: the elements of all weights together; known once the components of each layer are fused.
    """

    sops: int
    selectors: int
    heads: int
    mlps: int
    hidden_units: int
    n_layers: int | None = None
    n_heads: int | None = None
    d_model: int | None = None
    n_params: int | None = None

    @staticmethod
    def of(module: ModuleOp) -> Statistics:
        """The statistics of a verified module at any level. The sizes are those of its one program or model.

        >>> from raspc import compile, rasp
        >>> model = compile(rasp.library.make_length(), vocab=["a", "b"], max_seq_len=3)
        >>> Statistics.of(model.module).heads
        1
        """
        ops = list(module.walk())
        programs = [op for op in module.ops if isinstance(op, ProgramOp | craft.ModelOp | transformer.ModelOp)]
        sizes = _sizes(programs[0]) if len(programs) == 1 else None
        return Statistics(
            sops=sum(isinstance(op, SopOp) for op in ops),
            selectors=sum(isinstance(op, SelectOp | BinarySelectorOp | SelectorNotOp) for op in ops),
            heads=sum(_heads(op) for op in ops),
            mlps=sum(isinstance(op, craft.MlpOp | transformer.MlpOp) for op in ops),
            hidden_units=sum(_hidden_units(op) for op in ops),
            n_layers=sizes and sizes.n_layers,
            n_heads=sizes and sizes.n_heads,
            d_model=sizes and sizes.d_model,
            n_params=sizes and sizes.n_params,
        )


def _sizes(op: ProgramOp | craft.ModelOp | transformer.ModelOp) -> AssembledSizes | ModelConfig | None:
    """The sizes of a program's or a model's transformer, as far as they are certain."""
    match op:
        case craft.ModelOp():
            return assembled_sizes(op)
        case transformer.ModelOp():
            try:
                return ModelConfig.of(read_model(op))
            except CompileError:  # it isn't a standard transformer
                return None
        case _:
            return None


def _heads(op: Operation) -> int:
    match op:
        case craft.HeadOp():
            return 1
        case transformer.AttentionOp():
            return op.n_heads
        case _:
            return 0


def _hidden_units(op: Operation) -> int:
    match op:
        case craft.MlpOp():
            return len(op.bias)
        case transformer.MlpOp():
            return op.d_mlp
        case _:
            return 0


@dataclass(frozen=True)
class PassRecord:
    """What one pass did.

    Attributes:
        name: the pass.
        before: the module before it.
        after: the module after it.
        seconds: how long it took, with the verification of what it made.
    """

    name: str
    before: Statistics
    after: Statistics
    seconds: float


class PassRecorder:
    """Records what each pass of one compilation does.

    It is a callback for the passes of one module, of `raspc.compile` or of xDSL's `PassPipeline`.

    >>> from raspc import compile, rasp
    >>> recorder = PassRecorder()
    >>> length = rasp.library.make_length()
    >>> _ = compile(length, vocab=["a", "b"], max_seq_len=3, pipeline="O0", on_pass=recorder)
    >>> [(record.name, record.before.mlps, record.after.mlps) for record in recorder.records][3:5]
    [('materialize-mlp', 0, 1), ('materialize-attention', 1, 1)]

    Attributes:
        records: what the passes did, in their order.
    """

    def __init__(self) -> None:
        self.records: list[PassRecord] = []
        self._before: Statistics | None = None
        self._started = 0.0

    def __call__(self, previous: ModulePass | None, module: ModuleOp, following: ModulePass | None) -> None:
        """Record what the previous pass did, and let the time of the following one begin."""
        seconds = time.perf_counter() - self._started
        after = Statistics.of(module)
        if previous is None:
            self.records = []  # another pipeline may begin, after one that has refused the program
        else:
            assert self._before is not None, "a pipeline calls it before its first pass"
            self.records.append(PassRecord(previous.name, self._before, after, seconds))
        self._before = after
        self._started = time.perf_counter()
