"""Files that name a model: saved models and program files."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from raspc.errors import RaspcError
from raspc.tools.token_text import parse_vocab

if TYPE_CHECKING:
    from xdsl.passes import PassPipelineCallbackType

    from raspc.runtime.base import Model
    from raspc.runtime.model import CompiledModel
    from raspc.tools.program_file import ProgramFile


@dataclass(frozen=True)
class ProgramOptions:
    """What the command line says instead of the program file; `None` where it says nothing.

    Attributes:
        vocab: tokens separated by commas; see `parse_vocab`.
        max_seq_len: the maximum length.
        causal: the causality.
        pipeline: the name of the pipeline that compiles the program.
        objective: what is to be small above all.
        uniform: whether all layers shall have one shape.
        strict: whether to refuse a program that may have no meaning on some input.
        dtype: the name of the model's dtype.
    """

    vocab: str | None = None
    max_seq_len: int | None = None
    causal: bool | None = None
    pipeline: str | None = None
    objective: str | None = None
    uniform: bool | None = None
    strict: bool | None = None
    dtype: str | None = None

    def given(self) -> list[str]:
        """The options that the command line has."""
        options = {
            "--vocab": self.vocab,
            "--max-seq-len": self.max_seq_len,
            "--causal": self.causal,
            "-O/--pipeline": self.pipeline,
            "--objective": self.objective,
            "--uniform": self.uniform,
            "--strict": self.strict,
            "--dtype": self.dtype,
        }
        return [name for name, value in options.items() if value is not None]


def is_program(path: str) -> bool:
    """Whether a path names a program, `reverse.py` or `reverse.py:opposite`, rather than a saved model."""
    return Path(path).suffix.partition(":")[0] == ".py"


def open_program(path: str, options: ProgramOptions) -> ProgramFile:
    """Load a program file.

    Raises:
        RaspcError: the file defines no program.
    """
    from raspc.tools.program_file import load_program

    vocab = None if options.vocab is None else parse_vocab(options.vocab)
    return load_program(path, vocab=vocab, max_seq_len=options.max_seq_len, causal=options.causal)


def compile_program(
    program: ProgramFile, options: ProgramOptions, on_pass: PassPipelineCallbackType | None = None
) -> CompiledModel:
    """Compile a loaded program, and call `on_pass` between the passes; see `raspc.compile`.

    Raises:
        RaspcError: the compiler refuses the program, or there is no such pipeline, objective or dtype, or they don't go
            together.
    """
    import raspc
    from raspc.algebra.dtypes import FLOAT32
    from raspc.objectives import LAYERS
    from raspc.pipelines import DEFAULT_PIPELINE

    return raspc.compile(
        program.program,
        program.vocab,
        program.max_seq_len,
        causal=program.causal,
        pipeline=DEFAULT_PIPELINE if options.pipeline is None else options.pipeline,
        objective=LAYERS if options.objective is None else options.objective,
        uniform=bool(options.uniform),
        strict=bool(options.strict),
        dtype=FLOAT32.name if options.dtype is None else options.dtype,
        name=program.name,
        on_pass=on_pass,
    )


def open_model(path: str, options: ProgramOptions) -> Model:
    """Load a saved model, or load and compile a program.

    Raises:
        RaspcError: the file is no model and no program, can't be compiled, or is a saved model, for which there are no
            options.
        OSError: the file can't be read.
    """
    if is_program(path):
        return compile_program(open_program(path, options), options)
    if given := options.given():
        raise RaspcError(f"{path}: is compiled already; {', '.join(given)} can only be given for a program (.py)")
    from raspc.runtime.load import load

    return load(path)
