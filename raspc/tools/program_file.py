"""Program files: Python files that define a RASP program, its vocabulary and its maximum length.

```python
from raspc import rasp

vocab = ["a", "b", "c"]
max_seq_len = 10

opposite = rasp.SequenceMap(lambda n, i: n - i - 1, rasp.length, rasp.indices)
reverse = rasp.Aggregate(rasp.Select(rasp.indices, opposite, rasp.Comparison.EQ), rasp.tokens)
```

The file's program is the s-op that is bound to the module-level name `program`; without one, the s-op named like the
file (`reverse` in `reverse.py`); without one, the only s-op that the file defines. `reverse.py:opposite` picks another
one. A module-level `causal = True` makes the program causal.
"""

from __future__ import annotations

import os
import re
import sys
import traceback
from collections.abc import Collection, Generator
from contextlib import contextmanager, redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any, cast

from raspc import rasp
from raspc.algebra.values import Value, exact_form, normalise, shortened, sorted_distinct
from raspc.errors import BoundError, FormatError, ProgramError


@dataclass(frozen=True, eq=False)
class ProgramFile:
    """What a program file defines, validated: all that the compiler needs.

    Attributes:
        program: the s-op to compile.
        name: the program's name, an identifier.
        vocab: the input tokens, distinct, in the file's order.
        max_seq_len: the largest number of input tokens.
        causal: whether every selector leaves out the keys after its query.
    """

    program: rasp.SOp
    name: str
    vocab: tuple[Value, ...]
    max_seq_len: int
    causal: bool


def load_program(
    path: str | os.PathLike[str],
    vocab: Collection[object] | None = None,
    max_seq_len: int | None = None,
    causal: bool | None = None,
) -> ProgramFile:
    """Run a program file, and return the program that it defines.

    Args:
        path: the file, or `file.py:name` for the s-op that the file binds to `name`.
        vocab: the vocabulary, instead of the file's. The order is kept; a set is sorted.
        max_seq_len: the maximum length, instead of the file's.
        causal: the causality, instead of the file's.

    Raises:
        FormatError: there is no such file, it doesn't run, or it doesn't define a program.
        ProgramError: it builds an expression that RASP doesn't have.
    """
    file, picked = _split(os.fspath(path))
    namespace = _run(file)
    _name_after_variables(namespace)
    name, program = _pick_program(file, namespace, picked)
    return ProgramFile(
        program=program,
        name=name,
        vocab=_read_vocab(file, namespace, vocab),
        max_seq_len=_read_max_seq_len(file, namespace, max_seq_len),
        causal=_read_causal(file, namespace, causal),
    )


def _split(path: str) -> tuple[Path, str | None]:
    """Split `file.py:name`; a file whose own name looks like that is taken as it is."""
    stem, colon, name = path.rpartition(":")
    if colon and stem and name.isidentifier() and not Path(path).exists():
        return Path(stem), name
    return Path(path), None


def _run(file: Path) -> dict[str, Any]:
    """Execute a file as a module of its own, with its directory on `sys.path`, and return what it defines."""
    try:
        source = file.read_bytes()
    except FileNotFoundError:
        raise FormatError(f"{file}: there is no such file") from None
    except OSError as error:
        raise FormatError(f"{file}: can't be read: {error.strerror}") from None
    try:
        code = compile(source, str(file), "exec", dont_inherit=True)
    except SyntaxError as error:
        where = f"{file}:{error.lineno}" if error.lineno else str(file)
        raise FormatError(f"{where}: not valid Python: {error.msg}") from None
    except ValueError as error:  # Null bytes, in Python 3.11.
        raise FormatError(f"{file}: not valid Python: {error}") from None

    module = ModuleType(f"raspc_program_{_identifier(file.stem)}")
    module.__file__ = str(file)
    with _importable(module, file.parent.resolve()):
        try:
            with redirect_stdout(sys.stderr):  # standard output is for what the commands print
                exec(code, module.__dict__)
        except (Exception, SystemExit) as error:
            message = _describe(error)
            if not message.startswith(f"{file}:"):  # An error of ours may say it already.
                message = f"{_user_line(file, error)}: {message}"
            raise (ProgramError if isinstance(error, ProgramError) else FormatError)(message) from error
    return module.__dict__


def _name_after_variables(namespace: dict[str, Any]) -> None:
    """Give the expressions that a file binds to names these names, so that the IR and the messages have them."""
    for name, value in namespace.items():
        # What was built outside of the file's code (tokens, indices, length) has no location.
        if isinstance(value, rasp.RASPExpr) and value.where is not None:
            value.name_after_variable(name)


@contextmanager
def _importable(module: ModuleType, directory: Path) -> Generator[None]:
    """Make a module known (dataclasses look theirs up) and its neighbours importable while it runs."""
    sys.modules[module.__name__] = module
    sys.path.insert(0, str(directory))
    try:
        yield
    finally:
        if str(directory) in sys.path:  # The program may have changed the path, too.
            sys.path.remove(str(directory))
        sys.modules.pop(module.__name__, None)


