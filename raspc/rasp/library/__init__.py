"""Programs of the RASP paper and of Tracr's library, with Tracr's names."""

from raspc.rasp.library.brackets import make_dyck1_ptf, make_pair_balance, make_shuffle_dyck, make_shuffle_dyck2
from raspc.rasp.library.counting import (
    make_count,
    make_count_less_freq,
    make_double_hist,
    make_frac_prevs,
    make_hist,
    make_is_first,
    make_length,
    num_prevs,
)
from raspc.rasp.library.rearranging import (
    detect_pattern,
    make_is_palindrome,
    make_most_freq,
    make_nary_sequencemap,
    make_reverse,
    make_sort,
    make_sort_freq,
    make_sort_stable,
    make_sort_unique,
    shift_by,
)

__all__ = [
    "detect_pattern",
    "make_count",
    "make_count_less_freq",
    "make_double_hist",
    "make_dyck1_ptf",
    "make_frac_prevs",
    "make_hist",
    "make_is_first",
    "make_is_palindrome",
    "make_length",
    "make_most_freq",
    "make_nary_sequencemap",
    "make_pair_balance",
    "make_reverse",
    "make_shuffle_dyck",
    "make_shuffle_dyck2",
    "make_sort",
    "make_sort_freq",
    "make_sort_stable",
    "make_sort_unique",
    "num_prevs",
    "shift_by",
]
