"""What values are called: by their user, to the letter, and by the passes that add them.

An SSA name can't say every name: MLIR's names are words, and xDSL takes a number at their end for its own. So the names
that aren't so are written in the program's header, by the SSA name that stands for them: `names {t_1_ = "t_1"}`. There
stand as well the user's names that a pass could give to something of its own, such as `hist_inverse`: those in the
header are the user's, and nothing else is ever called so.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator

from xdsl.dialects.builtin import DictionaryAttr, StringAttr
from xdsl.ir import Operation, SSAValue

from raspc.dialects.craft import SubspaceType
from raspc.dialects.header import ProgramHeaderOp

GENERAL = (
    *("bos", "one", "all", "itself", "tuple", "indices", "value", "any", "width"),  # what passes add
    *("tokens", "length", "constant", "map", "select", "aggregate", "selector_width", "cast"),  # ops without a name
    *("selector_and", "selector_or", "selector_not", "bos_weight", "attenuated_width"),
)
"""The names that passes give to what isn't a part of something with a name."""

PARTS = (
    *("all", "attenuated", "count", "counted", "filled", "inverse", "mean", "number"),
    *("part", "present", "selected", "sum", "term", "value"),
)
"""What passes call the parts of what they replace: `hist_inverse` is one of `hist`."""

_WORD = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_GENERATED = re.compile(rf"{'|'.join(GENERAL)}|(?:bos|one)_+|.*_(?:{'|'.join(PARTS)}|[0-9]+)", re.DOTALL)


def may_be_generated(name: str) -> bool:
    """Whether a pass could give this name to something of its own.

    >>> [may_be_generated(name) for name in ("hist", "hist_inverse", "hist_1", "tuple")]
    [False, True, True, True]
    """
    return _GENERATED.fullmatch(name) is not None


def unlike(base: str, taken: Collection[str]) -> str:
    """A name that isn't taken: `base` or, if it is, `base_1`, `base_2` and so on."""
    return next(name for name in _numbered(base) if name not in taken)


def _numbered(base: str) -> Iterator[str]:
    yield base
    number = 0
    while True:
        number += 1
        yield f"{base}_{number}"


def hints_for(users: Iterable[str], others: Iterable[str]) -> tuple[dict[str, str], dict[str, str]]:
    """The SSA names of expressions, and the names in the header.

    Args:
        users: the names that a user gave.
        others: the names of what the user gave no name: of the library's expressions, and of the kinds of expressions.

    Returns:
        The SSA name for each of `users` and for each of `others`. Where they aren't the names themselves, or the name
        is the user's and might be given to something else, they end in `_`, and belong into the header.
    """
    given, general = dict.fromkeys(users), dict.fromkeys(others)
    taken = {*given, *general}
    of_users: dict[str, str] = {}
    for name in given:
        of_users[name] = name if is_plain(name) and name not in general else _hint(name, taken)
    of_others = {name: name if is_hint(name) else _hint(name, taken) for name in general}
    return of_users, of_others


def is_plain(name: str) -> bool:
    """Whether an SSA name alone says that this is the user's name."""
    return is_hint(name) and not may_be_generated(name)


def is_hint(name: str) -> bool:
    """Whether xDSL keeps a name as the SSA name of a value."""
    return _WORD.fullmatch(name) is not None and SSAValue.extract_valid_name(name) == name


def _hint(name: str, taken: set[str]) -> str:
    word = re.sub(r"[^A-Za-z0-9_]+", "_", name).strip("_")
    hint = f"{word if _WORD.fullmatch(word) else f's_{word}'.rstrip('_')}_"
    while hint in taken:
        hint += "_"
    taken.add(hint)
    return hint


def name_of(value: SSAValue) -> str:
    """The name of a value in messages and labels: the user's or, of what a pass added, the pass's.

    Without any it is the op that computes it.
    """
    if isinstance(value.type, SubspaceType):
        return value.type.label.data
    hint, owner = value.name_hint, value.owner
    if hint is not None:
        return _header_names(value).get(hint, hint)
    return owner.name.partition(".")[2] if isinstance(owner, Operation) else "an argument"


def is_users_own(value: SSAValue) -> bool:
    """Whether a value has a name from the header, which nothing else may have."""
    return value.name_hint is not None and value.name_hint in _header_names(value)


def reserved_names(op: Operation | None) -> frozenset[str]:
    """The names in the header of the program of an op: no pass may give them to anything."""
    return frozenset(_names_in(op).values())


def name_part(part: SSAValue, whole: SSAValue, what: str, default: str = "value") -> None:
    """Name a part of what a pass replaces: `hist_inverse` for the part `inverse` of `hist`."""
    assert what in PARTS, "the user's names are kept from being taken for these"
    part.name_hint = part_name(whole, what, default)


def part_name(whole: SSAValue, what: str, default: str = "value") -> str:
    """The SSA name of a part; see `name_part`."""
    assert what in PARTS, "the user's names are kept from being taken for these"
    return f"{(whole.name_hint or default).rstrip('_')}_{what}"


def name_generally(value: SSAValue, name: str) -> None:
    """Name what a pass adds and what is no part of anything."""
    assert name in GENERAL, "the user's names are kept from being taken for these"
    value.name_hint = name


def _header_names(value: SSAValue) -> dict[str, str]:
    return _names_in(value.owner if isinstance(value.owner, Operation) else value.owner.parent_op())


def _names_in(op: Operation | None) -> dict[str, str]:
    while op is not None and not isinstance(op, ProgramHeaderOp):
        op = op.parent_op()
    return {} if op is None else op.user_names


def names_attr(names: dict[str, str]) -> DictionaryAttr | None:
    """Names by SSA name, as an attribute for the header."""
    return DictionaryAttr({hint: StringAttr(name) for hint, name in names.items()}) if names else None