def _user_line(file: Path, error: BaseException) -> str:
    """Return `file:line` for the innermost line of the file that an exception passed through."""
    lines = [frame.lineno for frame in traceback.extract_tb(error.__traceback__) if frame.filename == str(file)]
    return f"{file}:{lines[-1]}" if lines else str(file)


def _describe(error: BaseException) -> str:
    if isinstance(error, SystemExit):
        return "the file exits instead of defining a program"
    if isinstance(error, ProgramError):
        return str(error)
    return "".join(traceback.format_exception_only(error)).strip().removeprefix("raspc.errors.")


def _pick_program(file: Path, namespace: dict[str, Any], picked: str | None) -> tuple[str, rasp.SOp]:
    """Return the file's program, by the rule of the module's docstring, and its name."""
    sops = {name: value for name, value in namespace.items() if isinstance(value, rasp.SOp)}
    stem = _identifier(file.stem)
    wanted = picked or "program"
    if wanted in namespace and wanted not in sops:
        raise FormatError(f"{file}: {wanted!r} is not an s-op but {_kind(namespace[wanted])}")
    if picked and picked not in sops:
        raise FormatError(f"{file}: there is no s-op named {picked!r}; {_list_sops(sops)}")
    if picked:
        return picked, sops[picked]
    if "program" in sops:
        return stem, sops["program"]
    if stem in sops:
        return stem, sops[stem]

    # The language's own s-ops may have been imported by name; one s-op may have two names.
    language = {id(rasp.tokens), id(rasp.indices), id(rasp.length)}
    defined = {name: sop for name, sop in sops.items() if id(sop) not in language and not name.startswith("_")}
    distinct = {id(sop): name for name, sop in reversed(defined.items())}
    if len(distinct) == 1:
        [name] = distinct.values()
        return name, defined[name]
    if not distinct:
        raise FormatError(f"{file}: defines no s-op at module level\n  help: bind one to the name `program`")
    raise FormatError(
        f"{file}: which s-op is the program? {_list_sops(defined)}\n"
        f"  help: bind one to the name `program`, or say {file}:{next(reversed(defined))}"
    )


def _list_sops(sops: dict[str, rasp.SOp]) -> str:
    return f"the file's s-ops are {', '.join(sops)}" if sops else "the file has no s-op at module level"


def _kind(value: object) -> str:
    if isinstance(value, rasp.Selector):
        return "a selector (aggregate it, or take its width)"
    return f"of type {type(value).__name__}"


def _read_vocab(file: Path, namespace: dict[str, Any], given: Collection[object] | None) -> tuple[Value, ...]:
    what = f"{file}: `vocab`" if given is None else "the given vocabulary"
    raw = given if given is not None else namespace.get("vocab")
    if raw is None:
        raise FormatError(f'{file}: defines no vocabulary\n  help: write vocab = ["a", "b"] in it, or pass --vocab')
    if not isinstance(raw, list | tuple | range | set | frozenset):
        hint = f"\n  help: write list({shortened(raw)})" if isinstance(raw, str) else ""
        kind = type(raw).__name__
        raise FormatError(f"{what} must be a list of tokens, and is {shortened(raw)} of type {kind}{hint}")
    tokens: list[Value] = []
    for token in cast("Collection[object]", raw):
        try:
            value = normalise(token)
        except (TypeError, BoundError) as error:
            raise FormatError(f"{what}: {error}") from None
        if value is None:
            raise FormatError(f"{what} contains None, which stands for undefined and can't be a token")
        tokens.append(value)
    if not tokens:
        raise FormatError(f"{what} is empty")
    first: dict[Value, Value] = {}
    for token in tokens:
        if token in first:
            how = (
                "twice"
                if exact_form(first[token]) == exact_form(token)
                else f"as {shortened(first[token])} and as {shortened(token)}, which are equal"
            )
            raise FormatError(f"{what} contains {shortened(first[token])} {how}")
        first[token] = token
    return sorted_distinct(tokens) if isinstance(raw, set | frozenset) else tuple(tokens)


def _read_max_seq_len(file: Path, namespace: dict[str, Any], given: int | None) -> int:
    what = f"{file}: `max_seq_len`" if given is None else "the given maximum length"
    raw: object = given if given is not None else namespace.get("max_seq_len")
    if raw is None:
        raise FormatError(
            f"{file}: defines no maximum length\n  help: write max_seq_len = 10 in it, or pass --max-seq-len"
        )
    if not isinstance(raw, int) or isinstance(raw, bool) or raw < 1:
        raise FormatError(f"{what} must be a positive integer, and is {shortened(raw)}")
    return raw


def _read_causal(file: Path, namespace: dict[str, Any], given: bool | None) -> bool:
    raw: object = given if given is not None else namespace.get("causal", False)
    if not isinstance(raw, bool):
        raise FormatError(f"{file}: `causal` must be True or False, and is {shortened(raw)}")
    return raw


def _identifier(name: str) -> str:
    """Make an identifier of a file's stem: `sort-unique` becomes `sort_unique`."""
    name = re.sub(r"\W", "_", name)
    return name if name.isidentifier() else f"_{name}"
