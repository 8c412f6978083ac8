"""Random programs from a seed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from raspc import rasp
from raspc.algebra.values import Value
from raspc.errors import BoundError, MeaningError, ProgramError
from raspc.rasp.entry import checked_vocab
from raspc.rasp.expressions import TokensType
from raspc.rasp.interpreter import in_order
from raspc.testing.builder import Builder
from raspc.testing.choices import Choices, SeededChoices
from raspc.testing.extremes import extreme_vocabulary, vocabulary
from raspc.testing.functions import KINDS, Kind
from raspc.testing.source import assignments

ATTEMPTS = 50
"""How many programs are tried until one depends on its tokens."""

PROBES = 12
"""The most inputs that are compared to find out."""

VOCABULARIES: tuple[tuple[Value, ...], ...] = (
    ("a", "b", "c"),
    (0, 1, 2),
    (1, 2, 3, 4),
    (-2, 0, 1),
    (False, True),
    ("", "a", "ab", "1"),
    (0.5, 1, -1.5),
    ("(", ")", "{", "}"),
    (0, 1, 2, 3, 4),
    (1, "a", 2.5, (1, "a")),
    ((0, "a"), (0, "b"), (1,)),
    (True, 0, 2.0),
    (1000, -999, 1),
    (0.1, 0.2, 0.3),
)
"""The vocabularies from which the first few tokens are chosen."""


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


@dataclass(frozen=True)
class Settings:
    """What kind of program to build; see `random_program`.

    Attributes:
        least_tokens: how many tokens a vocabulary that is chosen has at least.

    Raises:
        ProgramError: an argument is not what it should be.
    """

    size: int
    op_mix: Mapping[str, float] = field(default_factory=dict[str, float])
    output_type: str | None = None
    vocab: Sequence[Value] | None = None
    max_seq_len: int | tuple[int, int] = (4, 6)
    causal: bool | None = None
    risk: float = 0.0
    vocab_size: int | tuple[int, int] | None = None
    extremes: float = 0.0
    names: float = 0.0
    dense: bool = False
    least_tokens: int = 2

    def __post_init__(self) -> None:
        kinds = [kind.value for kind in Kind]
        if self.output_type is not None and self.output_type not in kinds:
            raise ProgramError(f"there is no output type {self.output_type!r}: expected one of {', '.join(kinds)}")
        if self.size < 0:
            raise ProgramError(f"expected a size of at least 0, found {self.size}")
        for name, share in {"a risk": self.risk, "extremes": self.extremes, "names": self.names}.items():
            if not 0 <= share <= 1:
                raise ProgramError(f"expected {name} from 0 to 1, found {share}")
        low, high = self.lengths
        if not 1 <= low <= high:
            raise ProgramError(f"expected a maximum length of at least 1, or a range of them, found {self.max_seq_len}")
        if self.vocab_size is not None:
            if self.vocab is not None:
                raise ProgramError("a vocabulary is given, so that it can't have a size to be chosen")
            low, high = as_range(self.vocab_size)
            if not 1 <= low <= high:
                raise ProgramError(f"expected at least 1 token, or a range of numbers of them, found {self.vocab_size}")

    @property
    def lengths(self) -> tuple[int, int]:
        """The least and the largest maximum length."""
        return as_range(self.max_seq_len)

    def build(self, choices: Choices) -> RandomProgram:
        """A program by whatever makes the choices."""
        longest = choices.integer(*self.lengths)
        tokens = checked_vocab(self._vocab(choices) if self.vocab is None else self.vocab)
        causal = choices.flag(0.3) if self.causal is None else self.causal
        kind = choices.pick(KINDS) if self.output_type is None else Kind(self.output_type)
        builder = Builder(
            choices,
            tokens,
            longest,
            op_mix=self.op_mix,
            risk=self.risk,
            extremes=self.extremes,
            names=self.names,
            dense=self.dense,
        )
        return RandomProgram(builder.output(kind, self.size).sop, tokens, longest, causal)

    def _vocab(self, choices: Choices) -> Sequence[Value]:
        size = None if self.vocab_size is None else choices.integer(*as_range(self.vocab_size))
        if self.extremes and choices.flag(self.extremes):
            return extreme_vocabulary(choices, size or choices.integer(2, 5))
        if size is not None:
            return vocabulary(choices, size)
        vocab = choices.pick(VOCABULARIES)
        return vocab[: choices.integer(self.least_tokens, len(vocab))]


def as_range(number: int | tuple[int, int]) -> tuple[int, int]:
    """The least and the most that a number may be, where one number may stand for both."""
    return number if isinstance(number, tuple) else (number, number)


def random_program(
    seed: int,
    *,
    size: int = 8,
    op_mix: Mapping[str, float] | None = None,
    output_type: str | None = None,
    vocab: Sequence[Value] | None = None,
    max_seq_len: int | tuple[int, int] = (4, 6),
    causal: bool | None = False,
    trivial: bool = False,
    risk: float = 0.0,
    vocab_size: int | tuple[int, int] | None = None,
    extremes: float = 0.0,
    names: float = 0.0,
    dense: bool = False,
) -> RandomProgram:
    """A random program: the same for the same arguments, in every process and version of Python.

    The compiler refuses few of these programs, and nearly all of their inputs have a meaning. Their functions are
    lambdas; some return None or raise a ValueError for some arguments.

    Args:
        seed: any int.
        size: the most operations. Maps, selects, aggregates, widths and selectors' and, or and not count as one each;
            so do a program of the library and a nest of selectors.
        op_mix: how often each operation is chosen, relative to the others: weights that replace those of
            `raspc.testing.OP_MIX`. 0 leaves an operation out; a select is left out only with all that needs one.
        output_type: `bool`, `int`, `number`, `string`, `tuple` or `any`; by default one of these at random. Any output
            may be undefined at some positions.
        vocab: the tokens; by default a vocabulary of two to five tokens.
        max_seq_len: the length of the longest input, or the least and the most that it may be.
        causal: whether no position looks at later ones; `None` decides at random.
        trivial: allow programs whose output doesn't depend on the tokens, as far as a few inputs show.
        risk: how often an operand may be of any type, and an aggregate of whatever is selected, from 0 to 1. The
            higher, the more inputs there are on which the program has no meaning.
        vocab_size: the number of tokens, or the least and the most that it may be; by default two to five.
        extremes: how often a function or the vocabulary is one of those at which floats round, forms differ and
            magnitudes meet (`raspc.testing.extremes`), from 0 to 1. The compiler refuses more of these programs.
        names: how often an s-op has a name, from 0 to 1; the names are such as the compiler could take for its own.
        dense: use up the size, with large vocabularies and lengths too: where operands have more combinations of values
            than a lookup can hold, take functions of few values of them, which don't count as operations. If the
            output may be a tuple, it is one of several parts.

    Raises:
        ProgramError: an argument is not what it should be.

    >>> random = random_program(4, size=3, vocab=["a", "b"], max_seq_len=4)
    >>> random.program("abba")
    [0, 1, 2, 0]
    """
    settings = Settings(
        size=size,
        op_mix=op_mix or {},
        output_type=output_type,
        vocab=vocab,
        max_seq_len=max_seq_len,
        causal=causal,
        risk=risk,
        vocab_size=vocab_size,
        extremes=extremes,
        names=names,
        dense=dense,
        least_tokens=1 if trivial else 2,
    )
    choices = SeededChoices(seed)
    found = settings.build(choices)
    for _ in range(ATTEMPTS):
        if trivial or _depends_on_tokens(found, choices):
            break
        found = settings.build(choices)
    return found


def _depends_on_tokens(found: RandomProgram, choices: Choices) -> bool:
    """Whether two inputs of one length are seen to have different outputs."""
    reads_tokens = any(isinstance(expression, TokensType) for expression in in_order(found.program))
    outputs: list[object] = []
    for _ in range(PROBES):
        tokens = [choices.pick(found.vocab) for _ in range(found.max_seq_len)]
        if not reads_tokens:
            continue  # without a look: only the choices are made, so that later ones don't depend on this shortcut
        try:
            outputs.append(rasp.evaluate(found.program, tokens, causal=found.causal))
        except (MeaningError, BoundError):
            continue
        if outputs[-1] != outputs[0]:
            return True
    return False
