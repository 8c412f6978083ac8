"""The command `raspc`: compile and explore programs, run and inspect models, check a model against its program."""

from __future__ import annotations

import argparse
import io
import os
import sys
import warnings
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

from rich.console import Console, RenderableType
from rich.table import Table
from rich.text import Text
from xdsl.utils.exceptions import DiagnosticException

from raspc._version import __version__
from raspc.algebra.dtypes import FLOAT32
from raspc.errors import MeaningWarning, RaspcError
from raspc.objectives import LAYERS, OBJECTIVES
from raspc.pipelines import DEFAULT_PIPELINE, OPTIMISING, PIPELINES
from raspc.statistics import PassRecorder
from raspc.tools.between_passes import in_turn
from raspc.tools.diagnostics import shortened
from raspc.tools.opening import ProgramOptions, compile_program, is_program, open_model, open_program
from raspc.tools.pass_table import pass_table
from raspc.tools.tables import print_table

if TYPE_CHECKING:
    from raspc.testing.translation_validation import TranslationValidator
    from raspc.tools.program_file import ProgramFile

MODEL_SUFFIXES = (".onnx", ".mlir")

DEFAULT_SAMPLES = 4000

MAX_LINE = 2000
"""Longer lines of a message are cut: a file may have names of any length."""

INTERRUPTED = 130
"""The exit status after Ctrl-C, as shells have it."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command.

    Args:
        arguments: the command line without the command's name; the process's own if missing.

    Returns:
        The exit status: 0, or 1 after an error or a difference, which is explained on stderr.

    Raises:
        SystemExit: with status 2, if the command line has another form.
    """
    parsed = _parser().parse_args(arguments)
    command: Callable[[argparse.Namespace], int] = parsed.command
    _escape_what_cannot_be_encoded(sys.stdout)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("always", MeaningWarning)
            warnings.showwarning = _show_warning
            status = command(parsed)
        sys.stdout.flush()
        return status
    except BrokenPipeError:
        # Whoever read our output has gone; Python must not complain of it again when it flushes at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except (RaspcError, DiagnosticException) as error:
        _print_error(shortened(str(error), MAX_LINE))
    except OSError as error:
        _print_error(f"{error.filename}: {error.strerror}" if error.filename else str(error))
    except SystemExit as error:
        if isinstance(error.__context__, BrokenPipeError):  # this is how rich says so
            return 1
        # otherwise a program's own function has raised it
        _print_error("the program exits instead of computing a value")
    except MemoryError:
        _print_error("there is not enough memory for this input")
    except RecursionError:
        _print_error("the input is nested too deeply")
    except KeyboardInterrupt:
        _print_error("interrupted")
        return INTERRUPTED
    return 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="raspc", description="Compile RASP programs to exact transformers, and run, check and inspect them."
    )
    parser.add_argument("--version", action="version", version=f"raspc {__version__}")
    commands = parser.add_subparsers(title="commands", required=True, metavar="COMMAND")

    compiling = commands.add_parser("compile", help="compile a program", description="Compile a program.")
    compiling.add_argument("program", metavar="PROGRAM", help="a program file: reverse.py, or reverse.py:opposite")
    compiling.add_argument(
        "-o", "--output", required=True, metavar="FILE", help="the model: .onnx, or .mlir for the IR"
    )
    compiling.add_argument("--stats", action="store_true", help="print what each pass did")
    compiling.add_argument(
        "--check-semantics",
        action="store_true",
        help="run what each pass makes, on all inputs if they are few and otherwise on samples, and stop at a pass "
        "that changes an output",
    )
    _add_program_options(compiling)
    compiling.set_defaults(command=_compile)

    running = commands.add_parser(
        "run",
        help="run a model on tokens",
        description="Run a model on tokens, and print its outputs. None is undefined. An input on which the program "
        "has no meaning is refused.",
    )
    running.add_argument("model", metavar="MODEL", help="a model (.onnx, .mlir), or a program (.py) to compile first")
    running.add_argument(
        "tokens", nargs="+", metavar="TOKEN", help="as in the vocabulary; put -- before tokens that start with a dash"
    )
    _add_program_options(running)
    running.set_defaults(command=_run)

    checking = commands.add_parser(
        "check",
        help="compare a model with a program",
        description="Compare a model's outputs with the program's on all inputs, or on samples if there are too many. "
        "The exit status is 1 if they differ; the first difference is printed.",
    )
    checking.add_argument("model", metavar="MODEL", help="a model (.onnx, .mlir), or a program (.py) to compile first")
    checking.add_argument("--against", required=True, metavar="PROGRAM", help="the program file")
    checking.add_argument(
        "--samples",
        type=_positive,
        default=DEFAULT_SAMPLES,
        metavar="N",
        help="check all inputs if they are at most N, otherwise the edges and N random ones (default: %(default)s)",
    )
    checking.add_argument("--seed", type=int, default=0, help="the seed of the random inputs (default: %(default)s)")
    _add_program_options(checking)
    checking.set_defaults(command=_check)

    inspecting = commands.add_parser("inspect", help="describe a model", description="Describe a model.")
    inspecting.add_argument(
        "model", metavar="MODEL", help="a model (.onnx, .mlir), or a program (.py) to compile first"
    )
    _add_program_options(inspecting)
    inspecting.set_defaults(command=_inspect)

    exploring = commands.add_parser(
        "explore",
        help="compare the ways to compile a program",
        description="Compile a program in every way, and print those models that no other one equals or beats in "
        "layers, parameters and d_model at once. A configuration is what makes the model with `raspc compile`. An "
        "asterisk marks the smallest number of a column; `padded` are the parameters with --uniform.",
    )
    exploring.add_argument("program", metavar="PROGRAM", help="a program file: reverse.py, or reverse.py:opposite")
    _add_program_options(exploring, pipeline=False)
    exploring.set_defaults(command=_explore, pipeline=None, objective=None, uniform=None)
    return parser


