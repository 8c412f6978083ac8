"""The command rasp-opt: xDSL's own driver, with our dialects, passes and targets, and a reader for program files.

`rasp-opt examples/reverse.py -p infer-values` prints the program in the rasp dialect; `-p O0` runs a whole pipeline.
"""

from __future__ import annotations

import argparse
import sys
import warnings
from collections.abc import Sequence
from io import BytesIO, StringIO
from typing import IO

from xdsl.dialects.builtin import ModuleOp
from xdsl.passes import PassPipeline
from xdsl.utils.exceptions import (
    ArgSpecParseError,
    DiagnosticException,
    ParseError,
    UnregisteredConstructException,
)
from xdsl.xdsl_opt_main import xDSLOptMain

import raspc
from raspc import universe
from raspc.algebra.effort import Effort
from raspc.dialects.text import ModuleParser, read_module
from raspc.errors import FormatError, MeaningWarning, RaspcError
from raspc.passes.examination import examine_module
from raspc.pipelines import PIPELINES, pipeline_text
from raspc.plugins import installed_plugins
from raspc.runtime.files import write_file
from raspc.statistics import PassRecord, PassRecorder
from raspc.tools.between_passes import in_turn
from raspc.tools.diagnostics import shortened, verify
from raspc.tools.pass_table import pass_table
from raspc.tools.tables import print_table

EFFORT = 1 << 25
"""How much work the expressions of a text may make between the analyses of its values; see `algebra.effort`."""


class _KeptOpen(StringIO):
    """A buffer that survives the driver's closing of its output."""

    def close(self) -> None:
        pass


class RaspOptMain(xDSLOptMain):
    """xDSL's driver for RASP programs.

    In a list of passes, the name of a pipeline stands for its passes. The output file is written as a whole or not at
    all.
    """

    version_format = f"rasp-opt {raspc.__version__}, built on xDSL {{xdsl_version}}"

    def __init__(self, args: Sequence[str] | None = None):
        self.output = _KeptOpen()
        self._first_line = 1
        self.statistics: list[list[PassRecord]] = []
        super().__init__("Run passes on RASP programs and what they are compiled to", args)

    def register_all_arguments(self, arg_parser: argparse.ArgumentParser) -> None:
        super().register_all_arguments(arg_parser)
        arg_parser.add_argument("--stats", action="store_true", help="Print what each pass did, to standard error")
        arg_parser.add_argument(
            "--check-semantics",
            action="store_true",
            help="Run the module before and after each pass, on all inputs if they are few and otherwise on samples, "
            "and stop at a pass that changes an output",
        )
        arg_parser.add_argument(
            "--strict", action="store_true", help="Refuse a module whose domains and proofs can't be proved"
        )
        group = arg_parser.add_argument_group("program files", "for an input file.py or file.py:name")
        group.add_argument("--vocab", help="the vocabulary, as values separated by commas, instead of the file's")
        group.add_argument("--max-seq-len", type=int, help="the length of the longest input, instead of the file's")
        group.add_argument("--causal", action="store_true", default=None, help="make the program causal")

    def register_all_dialects(self) -> None:
        for name, factory in installed_plugins().dialects.items():
            self.ctx.register_dialect(name, factory)
        for name, factory in universe.DIALECTS.items():
            if name not in self.ctx.registered_dialect_names:  # where the entry point isn't installed
                self.ctx.register_dialect(name, factory)

    def register_all_passes(self) -> None:
        for name, factory in installed_plugins().passes.items():
            self.register_pass(name, factory)
        for name, factory in universe.PASSES.items():
            self.register_pass(name, factory)

    def register_all_targets(self) -> None:
        self.available_targets |= installed_plugins().targets
        self.available_targets |= universe.TARGETS

    def register_all_frontends(self) -> None:
        super().register_all_frontends()
        self.available_frontends["mlir"] = self.read_module
        self.available_frontends["py"] = self.read_program_file

    def setup_pipeline(self) -> None:
        names: list[str] = self.args.passes.split(",")
        self.args.passes = ",".join(pipeline_text(name) if name in PIPELINES else name for name in names)
        super().setup_pipeline()

    def get_input_stream(self) -> tuple[IO[bytes], str]:
        file: str | None = self.args.input_file
        if file is not None and (file.endswith(".py") or ".py:" in file):
            return BytesIO(), "py"  # the program's own reader opens it
        for option in ("vocab", "max_seq_len", "causal"):
            if getattr(self.args, option) is not None:
                raise RaspcError(f"--{option.replace('_', '-')} is for program files (.py) only")
        return super().get_input_stream()

    def read_module(self, stream: IO[bytes]) -> ModuleOp:
        """A module as text."""
        try:
            text = stream.read().decode()
        except UnicodeDecodeError as error:
            raise FormatError(f"{self.get_input_name()}: not text in UTF-8") from error
        try:
            return read_module(
                self.ctx,
                text,
                self.get_input_name(),
                implicit=not self.args.no_implicit_module,
                first_line=self._first_line,
            )
        except FormatError as error:
            raise FormatError(f"{self.get_input_name()}: {error}") from error

    def read_program_file(self, stream: IO[bytes]) -> ModuleOp:
        """The program of a Python file as a module of the rasp dialect."""
        from raspc.rasp.entry import build_module
        from raspc.tools.program_file import load_program
        from raspc.tools.token_text import parse_vocab

        if self.args.input_file is None:
            raise RaspcError("a Python program can't be read from standard input; name its file")
        vocab = None if self.args.vocab is None else parse_vocab(self.args.vocab)
        program = load_program(self.args.input_file, vocab, self.args.max_seq_len, self.args.causal)
        return build_module(
            program.program, program.vocab, program.max_seq_len, causal=program.causal, name=program.name
        )

    def parse_chunk(self, chunk: IO[bytes], file_extension: str, start_offset: int = 0) -> ModuleOp | None:
        self._first_line = start_offset + 1
        module = super().parse_chunk(chunk, file_extension, start_offset)
        if module is not None and not self.args.disable_verify:
            verify(module)
            examine_module(module, strict=self.args.strict)
        return module

    def prepare_input(self) -> tuple[list[tuple[IO[bytes], int]], str]:
        try:
            return super().prepare_input()
        except ValueError as error:  # an unknown suffix
            raise RaspcError(f"{self.get_input_name()}: {error}") from error

    def apply_passes(self, prog: ModuleOp) -> None:
        callbacks = [] if self.pipeline.callback is None else [self.pipeline.callback]
        if self.args.check_semantics:
            from raspc.testing.translation_validation import TranslationValidator

            callbacks.append(TranslationValidator())
        recorder = PassRecorder()
        if self.args.stats:
            callbacks.append(recorder)
        PassPipeline(self.pipeline.passes, in_turn(callbacks)).apply(self.ctx, prog)
        if self.args.stats:
            self.statistics.append(recorder.records)

    def output_resulting_program(self, prog: ModuleOp) -> str:
        try:
            text = super().output_resulting_program(prog)
        except ValueError as error:  # an option that the target doesn't have
            raise RaspcError(str(error)) from error
        if self.args.print_op_generic and not self._reads_back(text, prog):
            # xDSL's own printing of attributes, which the generic form uses, isn't exact for all numbers and strings.
            raise RaspcError("the module has numbers or strings that the generic form can't hold; print it without")
        return text

    def _reads_back(self, text: str, module: ModuleOp) -> bool:
        try:
            return str(ModuleParser(self.ctx, text).parse_module()) == str(module)
        except (ParseError, DiagnosticException, TypeError, AssertionError):
            return False

    def prepare_output(self) -> IO[str]:
        return self.output

    def run(self) -> None:
        super().run()
        text = self.output.getvalue()
        if self.args.output_file is None:
            sys.stdout.write(text.encode(errors="backslashreplace").decode())
            sys.stdout.flush()
        else:
            write_file(self.args.output_file, text.encode(errors="backslashreplace"))
        for number, records in enumerate(self.statistics):
            if number > 0:
                print("// -----", file=sys.stderr)  # as between the modules
            print_table(pass_table(records), sys.stderr)


