"""Which programs state nothing of their values but what the compiler has inferred or examined.

It is no part of the IR: text, which anybody may have written, is never trusted as it comes.
"""

from __future__ import annotations

from weakref import WeakSet

from xdsl.ir import Operation

_TRUSTED: WeakSet[Operation] = WeakSet()


def trust(program: Operation) -> None:
    """Note that what a program states holds; passes that keep its meaning keep that too."""
    _TRUSTED.add(program)


def is_trusted(program: Operation) -> bool:
    """Whether what a program states is known to hold."""
    return program in _TRUSTED
