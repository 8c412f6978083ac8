"""Random programs from a seed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from raspc import rasp
from raspc.algebra.values import Value
from raspc.errors import MeaningError, ProgramError
from raspc.testing.builder import Builder
from raspc.testing.choices import Choices, SeededChoices
from raspc.testing.functions import Kind
from raspc.testing.source import assignments

ATTEMPTS = 50
"""How many programs are tried until one depends on its tokens."""

PROBES = 12
"""The most inputs that are compared to find out."""

MAX_SEQ_LEN = 6
"""The longest maximum length that is chosen."""

VOCABULARIES: tuple[tuple[Value, ...], ...] = (
    ("a", "b", "c"),
    (0, 1, 2),
    ("a", "b"),
    (1, 2, 3, 4),
    (-2, 0, 1),
    (False, True),
    ("", "a", "ab", "1"),
    (0.5, 1, -1.5),
    ("(", ")", "{", "}"),
    (0, 1, 2, 3, 4),
    (1, "a", 2.5, (1, "a")),
    ((0, "a"), (0, "b"), (1,)),
    (0.1, 0.2, 0.3),
    ("x",),
)
"""The vocabularies that are chosen from."""


@dataclass(frozen=True, repr=False)
class RandomProgram:
    """A program and what to compile it for.

    Attributes:
        program: the s-op.
        vocab: the tokens.
        max_seq_len: the length of the longest input.
        causal: whether no position looks at later ones.
    """

    program: rasp.SOp
    vocab: tuple[Value, ...]
    max_seq_len: int
    causal: bool

    @property
    def source(self) -> str:
        """The program as a Python file that `raspc check` and the other commands take."""
        lines = [
            "from raspc import rasp",
            "",
            f"vocab = {list(self.vocab)!r}",
            f"max_seq_len = {self.max_seq_len}",
            *(["causal = True"] if self.causal else []),
            "",
            *assignments(self.program),
        ]
        return "\n".join(lines) + "\n"

    def __repr__(self) -> str:
        return f"<RandomProgram\n{self.source}>"


def random_program(
    seed: int,
    *,
    size: int = 8,
    op_mix: Mapping[str, float] | None = None,
    output_type: str | None = None,
    vocab: Sequence[Value] | None = None,
    max_seq_len: int | None = None,
    causal: bool | None = False,
    trivial: bool = False,
    risk: float = 0.0,
) -> RandomProgram:
    """A random program: the same for the same arguments, in every process and version of Python.

    The compiler refuses few of these programs, and they have a meaning on nearly all inputs. Their functions are
    lambdas that return None or raise a ValueError for some arguments, operators, and calls of builtins and methods.

    Args:
        seed: any int.
        size: the most operations. Maps, selects, aggregates, widths and selectors' and, or and not count as one each.
        op_mix: how often each operation is chosen, relative to the others; see `raspc.testing.OP_MIX`, whose weights
            stand for those that aren't given. 0 leaves an operation out.
        output_type: `bool`, `int`, `number`, `string`, `tuple` or `any`; by default one of these at random. Any output
            can be undefined.
        vocab: the tokens; by default one of a few vocabularies of one to five tokens.
        max_seq_len: the length of the longest input; by default from 1 to 6.
        causal: whether no position looks at later ones; `None` decides at random.
        trivial: allow programs whose output doesn't depend on the tokens, as far as a few inputs show.
        risk: how often an operand may be of any type or an aggregate of whatever it selects, from 0 to 1. The higher, the
            more inputs on which the program has no meaning.

    Raises:
        ProgramError: an argument is none of these.

    >>> random_program(1, size=4).program(["a", "b"])
    """
    kind = output_kind(output_type)
    choices = SeededChoices(seed)
    for attempt in range(ATTEMPTS):
        found = build_program(
            choices,
            size=size,
            op_mix=op_mix,
            kind=kind,
            vocab=vocab,
            max_seq_len=max_seq_len,
            causal=causal,
            risk=risk,
        )
        if trivial or attempt + 1 == ATTEMPTS or _depends_on_tokens(found, choices):
            return found
    raise AssertionError("the last attempt is taken as it is")


def build_program(
    choices: Choices,
    *,
    size: int,
    op_mix: Mapping[str, float] | None = None,
    kind: Kind | None = None,
    vocab: Sequence[Value] | None = None,
    max_seq_len: int | None = None,
    causal: bool | None = None,
    risk: float = 0.0,
) -> RandomProgram:
    """A program by whatever makes the choices; see `random_program`."""
    if size < 0 or not 0 <= risk <= 1:
        raise ProgramError(f"expected a size from 0 and a risk from 0 to 1, found {size} and {risk}")
    longest = choices.integer(1, MAX_SEQ_LEN) if max_seq_len is None else max_seq_len
    tokens = choices.pick(VOCABULARIES) if vocab is None else tuple(vocab)
    is_causal = choices.flag(0.3) if causal is None else causal
    wanted = choices.pick(tuple(Kind)) if kind is None else kind
    builder = Builder(choices, tokens, longest, op_mix=op_mix, risk=risk)
    return RandomProgram(builder.sop(wanted, size).sop, tokens, longest, is_causal)


def output_kind(output_type: str | None) -> Kind | None:
    """The kind of a name, `None` for none.

    Raises:
        ProgramError: no kind has this name.
    """
    if output_type is None:
        return None
    try:
        return Kind(output_type)
    except ValueError:
        known = ", ".join(kind.value for kind in Kind)
        raise ProgramError(f"there is no output type {output_type!r}: expected one of {known}") from None


def _depends_on_tokens(found: RandomProgram, choices: Choices) -> bool:
    """Whether two inputs of one length are seen to have different outputs."""
    outputs: list[object] = []
    for _ in range(PROBES):
        tokens = [choices.pick(found.vocab) for _ in range(found.max_seq_len)]
        try:
            outputs.append(rasp.evaluate(found.program, tokens, causal=found.causal))
        except MeaningError:
            continue
        if outputs[-1] != outputs[0]:
            return True
    return False
