"""Programs that need a condition of a proof: without it they would be compiled to models that answer wrongly.

Each is small enough for all of its inputs. They come from mutation testing: a change of a guard or a constant that no
test noticed got a program that does. The name says what the guard keeps apart.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from raspc import rasp
from raspc.rasp import Comparison
from raspc.rasp.expressions import Selector, SOp, indices, length, tokens
from tests.programs.program import Program

GUARDS: list[Program] = []
"""The programs, in the order of the passes that they are about."""


def needs(
    name: str, make: Callable[[], SOp], vocab: tuple[Any, ...], max_seq_len: int = 4, *, causal: bool = False
) -> None:
    """Add a program to the table."""
    note = name.replace("_", " ")
    GUARDS.append(Program(name, lambda _: make(), vocab, (), max_seq_len, causal, (), note))


def equal(keys: SOp, queries: SOp) -> Selector:
    return rasp.Select(keys, queries, Comparison.EQ)


def before(keys: SOp = indices, comparison: Comparison = Comparison.LT) -> Selector:
    return rasp.Select(keys, keys, comparison)


def width(selector: Selector) -> SOp:
    return rasp.SelectorWidth(selector)


def mean(selector: Selector, values: SOp = tokens) -> SOp:
    return rasp.Aggregate(selector, values)


def rank(keys: SOp, queries: SOp | None = None, comparison: Comparison = Comparison.LT) -> SOp:
    return width(rasp.Select(keys, keys if queries is None else queries, comparison))


def where(keys: SOp, number: int) -> Selector:
    return equal(keys, rasp.Map(lambda index: number, indices))


TIED = tokens * 5 + indices
"""Different at all positions, in the order of the tokens."""

PARITY = tokens % 2
SAME = equal(tokens, tokens)
ALIKE = equal(PARITY, PARITY)

BITS = (0, 1)
NEXT = (0, 1, 2)


# At most one position is selected

needs("two_keys_for_a_query", lambda: mean(rasp.Select(indices, indices, lambda k, q: k in (q, q + 1))), BITS)
needs(
    "two_keys_for_one_query_alone", lambda: mean(rasp.Select(indices, indices, lambda k, q: k == q or k < 2 > q)), BITS
)
needs("positions_in_pairs", lambda: mean(equal(indices // 2, indices)), BITS)
needs("the_first_two_alike", lambda: mean(equal(rasp.Map(lambda i: max(i - 1, 0), indices), indices)), BITS)
needs("the_last_two_alike", lambda: mean(equal(rasp.Map(lambda i: min(i, 2), indices), indices)), BITS)
needs("pairs_from_the_end", lambda: mean(equal((length - 1 - indices) // 2, indices)), BITS)
needs("index_and_length_added", lambda: mean(equal(indices // 2 + length, indices + 1)), BITS)
needs("distances_from_the_middle", lambda: mean(equal((2 * indices - length + 1) ** 2, indices)), BITS)
needs("equal_tokens_are_several", lambda: mean(equal(tokens, tokens), indices), BITS)

# Ranks

needs("causal_ranks_collide", lambda: mean(equal(rank(TIED), indices)), (0, 1, 2), 3, causal=True)
needs("causal_ranks_of_tokens", lambda: mean(equal(rank(tokens), indices)), (0, 1, 2), 3, causal=True)
needs("causal_ranks_are_no_keys", lambda: mean(equal(rank(tokens), rank(tokens))), (0, 1, 2), 3, causal=True)
needs("ranks_among_others", lambda: mean(equal(rank(TIED, tokens * 5), indices)), (0, 1, 2), 3)
needs("ranks_among_others_are_no_keys", lambda: mean(equal(rank(tokens, PARITY), rank(tokens, PARITY))), (0, 1, 2), 3)
needs("how_many_differ_is_no_rank", lambda: mean(equal(rank(TIED, None, Comparison.NEQ), indices)), BITS, 3)
needs("ranks_of_what_may_be_undefined", lambda: mean(
    equal(rank(rasp.SequenceMap(lambda t, i: None if t == 0 else t * 5 + i, tokens, indices)), indices)
), (0, 1, 2), 3)  # fmt: skip
needs("equal_ranks_of_what_may_be_undefined", lambda: mean(
    equal(*[rank(rasp.Map(lambda t: None if t == 0 else t, tokens))] * 2)
), (0, 1, 2), 3)  # fmt: skip
needs("ranks_in_pairs", lambda: mean(equal(rank(TIED) // 2, indices)), BITS)
needs("ranks_with_ties", lambda: mean(equal(rank(tokens), indices), indices), BITS, 3)
needs("ranks_with_other_values", lambda: mean(equal(rank(tokens), rank(tokens)), indices), BITS, 3)
needs("ranks_of_parity", lambda: mean(equal(rank(PARITY), rank(PARITY))), (0, 1, 2), 3)

# Widths that make up a third one

needs(
    "parts_of_what_varies_in_number",
    lambda: rasp.Map(
        lambda i, ones, zeros: (i, ones, zeros),
        indices,
        width(ALIKE & equal(tokens, rasp.Full(1))),
        width(ALIKE & rasp.Select(tokens, rasp.Full(1), Comparison.NEQ)),
    ),
    (0, 1, 2),
    causal=True,
)

# Orders

needs(
    "an_order_only_among_equals",
    lambda: mean(equal(width(equal(tokens, tokens) & before()), indices)),
    BITS,
    3,
)
needs("an_order_with_ties", lambda: mean(
    equal(width(before(tokens) & rasp.Select(indices, indices, Comparison.TRUE)), indices), indices
), BITS, 3)  # fmt: skip
needs("a_causal_order", lambda: mean(
    equal(width(before(tokens) | equal(tokens, tokens) & before()), indices)
), (0, 1, 2), 3, causal=True)  # fmt: skip
needs("a_causal_order_seen_from_later", lambda: mean(
    where(width(before(tokens) | SAME & before()), 0)
), (0, 1, 2), 3, causal=True)  # fmt: skip
needs("an_order_that_is_reflexive", lambda: mean(
    equal(width(before(tokens) | equal(tokens, tokens) & before(indices, Comparison.NEQ)), indices)
), (0, 1), 3)  # fmt: skip
needs("an_order_but_for_the_first", lambda: mean(
    equal(width(rasp.Select(indices, indices, lambda k, q: k < q and q > 1)), indices)
), (0, 1), 3)  # fmt: skip
needs("rock_paper_scissors", lambda: mean(
    equal(width(rasp.Select(indices, indices, lambda k, q: (q - k) % 3 == 1)), indices)
), (0, 1), 3)  # fmt: skip

# Numbers within what is equal


def within(same: Selector, *orders: Selector) -> SOp:
    selector = same
    for order in orders:
        selector = selector & order
    return width(selector)


def numbered(number: SOp, same: Selector | None = None, n: int = 0) -> SOp:
    """The mean index of what has a number, and is equal to the query."""
    return mean(where(number, n) if same is None else same & where(number, n), indices)


needs("first_of_each_token", lambda: numbered(within(SAME, before())), BITS)
needs("first_of_each_token_by_another_key", lambda: numbered(within(SAME, before()), ALIKE), NEXT, 3)
needs("numbers_without_an_order", lambda: numbered(within(SAME), SAME, 2), BITS, 3)
needs("numbers_by_two_orders", lambda: numbered(within(SAME, before(), before(-indices)), SAME), BITS, 3)
needs("numbers_by_no_order", lambda: numbered(within(SAME, before(indices, Comparison.NEQ)), SAME, 1), BITS, 3)
needs("numbers_by_tokens", lambda: numbered(within(ALIKE, before()), None, 1), NEXT, 3)
needs(
    "numbers_by_equal_tokens",
    lambda: numbered(within(ALIKE, before(tokens)), ALIKE),
    NEXT,
    3,
)
needs("numbers_by_what_is_undefined", lambda: numbered(
    within(SAME, before(rasp.Map(lambda i: None if i < 2 else i, indices))), SAME
), BITS, 3)  # fmt: skip
needs("numbers_by_another_side", lambda: numbered(
    within(SAME, rasp.Select(indices, length - 1 - indices, Comparison.LT)), SAME, 1
), BITS, 3)  # fmt: skip
needs("numbers_of_a_disjunction", lambda: numbered(
    width(equal(tokens, tokens) | where(tokens, 0)), None, 1
), BITS, 3, causal=True)  # fmt: skip
needs("causal_numbers_by_another_order", lambda: numbered(
    within(ALIKE, before(TIED)), ALIKE
), NEXT, 3, causal=True)  # fmt: skip
needs("causal_numbers_from_behind", lambda: numbered(
    within(SAME, before(indices, Comparison.GT)), SAME
), BITS, 3, causal=True)  # fmt: skip
needs("causal_numbers_up_to_here", lambda: numbered(
    within(SAME, before(indices, Comparison.GEQ)), SAME, 1
), BITS, 3, causal=True)  # fmt: skip
needs("numbers_of_the_others", lambda: numbered(within(~SAME, before()), ~SAME), BITS, 3)

# What is selected is defined, and hit

needs("the_next_one", lambda: mean(equal(indices, indices + 1)), BITS, 3)
needs("the_one_before", lambda: mean(equal(indices, indices - 1)), BITS, 3)
needs("one_past_the_end", lambda: mean(equal(indices, length)), BITS, 3)
needs("one_past_the_end_for_the_first", lambda: mean(equal(indices, length - indices)), BITS, 3)
needs("half_an_index", lambda: mean(equal(indices, indices / 2)), BITS, 3)
needs("an_index_or_none", lambda: mean(equal(indices, rasp.Map(lambda i: None if i == 1 else i, indices))), BITS, 3)
needs("the_opposite_isn_t_seen", lambda: mean(equal(indices, 2 - indices)), BITS, 3, causal=True)
needs("a_token_as_an_index", lambda: mean(equal(indices, tokens)), (0, 1, 2), 3)
needs("itself_without_a_value", lambda: mean(SAME, rasp.Map(lambda t: t or None, tokens)), (0, 1, 2), 3)
needs("itself_but_for_one", lambda: mean(rasp.Select(tokens, tokens, lambda k, q: k == q != 1)), (0, 1, 2), 3)
needs(
    "itself_in_one_case",
    lambda: width(rasp.Select(tokens, tokens, lambda k, q: k != q or k == 1)),
    NEXT,
    3,
)
needs("never_itself_but_for_one", lambda: width(
    rasp.Select(tokens, tokens, lambda k, q: k == 1 == q)
), (0, 1, 2), 3)  # fmt: skip
needs("itself_undefined", lambda: width(equal(*[rasp.Map(lambda t: t or None, tokens)] * 2)), NEXT, 3)
needs("the_one_before_or_7", lambda: rasp.Aggregate(equal(indices, indices - 1), tokens, 7), BITS, 3)
needs("one_past_the_end_or_7", lambda: rasp.Aggregate(equal(indices, length), tokens, 7), BITS, 3)
needs("the_opposite_or_7", lambda: rasp.Aggregate(equal(indices, length - 1 - indices), tokens, 7), BITS, 3)
needs("one_that_isn_t_seen_or_7", lambda: rasp.Aggregate(equal(indices, 2 - indices), tokens, 7), BITS, 3, causal=True)
needs("a_token_as_an_index_or_7", lambda: rasp.Aggregate(equal(indices, tokens), tokens, 7), NEXT, 3)
needs("half_an_index_or_7", lambda: rasp.Aggregate(equal(indices, indices / 2), tokens, 7), BITS, 3)

# Selectors without what doesn't matter in them

MAYBE = rasp.Map(lambda t: t or None, tokens)
TRUE, FALSE, LEQ = Comparison.TRUE, Comparison.FALSE, Comparison.LEQ
UNDEFINED_EQUAL, UNDEFINED_ORDER = equal(MAYBE, MAYBE), before(MAYBE, LEQ)

needs("everything_with_a_key", lambda: width(rasp.Select(MAYBE, tokens, TRUE)), NEXT, 3)
needs("everything_with_a_query", lambda: width(rasp.Select(tokens, MAYBE, TRUE)), NEXT, 3)
needs("keys_alone_for_a_query", lambda: width(rasp.Select(tokens, MAYBE, lambda k, q: k == 1)), NEXT, 3)
needs("queries_alone_with_a_key", lambda: width(rasp.Select(MAYBE, tokens, lambda k, q: q == 1)), NEXT, 3)
needs("keys_alone", lambda: width(rasp.Select(tokens, tokens, lambda k, q: k == 1)), NEXT, 3)
needs("keys_alone_but_for_a_query", lambda: width(rasp.Select(tokens, tokens, lambda k, q: k == 1 or q == 2)), NEXT, 3)
needs("not_everything_with_a_key", lambda: width(~rasp.Select(MAYBE, tokens, FALSE)), NEXT, 3)
needs("and_everything_with_a_key", lambda: width(SAME & rasp.Select(MAYBE, tokens, TRUE)), NEXT, 3)
needs("or_nothing_with_a_key", lambda: width(~(SAME | rasp.Select(MAYBE, tokens, FALSE))), NEXT, 3)
needs("not_both_with_a_key", lambda: width(~(SAME & rasp.Select(MAYBE, tokens, TRUE))), NEXT, 3)
needs("equal_within_an_order", lambda: width(SAME & before(tokens, LEQ)), NEXT, 3)
needs("an_order_but_not_equal", lambda: width(before(tokens, LEQ) & ~SAME), NEXT, 3)
needs("an_order_or_not_equal", lambda: width(before(tokens, LEQ) | ~SAME), NEXT, 3)
needs("a_part_of_an_order_or_equal", lambda: width(before(tokens, LEQ) & before() | SAME), NEXT, 3)
needs("a_part_but_not_equal", lambda: width((SAME | before()) & ~SAME), NEXT, 3)
needs("equal_and_ordered_if_defined", lambda: width(UNDEFINED_EQUAL & UNDEFINED_ORDER), NEXT, 3)
needs("not_both_if_defined", lambda: width(~(UNDEFINED_EQUAL & UNDEFINED_ORDER)), NEXT, 3)
needs("ordered_not_equal_if_defined", lambda: width(UNDEFINED_ORDER & ~UNDEFINED_EQUAL), NEXT, 3)
needs("neither_if_defined", lambda: width(~(UNDEFINED_EQUAL | UNDEFINED_ORDER)), NEXT, 3)
needs("either_if_defined", lambda: width(UNDEFINED_EQUAL | before(MAYBE, Comparison.GT)), NEXT, 3)
needs("not_equal_and_less_if_defined", lambda: width(~(UNDEFINED_EQUAL & before(MAYBE))), NEXT, 3)
needs("equal_or_not_if_defined", lambda: width(
    UNDEFINED_EQUAL | rasp.Select(MAYBE, MAYBE, Comparison.NEQ)
), NEXT, 3)  # fmt: skip
needs("another_pair_within", lambda: width(SAME & (equal(tokens, PARITY) | before())), NEXT, 3)

# Whether anything is there

EARLIER = SAME & before()


def presence(condition: Callable[[Any], Any], default: Any = None, selector: Selector | None = None) -> SOp:
    return rasp.Map(condition, rasp.Aggregate(before() if selector is None else selector, tokens, default))


needs("none_before", lambda: rasp.Map(lambda n: n == 0, width(EARLIER)), BITS)
needs("one_at_most_before", lambda: rasp.Map(lambda n: n <= 1, width(EARLIER)), BITS)
needs("none_before_and_how_many", lambda: rasp.Map(lambda n: n == 0, width(EARLIER)) + 2 * width(EARLIER), BITS)
needs("none_before_as_a_key", lambda: mean(equal(width(EARLIER), 0 * tokens)), BITS)
for start in (None, 0, 1, 2):
    needs(f"any_one_before_or_{start}", lambda start=start: presence(lambda x: x > 0, start), BITS)
    needs(f"only_ones_before_or_{start}", lambda start=start: presence(lambda x: x == 1, start), BITS)
needs("as_many_ones_before", lambda: presence(lambda x: x == 0.5, 0), BITS)
needs("more_than_half_before", lambda: presence(lambda x: x > 0.5, 0), BITS)
needs("any_one_of_three_before", lambda: presence(lambda x: x > 0, 0), NEXT, 3)
needs("any_one_up_to_here", lambda: presence(lambda x: x > 0, 1, before(indices, LEQ)), BITS)
needs("any_one_among_equals", lambda: presence(lambda x: x > 0, 1, SAME), BITS)
needs("any_one_next_to_here", lambda: presence(
    lambda x: x > 0, 1, rasp.Select(indices, indices, lambda k, q: abs(k - q) == 1)
), BITS)  # fmt: skip
needs("any_one_that_is_defined", lambda: rasp.Map(lambda x: x > 1, rasp.Aggregate(before(), MAYBE, 1)), NEXT, 3)
needs("any_two_up_to_here_if_defined", lambda: rasp.Map(
    lambda x: x > 1, rasp.Aggregate(before(indices, LEQ), MAYBE, 2)
), NEXT, 3)  # fmt: skip
needs("a_constant_or_nothing", lambda: rasp.Map(lambda x: 5 * x, rasp.Aggregate(EARLIER, rasp.Full(1))), BITS)
needs("a_constant_or_undefined", lambda: rasp.Map(
    lambda x: 1 / x, rasp.Aggregate(EARLIER, rasp.Full(1), 0)
), BITS)  # fmt: skip
needs("an_undefined_constant", lambda: rasp.Map(lambda x: 1 / x, rasp.Aggregate(EARLIER, rasp.Full(0), 1)), BITS)
needs("a_constant_read_twice", lambda: (
    rasp.Map(lambda x: 3 * x, rasp.Aggregate(EARLIER, rasp.Full(1), 0)) + rasp.Aggregate(EARLIER, rasp.Full(1), 0)
), BITS)  # fmt: skip
needs("a_constant_and_the_tokens", lambda: rasp.Aggregate(EARLIER, rasp.Full(1), 0) + 2 * tokens, BITS)

# Counts instead of means

needs(
    "a_mean_times_the_width_of_another_selector",
    lambda: rasp.Map(lambda x, n: round(x * n), mean(ALIKE, rasp.Map(lambda t: int(t == 2), tokens)), width(SAME)),
    (0, 1, 2),
)


def of_two(function: Callable[[Any, Any], Any], first: SOp, second: SOp) -> SOp:
    return rasp.SequenceMap(function, first, second)


def times(x: Any, n: Any) -> Any:
    return x * n


UP_TO_HERE = before(indices, LEQ)
WITH_FIRST = SAME | where(indices, 0)

for low, high in ((0, 1), (1, 3), (-1, 1), (0, 2), (-3, -1)):
    needs(f"sum_of_{low}_and_{high}", lambda: of_two(times, mean(UP_TO_HERE), indices + 1), (low, high))
    needs(f"sum_of_{low}_and_{high}_of_equals", lambda: of_two(times, mean(ALIKE), width(ALIKE)), (low, high), 3)
for start in (None, 0, 1, 2, 0.5):
    needs(f"sum_before_or_{start}", lambda start=start: of_two(
        times, rasp.Aggregate(before(), tokens, start), indices
    ), BITS)  # fmt: skip
    needs(f"sum_before_and_one_or_{start}", lambda start=start: of_two(
        lambda x, n: x * n + 1, rasp.Aggregate(before(), tokens, start), indices
    ), BITS)  # fmt: skip
    needs(f"sum_before_and_itself_or_{start}", lambda start=start: of_two(
        lambda x, n: (n + 1) * x, rasp.Aggregate(before(), tokens, start), indices
    ), BITS)  # fmt: skip
needs("sum_of_halves", lambda: of_two(times, mean(UP_TO_HERE), indices + 1), (0.5, 1))
needs("halves_are_no_counts", lambda: of_two(lambda x, n: x == 1, mean(UP_TO_HERE), indices + 1), (0.5, 1.5))
needs("sum_of_three", lambda: of_two(times, mean(UP_TO_HERE), indices + 1), (0, 1, 3), 3)
needs("sum_of_the_defined", lambda: of_two(times, mean(UP_TO_HERE, MAYBE), indices + 1), NEXT, 3)
needs("count_of_the_defined", lambda: of_two(
    lambda x, n: round((x - 1) * n), mean(UP_TO_HERE, MAYBE), indices + 1
), NEXT, 3)  # fmt: skip
needs("sum_and_the_index", lambda: of_two(lambda x, n: x * n + n, mean(UP_TO_HERE), indices + 1), BITS)
needs("sum_is_odd", lambda: of_two(lambda x, n: round(x * n) % 2 == 1, mean(UP_TO_HERE), indices + 1), BITS)
needs("more_ones_than_zeros", lambda: of_two(lambda x, n: 2 * x * n > n, mean(UP_TO_HERE), indices + 1), BITS)
needs("sum_of_another_number", lambda: of_two(times, mean(UP_TO_HERE), length), BITS)
needs("sum_of_twice_as_many", lambda: of_two(times, mean(UP_TO_HERE), 2 * indices + 2), BITS)
needs("sum_of_equals_by_another_width", lambda: of_two(times, mean(ALIKE), width(SAME)), NEXT, 3)
needs("sum_of_ones_that_divides", lambda: of_two(lambda x, n: 6 // round(x * n), mean(UP_TO_HERE), indices + 1), BITS)
needs("share_of_the_first", lambda: rasp.Map(lambda x: round(1 / x), mean(WITH_FIRST, indices == 0)), BITS)
needs("share_of_the_first_less_one", lambda: rasp.Map(lambda x: round(1 / x) - 1, mean(WITH_FIRST, indices == 0)), BITS)
needs("share_of_the_second", lambda: rasp.Map(lambda x: x and round(1 / x), mean(UP_TO_HERE, indices == 1)), BITS)
needs("share_of_the_ones", lambda: rasp.Map(lambda x: x and round(1 / x), mean(UP_TO_HERE, tokens == 1)), BITS)
needs("share_of_all_but_the_first", lambda: rasp.Map(lambda x: round(1 / (1 - x)), mean(WITH_FIRST, indices > 0)), BITS)
needs("share_of_a_first_that_counts_twice", lambda: rasp.Map(
    lambda x: x, mean(WITH_FIRST, rasp.Map(lambda i: 5 if i == 0 else 3, indices))
), BITS)  # fmt: skip

# What looks equal


def both(first: SOp, second: SOp) -> SOp:
    """Two s-ops in one."""
    return of_two(lambda x, y: None if x is None else 100 * x + y, first, second)


needs("two_defaults", lambda: both(rasp.Aggregate(before(), tokens, 0), rasp.Aggregate(before(), tokens, 1)), BITS)
needs("two_defaults_that_do_not_show", lambda: both(
    rasp.Aggregate(UP_TO_HERE, tokens, 0), rasp.Aggregate(UP_TO_HERE, tokens, 1)
), BITS)  # fmt: skip
needs("two_orders", lambda: both(width(before()), width(UP_TO_HERE)), BITS)
needs("two_complements", lambda: both(
    width(~UNDEFINED_EQUAL), width(rasp.Select(MAYBE, MAYBE, Comparison.NEQ))
), NEXT, 3)  # fmt: skip
needs("two_keys_of_equal_values", lambda: both(width(equal(tokens, PARITY)), width(equal(PARITY, tokens))), NEXT, 3)
needs("two_conjunctions", lambda: both(width(SAME & before()), width(SAME & UP_TO_HERE)), BITS)
needs("two_disjunctions", lambda: both(width(SAME | before()), width(SAME | UP_TO_HERE)), BITS)
needs("two_functions", lambda: both(tokens // 2, tokens % 2), (0, 1, 2, 3), 2)
needs("two_functions_but_for_undefined", lambda: both(
    rasp.Aggregate(SAME, MAYBE, 0), rasp.Aggregate(SAME, rasp.Map(lambda t: t if t != 1 else None, tokens), 0)
), NEXT, 3)  # fmt: skip
needs("an_int_and_a_float", lambda: both(1 / (mean(UP_TO_HERE) + 1), mean(UP_TO_HERE)), BITS)
needs("a_bool_and_an_int", lambda: of_two(
    lambda a, b: f"{a} {b}", tokens == 1, rasp.Map(lambda t: int(t == 1), tokens)
), BITS, 3)  # fmt: skip

# Disjunctions, and several operands

THIRD = where(indices, 2)

for causal in (False, True):
    kind = "causal" if causal else "plain"
    needs(f"{kind}_either", lambda: width(SAME | THIRD), BITS, causal=causal)
    needs(f"{kind}_neither", lambda: width(~(SAME | THIRD)), BITS, causal=causal)
    needs(f"{kind}_either_of_three", lambda: width(SAME | THIRD | before()), BITS, causal=causal)
    needs(f"{kind}_either_and_another", lambda: width((SAME | THIRD) & before(indices, LEQ)), BITS, causal=causal)
    needs(f"{kind}_both_of_two", lambda: width((SAME | THIRD) & (before() | where(tokens, 1))), BITS, causal=causal)
    needs(f"{kind}_either_if_defined", lambda: width(UNDEFINED_EQUAL | THIRD), NEXT, 3, causal=causal)
    needs(f"{kind}_neither_if_defined", lambda: width(~(UNDEFINED_EQUAL | THIRD)), NEXT, 3, causal=causal)
    needs(f"{kind}_mean_of_either", lambda: mean(SAME | THIRD, indices), BITS, causal=causal)
    needs(f"{kind}_mean_of_neither", lambda: mean(~(SAME | THIRD), indices), BITS, causal=causal)
    needs(f"{kind}_mean_of_the_defined", lambda: mean(SAME | THIRD, MAYBE), NEXT, 3, causal=causal)
    needs(f"{kind}_either_but_one", lambda: width((SAME | THIRD) & ~where(tokens, 1)), BITS, causal=causal)
    needs(f"{kind}_one_of_two", lambda: width(SAME & ~THIRD | ~SAME & THIRD), BITS, causal=causal)
needs("length_less_what_may_be_undefined", lambda: length - width(UNDEFINED_EQUAL | THIRD), NEXT, 3)
needs("largest_of_two", lambda: of_two(max, tokens, mean(equal(indices, indices - 1))), NEXT, 3)
needs("sum_of_two_that_may_be_undefined", lambda: of_two(
    lambda a, b: a + b, MAYBE, mean(equal(indices, indices - 1), MAYBE)
), NEXT, 3)  # fmt: skip
needs("product_with_undefined_results", lambda: of_two(
    lambda a, b: a * b or None, tokens, width(SAME) - 1
), NEXT, 3)  # fmt: skip
needs("two_widths_compared", lambda: of_two(lambda a, b: a > b, width(SAME), width(before(tokens))), NEXT, 4)
needs("two_means_compared", lambda: of_two(
    lambda a, b: a > b, mean(UP_TO_HERE), mean(before(indices, Comparison.GEQ))
), BITS)  # fmt: skip
needs("a_mean_and_a_token", lambda: of_two(lambda a, b: a > b / 2, mean(UP_TO_HERE), tokens), NEXT, 3)
needs("a_mean_that_may_be_undefined", lambda: of_two(lambda a, b: a > b, mean(before()), tokens), BITS)

# What is known of widths and means together

ONES = where(tokens, 1)
IS_ONE = rasp.Map(lambda t: None if t == 0 else t == 1, tokens)

needs("from_here_on", lambda: width(before(indices, Comparison.GEQ)), BITS)
needs("neighbours", lambda: width(rasp.Select(indices, indices, lambda k, q: abs(k - q) == 1)), BITS)
needs("everything_defined_before", lambda: width(rasp.Select(MAYBE, MAYBE, TRUE) & before()), NEXT, 3)
needs("itself_may_be_undefined_or_7", lambda: rasp.Aggregate(UP_TO_HERE, MAYBE, 7), NEXT, 3)
needs("two_means_of_nothing", lambda: both(
    rasp.Aggregate(before(), tokens, 0), rasp.Aggregate(before(), 1 - tokens, 0)
), BITS)  # fmt: skip
needs("two_means_of_the_defined", lambda: both(rasp.Aggregate(UP_TO_HERE, MAYBE, 0), mean(UP_TO_HERE)), NEXT, 3)
needs("two_parts_if_defined", lambda: both(
    width(UP_TO_HERE & equal(IS_ONE, rasp.Full(True))), width(UP_TO_HERE & equal(IS_ONE, rasp.Full(False)))
), NEXT, 3)  # fmt: skip
needs("two_parts_of_different_wholes", lambda: both(width(UP_TO_HERE & ONES), width(before() & where(tokens, 0))), BITS)
needs("two_parts_that_leave_some_out", lambda: both(
    width(UP_TO_HERE & ONES), width(UP_TO_HERE & where(tokens, 2))
), NEXT, 3)  # fmt: skip
needs("a_mean_and_another_width", lambda: both(mean(UP_TO_HERE), width(SAME)), BITS)
needs("a_width_and_another_mean", lambda: both(width(SAME), mean(UP_TO_HERE)), BITS)
needs("equal_at_the_first", lambda: both(of_two(times, tokens, indices + 1), tokens), NEXT, 3)
needs("not_keys_alone_if_defined", lambda: width(~rasp.Select(MAYBE, tokens, lambda k, q: k == 1)), NEXT, 3)
needs("keys_of_two_sources", lambda: width(rasp.Select((tokens + indices) % 2, tokens, lambda k, q: k == 1)), BITS)
needs("from_here_on_and_the_length", lambda: both(width(before(indices, Comparison.GEQ)), length), BITS)
needs("equal_at_the_first_of_equal_values", lambda: both(
    of_two(lambda t, i: (t + i) % 3, tokens, indices), tokens
), NEXT, 3)  # fmt: skip
needs(
    "nothing_may_be_selected_at_an_index",
    lambda: of_two(lambda x, i: (x, i), rasp.Aggregate(SAME & before(), tokens, 7), indices),
    NEXT,
)
