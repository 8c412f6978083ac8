"""The library's programs against plain Python, on all short inputs and some long ones."""

import itertools
import random
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from raspc import rasp
from raspc.errors import ProgramError
from raspc.rasp import library, tokens

N = 4


def inputs(vocab: tuple[Any, ...]) -> Iterator[list[Any]]:
    for n in range(1, N + 1):
        yield from (list(xs) for xs in itertools.product(vocab, repeat=n))
    generator = random.Random(0)
    for n in (10, 20, 20):
        yield [generator.choice(vocab) for _ in range(n)]


def is_balanced(xs: list[str], opening: str, closing: str) -> bool:
    depths = list(itertools.accumulate((x == opening) - (x == closing) for x in xs))
    return min(depths) >= 0 and depths[-1] == 0


def ptf(xs: list[str]) -> list[str]:
    depths = list(itertools.accumulate((x == "(") - (x == ")") for x in xs))
    return ["F" if min(depths[: i + 1]) < 0 else "T" if depth == 0 else "P" for i, depth in enumerate(depths)]


def double_hist(xs: list[Any]) -> list[int]:
    counts = Counter(xs)
    return [sum(count == counts[x] for count in counts.values()) for x in xs]


def most_frequent(xs: list[Any]) -> list[Any]:
    ranked: list[Any] = [x for x, _ in Counter(xs).most_common()]
    return ranked + [None] * (len(xs) - len(ranked))


ABC = ("a", "b", "c")
NUMBERS = (1, 2, 5)


@pytest.mark.parametrize(
    ("program", "vocab", "expected"),
    [
        (library.make_length(), ABC, lambda xs: [len(xs)] * len(xs)),
        (library.make_reverse(tokens), ABC, lambda xs: xs[::-1]),
        (library.make_is_palindrome(), ABC, lambda xs: [xs == xs[::-1]] * len(xs)),
        (library.make_hist(), ABC, lambda xs: [xs.count(x) for x in xs]),
        (library.make_double_hist(), ABC, double_hist),
        (library.make_is_first(), ABC, lambda xs: [x not in xs[:i] for i, x in enumerate(xs)]),
        (library.make_sort(tokens, tokens, max_seq_len=20, min_key=1), NUMBERS, sorted),
        (library.make_sort_stable(tokens, tokens), ABC, sorted),
        (
            library.make_sort_stable(rasp.indices, tokens),
            ABC,
            lambda xs: sorted(range(len(xs)), key=lambda i: xs[i]),
        ),
        (library.make_sort_freq(20), ABC, lambda xs: sorted(xs, key=lambda x: -xs.count(x))),
        (library.make_most_freq(20), ABC, most_frequent),
        (
            library.make_frac_prevs(tokens == "a"),
            ABC,
            lambda xs: [xs[: i + 1].count("a") / (i + 1) for i in range(len(xs))],
        ),
        (library.num_prevs(tokens == "a"), ABC, lambda xs: [xs[: i + 1].count("a") for i in range(len(xs))]),
        (library.shift_by(2, tokens), ABC, lambda xs: [None, None, *xs][: len(xs)]),
        (library.shift_by(-2, tokens), ABC, lambda xs: [*xs, None, None][2:]),
        (library.shift_by(0, tokens), ABC, lambda xs: xs),
        (
            library.detect_pattern(tokens, "aba"),
            ABC,
            lambda xs: [None if i < 2 else xs[i - 2 : i + 1] == list("aba") for i in range(len(xs))],
        ),
        (library.detect_pattern(tokens, ["a"]), ABC, lambda xs: [x == "a" for x in xs]),
        (library.make_count(tokens, "a"), ABC, lambda xs: [xs.count("a")] * len(xs)),
        (library.make_count_less_freq(2), ABC, lambda xs: [sum(xs.count(x) <= 2 for x in xs)] * len(xs)),
        (
            library.make_pair_balance(tokens, "(", ")"),
            ("(", ")", "x"),
            lambda xs: [xs[:i].count("(") / i - xs[:i].count(")") / i for i in range(1, len(xs) + 1)],
        ),
        (library.make_dyck1_ptf(), ("(", ")", "x"), ptf),
        (
            library.make_shuffle_dyck2(),
            ("(", ")", "{", "}"),
            lambda xs: [is_balanced(xs, "(", ")") and is_balanced(xs, "{", "}")] * len(xs),
        ),
        (library.make_shuffle_dyck([("(", ")")]), ("(", ")"), lambda xs: [is_balanced(xs, "(", ")")] * len(xs)),
        (
            library.make_nary_sequencemap(lambda x, i, n: x * n + i, tokens, rasp.indices, rasp.length),
            NUMBERS,
            lambda xs: [x * len(xs) + i for i, x in enumerate(xs)],
        ),
    ],
    ids=lambda case: case.name if isinstance(case, rasp.SOp) else "",
)
def test_programs(program: rasp.SOp, vocab: tuple[Any, ...], expected: Callable[[list[Any]], list[Any]]):
    for xs in inputs(vocab):
        assert program(xs) == expected(xs), xs


def test_sort_unique():
    program = library.make_sort_unique(tokens, tokens)
    for n in range(1, 5):
        for xs in itertools.permutations((3, 1, 7, -2), n):
            assert program(xs) == sorted(xs)


def test_sort_with_fractional_keys():
    program = library.make_sort(tokens, tokens, max_seq_len=4, min_key=0.25)
    for xs in itertools.product((0.25, 0.5, -1), repeat=4):
        assert program(xs) == sorted(xs)


def test_count_of_undefined_values():
    assert library.make_count(library.shift_by(1, tokens), "a")("aab") == [2, 2, 2]


@pytest.mark.parametrize(
    "build",
    [
        lambda: library.make_shuffle_dyck([]),
        lambda: library.make_shuffle_dyck(["(("[:1]]),
        lambda: library.detect_pattern(tokens, ""),
        lambda: library.make_nary_sequencemap(lambda: 1),
    ],
)
def test_refused(build: Callable[[], rasp.SOp]):
    with pytest.raises(ProgramError):
        build()


def test_everything_is_exported():
    assert set(library.__all__) <= set(dir(library))
    assert all(getattr(library, name).__doc__ for name in library.__all__)
    assert set(rasp.__all__) <= set(dir(rasp))