def _add_program_options(parser: argparse.ArgumentParser, *, pipeline: bool = True) -> None:
    group = parser.add_argument_group("program options", "Instead of what the program file says.")
    group.add_argument("--vocab", metavar="TOKENS", help="the vocabulary, separated by commas: 1,2,3 or a,b,c")
    group.add_argument("--max-seq-len", type=_positive, metavar="N", help="the maximum length of an input")
    group.add_argument(
        "--causal", action=argparse.BooleanOptionalAction, help="whether no position sees the ones after it"
    )
    if pipeline:
        either = group.add_mutually_exclusive_group()
        either.add_argument(
            "-O",
            type=lambda level: f"O{level}",
            dest="pipeline",
            metavar="LEVEL",
            help=f"the pipeline by its number: -O1 is --pipeline O1 (default: -{DEFAULT_PIPELINE})",
        )
        either.add_argument(
            "--pipeline", metavar="NAME", help=f"the pipeline that compiles the program: {_either(PIPELINES)}"
        )
        group.add_argument(
            "--objective",
            metavar="NAME",
            help=f"what is to be small above all, with {_either(OPTIMISING)}: {_either(OBJECTIVES)} "
            f"(default: {LAYERS})",
        )
        group.add_argument(
            "--uniform", action="store_true", default=None, help="pad all layers to one shape, and balance them for it"
        )
    group.add_argument(
        "--strict",
        action="store_true",
        default=None,
        help="refuse a program that can't be proved to have a meaning on every input",
    )
    group.add_argument("--dtype", metavar="NAME", help="what the model computes in: float32, float16 or bfloat16")


def _either(names: Iterable[str]) -> str:
    """The names as a choice.

    >>> _either(["O0", "O1", "O2"])
    'O0, O1 or O2'
    """
    *others, last = names
    return f"{', '.join(others)} or {last}" if others else last


def _positive(text: str) -> int:
    try:
        number = int(text)
    except ValueError:
        number = 0
    if number < 1:
        raise argparse.ArgumentTypeError(f"must be a positive integer, found {text!r:.80}")
    return number


def _options(arguments: argparse.Namespace) -> ProgramOptions:
    return ProgramOptions(
        vocab=arguments.vocab,
        max_seq_len=arguments.max_seq_len,
        causal=arguments.causal,
        pipeline=arguments.pipeline,
        objective=arguments.objective,
        uniform=arguments.uniform,
        strict=arguments.strict,
        dtype=arguments.dtype,
    )


def _compile(arguments: argparse.Namespace) -> int:
    output = Path(arguments.output)
    if output.suffix not in MODEL_SUFFIXES:
        raise RaspcError(f"{output}: can't tell the format; the suffix must be {' or '.join(MODEL_SUFFIXES)}")
    if not is_program(arguments.program):
        raise RaspcError(f"{arguments.program}: not a program file; its suffix must be .py")
    options = _options(arguments)
    program = open_program(arguments.program, options)
    recorder = PassRecorder()
    validator = _validator(program) if arguments.check_semantics else None
    callbacks = [*([] if validator is None else [validator]), *([recorder] if arguments.stats else [])]
    model = compile_program(program, options, on_pass=in_turn(callbacks))
    model.save(output)
    if arguments.stats:
        print_table(pass_table(recorder.records))
    if validator is not None:
        _print(f"{len(validator.checked)} passes checked on {validator.n_inputs} inputs: none changes an output")
    config = model.config
    _print(
        f"{output}: {program.name}, {config.n_layers} layers, {config.n_heads} heads, d_model {config.d_model}, "
        f"{config.n_params:,} parameters, {output.stat().st_size:,} bytes"
    )
    return 0


