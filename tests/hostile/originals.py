"""The files that mutants are made of: the corpus at every level, as text and in ONNX."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from io import StringIO

from xdsl.context import Context
from xdsl.dialects.builtin import ModuleOp
from xdsl.printer import Printer

from raspc.algebra.dtypes import DTYPES
from raspc.errors import CompileError
from raspc.passes.cast_weights import CastWeightsPass
from raspc.pipelines import DEFAULT_PIPELINE
from raspc.runtime.model import CompiledModel
from tests.programs.corpus import CORPUS
from tests.programs.levels import Task, compile_stages, onnx_bytes

LARGEST_TEXT = 60_000
"""Longer texts are left out: they are longer only because of more bytes in hexadecimal."""


@dataclass(frozen=True)
class Original:
    """A valid file, and what can be done with it.

    Attributes:
        name: the program and the level.
        data: the file's bytes.
        passes: for text the passes that remain to the end of the pipeline, as `rasp-opt -p` takes them.
        is_model: whether `raspc` can run it.
        tokens: an input, as on a command line.
        program: the text of a program file that a model can be checked against.
    """

    name: str
    data: bytes
    passes: str
    is_model: bool
    tokens: tuple[str, ...]
    program: str


PIPELINES_OF_TEXTS = ("O0", DEFAULT_PIPELINE)
"""The programs go through these in turn."""


@lru_cache(maxsize=4)
def originals(number: int) -> tuple[tuple[Original, ...], Original]:
    """The texts of the corpus's program of a number, at all levels and in both forms of MLIR, and its ONNX file."""
    program = CORPUS[number % len(CORPUS)]
    task = Task(program.build(), program.vocab, program.max_seq_len, program.causal)
    stages = compile_stages(task, PIPELINES_OF_TEXTS[number % 2])
    tokens = tuple(token if isinstance(token, str) else repr(token) for token in program.examples[0][0])
    against = _PROGRAM_FILE.format(name=program.name)
    texts: list[Original] = []
    for stage in stages:
        if not stage.has_text:
            continue
        passes = ",".join(str(remaining.spec()) for remaining in stage.remaining)
        for form, text in (("", str(stage.module) + "\n"), (" generic", _generic(stage.module))):
            if len(text) <= LARGEST_TEXT:
                name = f"{program.name} {stage.name}{form}"
                texts.append(Original(name, text.encode(), passes, not stage.remaining, tokens, against))
    data = onnx_bytes(_cast(stages[-1].module, number))
    return tuple(texts), Original(f"{program.name} onnx", data, "", True, tokens, against)


def _cast(module: ModuleOp, number: int) -> CompiledModel:
    """The model in one of the dtypes, or in float32 where its output can't be told apart in that one."""
    cast = module.clone()
    try:
        CastWeightsPass(list(DTYPES)[number % len(DTYPES)]).apply(Context(), cast)
        return CompiledModel(cast)
    except CompileError:
        return CompiledModel(module)


def _generic(module: ModuleOp) -> str:
    stream = StringIO()
    try:
        Printer(stream, print_generic_format=True).print_op(module)
    except CompileError:
        return ""
    return stream.getvalue() + "\n"


_PROGRAM_FILE = """
from tests.programs.corpus import CORPUS

_entry = next(entry for entry in CORPUS if entry.name == {name!r})
program = _entry.build()
vocab = list(_entry.vocab)
max_seq_len = _entry.max_seq_len
causal = _entry.causal
"""
