"""Whether a model's program has a meaning on an input."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from xdsl.utils.exceptions import InterpretationError

from raspc.algebra.values import Value
from raspc.errors import FormatError, MeaningError
from raspc.lowering.metadata import ModelInfo


@dataclass(frozen=True)
class Validity:
    """Whether a program has a meaning on an input. It is true if it has.

    Attributes:
        reason: why it has none: a sentence that names the expression. `None` if it has.
    """

    reason: str | None = None

    def __bool__(self) -> bool:
        return self.reason is None


class Validator:
    """Decides which inputs of a model have a meaning, by running the program that the model makes assumptions of.

    Args:
        info: what is known of the model; its `source` may come from a file that somebody else wrote.

    Raises:
        FormatError: the source isn't the text of a program for the model's inputs.
    """

    def __init__(self, info: ModelInfo):
        from raspc.runtime.parsing import parse_text, verify
        from raspc.runtime.rasp_interpreter import program_of

        self._module = None
        if info.source is None:
            return
        try:
            self._module = parse_text(info.source, info.name)
            verify(self._module)
            program = program_of(self._module)
            for op in program.body.block.ops:
                if op.dialect_name() != "rasp":
                    raise FormatError(f"it contains {op.name}")
        except (FormatError, InterpretationError) as error:
            raise FormatError(f"the program that the model makes assumptions of can't be read: {error}") from error
        if program.vocab.data.values != info.vocab.values or program.max_seq_len.data != info.max_seq_len:
            raise FormatError("the program that the model makes assumptions of is for other inputs than the model")

    def validate(self, tokens: Sequence[Value]) -> Validity:
        """Whether the program has a meaning on an input that the model takes."""
        from raspc.runtime.rasp_interpreter import run_program

        if self._module is None:
            return Validity()
        try:
            run_program(self._module, tokens)
        except MeaningError as error:
            return Validity(str(error))
        except InterpretationError as error:
            raise FormatError(f"the program that the model makes assumptions of can't be run: {error}") from error
        return Validity()