def _validator(program: ProgramFile) -> TranslationValidator:
    """What checks that no pass changes what a program means, from its translation to the rasp dialect on."""
    from raspc.testing.translation_validation import TranslationValidator
    from raspc.tools.checking import evaluate

    return TranslationValidator(reference=lambda tokens: evaluate(program.program, tokens, causal=program.causal))


def _run(arguments: argparse.Namespace) -> int:
    from raspc.tools.token_text import parse_tokens

    model = open_model(arguments.model, _options(arguments))
    tokens = parse_tokens(arguments.tokens, model.info.vocab)
    if not (validity := model.validate(tokens)):
        raise RaspcError(f"the program has no meaning on this input: {validity.reason}")
    _print(repr(model(tokens)))
    return 0


def _check(arguments: argparse.Namespace) -> int:
    from raspc.tools.checking import compare, plan_inputs, require_same_inputs

    options = _options(arguments)
    program = open_program(arguments.against, options)
    if is_program(arguments.model):
        model = open_model(arguments.model, options)
    else:
        # The options are the program's; those that only a compilation has would be ignored.
        model = open_model(arguments.model, replace(options, vocab=None, max_seq_len=None, causal=None))
    require_same_inputs(model, program, options)
    plan = plan_inputs(program, arguments.samples, arguments.seed)
    result = compare(model, program.program, plan.inputs, causal=program.causal)
    without = f"; {result.meaningless} more have no meaning" if result.meaningless else ""
    without += "; causal" if program.causal else ""
    if difference := result.difference:
        _print_error(f"{arguments.model} differs from {arguments.against} on input {result.checked} of {plan.title}")
        for name, values in vars(difference).items():
            _print(f"  {name:<9} {values!r}", sys.stderr)
        return 1
    if not result.checked:
        raise RaspcError(f"{arguments.against} has no meaning on any of {plan.title}: nothing was checked")
    _print(f"{arguments.model} equals {arguments.against} on {result.checked} inputs ({plan.title}{without})")
    return 0


def _inspect(arguments: argparse.Namespace) -> int:
    from raspc.tools.inspection import model_facts

    model = open_model(arguments.model, _options(arguments))
    kind = {".onnx": "ONNX", ".mlir": "IR (transformer dialect)"}.get(Path(arguments.model).suffix, "program")
    facts = [("file", f"{arguments.model}, {kind}"), *model_facts(model)]
    if sys.stdout.isatty():
        table = Table("property", "value")
        for name, value in facts:
            table.add_row(Text(name), Text(value))
        _print(table)
    else:
        width = max(len(name) for name, _ in facts)
        for name, value in facts:
            _print(f"{name:<{width}}  {value}")
    return 0


def _explore(arguments: argparse.Namespace) -> int:
    from raspc.tools.explore import candidates, explore, front_table

    if not is_program(arguments.program):
        raise RaspcError(f"{arguments.program}: not a program file; its suffix must be .py")
    options = _options(arguments)
    configurations = candidates(strict=bool(options.strict), dtype=options.dtype or FLOAT32.name)
    program = open_program(arguments.program, options)
    found = explore(program, configurations)
    if not found.outcomes:
        raise found.refused[0][1]
    print_table(front_table(found.front))
    for name, error in found.refused:
        _print(f"{name} refused: {str(error).splitlines()[0]}")
    beaten = len(found.outcomes) - len(found.front)
    _print(f"{len(configurations)} tried: {len(found.front)} shown, {beaten} no better, {len(found.refused)} refused")
    return 0


def _print(content: RenderableType, file: TextIO | None = None) -> None:
    """Print to a terminal with colours, and to anything else as plain text that isn't wrapped."""
    console = Console(file=file, markup=False, emoji=False)
    console.print(content, soft_wrap=isinstance(content, str))


def _escape_what_cannot_be_encoded(stream: TextIO) -> None:
    """Make a stream print characters that its encoding lacks as escapes, as stderr does anyway."""
    if isinstance(stream, io.TextIOWrapper):
        stream.reconfigure(errors="backslashreplace")


def _print_error(message: str) -> None:
    _print(f"raspc: error: {message}", sys.stderr)


def _show_warning(message: Warning | str, category: type[Warning], *_: object) -> None:
    _print(f"raspc: warning: {message}", sys.stderr)


if __name__ == "__main__":
    sys.exit(main())
