"""Programs that check brackets: the Dyck languages of the RASP paper."""

from __future__ import annotations

from collections.abc import Sequence

from raspc.algebra.comparison import Comparison
from raspc.algebra.values import Value
from raspc.errors import ProgramError
from raspc.rasp.expressions import (
    Aggregate,
    Full,
    LinearSequenceMap,
    Select,
    SelectorWidth,
    SequenceMap,
    SOp,
    indices,
    length,
    numerical,
    tokens,
)
from raspc.rasp.library.counting import make_frac_prevs, num_prevs


def make_pair_balance(sop: SOp, open_token: Value, close_token: Value) -> SOp:
    """The fraction of open brackets so far minus that of closing brackets.

    The input is balanced if it is never negative and 0 at the end.

    >>> make_pair_balance(tokens, "(", ")")("(a)") == [1, 1 / 2, 1 / 3 - 1 / 3]
    True
    """
    opens = make_frac_prevs((sop == open_token).named("is_open")).named("opens")
    closes = make_frac_prevs((sop == close_token).named("is_close")).named("closes")
    return numerical(LinearSequenceMap(opens, closes, 1, -1)).named("pair_balance")


def make_shuffle_dyck(pairs: Sequence[Sequence[Value]]) -> SOp:
    """Whether each kind of bracket is balanced, on its own, at every position.

    Args:
        pairs: for each kind the opening and the closing token, as in `["()", "{}"]`.

    >>> make_shuffle_dyck(["()", "{}"])("({)}"), make_shuffle_dyck(["()", "{}"])("(){")
    ([True, True, True, True], [False, False, False])

    Raises:
        ProgramError: there is no pair, or one isn't a pair.
    """
    if not pairs or any(len(pair) != 2 for pair in pairs):
        raise ProgramError(f"expected pairs of an opening and a closing token, found {pairs!r}")
    balances = [
        make_pair_balance(tokens, opening, closing).named(f"balance_{opening}{closing}") for opening, closing in pairs
    ]
    any_negative = balances[0] < 0
    all_zero = balances[0] == 0
    for balance in balances[1:]:
        any_negative = any_negative | (balance < 0)
        all_zero = all_zero & (balance == 0)
    everything = Select(indices, indices, Comparison.TRUE).named("everything")
    has_negative = numerical(Aggregate(everything, numerical(any_negative), default=0)).named("has_negative")
    last = Select(indices, (length - 1).named("last_index"), Comparison.EQ).named("last")
    closed = Aggregate(last, all_zero.named("all_zero")).named("closed")
    return (closed & ~has_negative).named("shuffle_dyck")


def make_shuffle_dyck2() -> SOp:
    """Whether round and curly brackets are balanced, each on their own, at every position.

    >>> make_shuffle_dyck2()("{(})"), make_shuffle_dyck2()(")(")
    ([True, True, True, True], [False, False])
    """
    return make_shuffle_dyck(["()", "{}"]).named("shuffle_dyck2")


def make_dyck1_ptf(open_token: Value = "(", close_token: Value = ")") -> SOp:
    """For each prefix of the input, whether it is balanced (T), can be completed (P), or can't be (F).

    >>> make_dyck1_ptf()("(()))(")
    ['P', 'P', 'P', 'T', 'F', 'F']
    """
    opens, closes = num_prevs(tokens == open_token), num_prevs(tokens == close_token)
    balance = (opens - closes).named("balance")
    negative = Select(balance, Full(0), Comparison.LT).named("negative")
    up_to_here = Select(indices, indices, Comparison.LEQ).named("up_to_here")
    failures = SelectorWidth(negative & up_to_here).named("failures")
    return SequenceMap(_verdict, failures, balance).named("dyck1_ptf")


def _verdict(failures: int, balance: int) -> str:
    return "F" if failures > 0 else "T" if balance == 0 else "P"
