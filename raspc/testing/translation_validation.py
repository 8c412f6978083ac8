"""Translation validation: run a module before and after each pass, and name the pass that changes what it means.

The interpreter of each level says what a module means. So a wrong pass is found whatever it is wrong in, on the inputs
that are tried: all of them where they are few, otherwise the edges and a sample.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import chain

from xdsl.dialects.builtin import ModuleOp
from xdsl.passes import ModulePass
from xdsl.utils.exceptions import InterpretationError

from raspc.algebra.twins import count_as_one
from raspc.algebra.values import MaybeValue, Value
from raspc.dialects import craft, rasp, transformer
from raspc.errors import RaspcError, TranslationError
from raspc.runtime.levels import RunnableOp, computes_with_values, run_inputs
from raspc.testing.sampling import all_inputs, count_inputs, edge_inputs, sampled_inputs

DEFAULT_SAMPLES = 200
"""Up to so many inputs, all are tried; otherwise the edges and so many random ones."""

Output = list[MaybeValue] | None
"""What a module gives for an input; `None` where it has no meaning."""

Reference = Callable[[Sequence[Value]], Output]
"""A program of which nothing but its outputs is known."""


@dataclass(frozen=True)
class _Known:
    """What one program or model of a module gives.

    Attributes:
        vocab: its tokens.
        max_seq_len: the length of its longest input.
        inputs: the inputs that are tried.
        outputs: the output for each.
    """

    vocab: tuple[Value, ...]
    max_seq_len: int
    inputs: list[list[Value]]
    outputs: list[Output]


class TranslationValidator:
    """Checks that no pass of a compilation changes what a program means.

    It is a callback for the passes of one module, of `raspc.compile` or of xDSL's `PassPipeline`. After a pass an input
    may have an output where it had no meaning before; every other output must be the same. Only of what is lowered to
    the craft dialect a numerical output may be another one of the floats that count as one (see docs/language.md,
    "Encodings").

    Args:
        samples: up to so many inputs, all are tried; otherwise the edges and so many random ones.
        seed: decides on the random ones.
        reference: the program that the first module must compute; by default whatever that module computes.

    Raises:
        TranslationError: when it is called: a pass has changed an output; the message names the pass and the input.
        RaspcError: when it is called: a module has no program, or one that no interpreter can run.

    >>> from raspc import compile, rasp
    >>> length = rasp.library.make_length()
    >>> validator = TranslationValidator()
    >>> _ = compile(length, vocab=["a", "b"], max_seq_len=3, on_pass=validator)
    >>> validator.checked[:2], validator.n_inputs
    (['infer-values', 'fold-known-values'], 14)

    Attributes:
        checked: the passes that were found right, in their order.
    """

    def __init__(self, *, samples: int = DEFAULT_SAMPLES, seed: int = 0, reference: Reference | None = None):
        self.checked: list[str] = []
        self._samples = samples
        self._seed = seed
        self._reference = reference
        self._known: dict[str, _Known] = {}

    @property
    def n_inputs(self) -> int:
        """How many inputs are tried, of all programs of the module together."""
        return sum(len(known.inputs) for known in self._known.values())

    def __call__(self, previous: ModulePass | None, module: ModuleOp, following: ModulePass | None) -> None:
        """Compare what the module computes with what it computed before the previous pass."""
        if previous is None:
            self._begin(module)
            return
        found = _runnable_ops(module)
        if found.keys() != self._known.keys():
            raise TranslationError(
                f"the pass {previous.name} changes which programs there are",
                expected=", ".join(self._known) or "none",
                found=", ".join(found) or "none",
            )
        self._known = {
            name: _compared(op, self._known[name], f"the pass {previous.name}") for name, op in found.items()
        }
        self.checked.append(previous.name)

    def _begin(self, module: ModuleOp) -> None:
        """Run the first module; another pipeline may have been tried before, which has refused the program."""
        self.checked = []
        self._known = {}
        ops = _runnable_ops(module)
        if not ops:
            raise RaspcError(
                "there is nothing to run: the module has no rasp.program, no craft.model and no transformer.model"
            )
        for name, op in ops.items():
            vocab, longest = op.vocab.data.values, op.max_seq_len.data
            inputs = self._inputs(vocab, longest)
            if self._reference is None:
                self._known[name] = _Known(vocab, longest, inputs, _run(op, inputs, "reading it"))
            else:
                known = _Known(vocab, longest, inputs, [self._reference(tokens) for tokens in inputs])
                self._known[name] = _compared(op, known, "the translation to the rasp dialect")

    def _inputs(self, vocab: Sequence[Value], longest: int) -> list[list[Value]]:
        if count_inputs(len(vocab), longest) <= self._samples:
            return list(all_inputs(vocab, longest))
        return list(chain(edge_inputs(vocab, longest), sampled_inputs(vocab, longest, self._samples, self._seed)))


def _compared(op: RunnableOp, known: _Known, what: str) -> _Known:
    """What a program gives after a pass, if it is what it gave before.

    Raises:
        TranslationError: it isn't.
    """
    vocab, longest = op.vocab.data.values, op.max_seq_len.data
    if (vocab, longest) != (known.vocab, known.max_seq_len):
        raise TranslationError(
            f"{what} changes the inputs of @{op.sym_name.data}",
            expected=f"{len(known.vocab)} tokens, max_seq_len {known.max_seq_len}",
            found=f"{len(vocab)} tokens, max_seq_len {longest}",
        )
    outputs = _run(op, known.inputs, what)
    for tokens, before, after in zip(known.inputs, known.outputs, outputs, strict=True):
        if before is not None and not _agree(op, before, after):
            raise TranslationError(
                f"{what} changes what @{op.sym_name.data} means on {tokens!r}",
                expected=repr(before),
                found="no meaning" if after is None else repr(after),
            )
    return replace(known, outputs=outputs)


def _runnable_ops(module: ModuleOp) -> dict[str, RunnableOp]:
    """The programs and models of a module, by name."""
    kinds = (rasp.ProgramOp, craft.ModelOp, transformer.ModelOp)
    return {op.sym_name.data: op for op in module.ops if isinstance(op, kinds)}


def _run(op: RunnableOp, inputs: list[list[Value]], after: str) -> list[Output]:
    try:
        return run_inputs(op, inputs)
    except InterpretationError as error:
        raise RaspcError(
            f"@{op.sym_name.data} can't be run after {after}: {error}\n"
            "  help: give the op an implementation for xDSL's interpreter, or don't check semantics"
        ) from error


def _agree(op: RunnableOp, before: Sequence[MaybeValue], after: Output) -> bool:
    """Whether a program that is now `op` gives what it gave before. Only what is lowered may answer with a twin."""
    if after is None or len(before) != len(after):
        return False
    return before == after or (not computes_with_values(op) and all(map(count_as_one, before, after)))