def _print_warning(message: Warning | str, *_: object, **__: object) -> None:
    print(f"rasp-opt: warning: {message}", file=sys.stderr)


def _driver(args: Sequence[str] | None) -> RaspOptMain:
    """The driver for command-line arguments.

    Raises:
        RaspcError: a pass, an option or a target doesn't exist.
    """
    try:
        return RaspOptMain(args)
    except (ArgSpecParseError, ValueError) as error:  # this is how xDSL says so
        raise RaspcError(f"{error} (see --help)") from error


def _run(driver: RaspOptMain) -> None:
    """Run the driver.

    Raises:
        RaspcError: a function of the program exits.
    """
    try:
        with Effort(EFFORT):
            driver.run()
    except SystemExit as error:
        if driver.args.shrink:  # this is how xDSL tells a reducer
            raise
        raise RaspcError("the program exits instead of computing a value") from error


def main(args: Sequence[str] | None = None) -> int:
    """Run the command; returns the exit status."""
    with warnings.catch_warnings():
        warnings.simplefilter("always", MeaningWarning)
        warnings.showwarning = _print_warning
        for problem in installed_plugins().problems:
            print(f"rasp-opt: warning: {problem}", file=sys.stderr)
        try:
            driver = _driver(args)
            _run(driver)
        except (RaspcError, DiagnosticException, UnregisteredConstructException, ParseError) as error:
            print(f"rasp-opt: error: {shortened(str(error))}", file=sys.stderr)
            return 1
        except OSError as error:
            print(f"rasp-opt: error: {error.filename}: {error.strerror}", file=sys.stderr)
            return 1
        except RecursionError:
            print("rasp-opt: error: the input is nested too deeply", file=sys.stderr)
            return 1
        except MemoryError:
            print("rasp-opt: error: there is not enough memory for this input", file=sys.stderr)
            return 1
        except KeyboardInterrupt:
            return 130
    return 0


if __name__ == "__main__":
    sys.exit(main())
