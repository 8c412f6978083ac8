"""What installed packages add to xDSL by the entry point `xdsl.universe`, ours and xDSL's own among them.

Unlike `Universe.get_multiverse`, one package that can't be imported doesn't take the others with it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache
from importlib.metadata import EntryPoint, entry_points
from typing import Any

from xdsl.ir import Dialect
from xdsl.passes import ModulePass
from xdsl.universe import Universe
from xdsl.utils.target import Target


@dataclass
class Plugins:
    """What all packages that can be imported add, by name.

    Attributes:
        dialects: dialects, made when they are first asked for, like all others.
        passes: passes.
        targets: targets.
        problems: a line for each package of which something is left out.
    """

    dialects: dict[str, Callable[[], Dialect]] = field(default_factory=dict[str, Callable[[], Dialect]])
    passes: dict[str, Callable[[], type[ModulePass]]] = field(default_factory=dict[str, Callable[[], type[ModulePass]]])
    targets: dict[str, Callable[[], type[Target]]] = field(default_factory=dict[str, Callable[[], type[Target]]])
    problems: list[str] = field(default_factory=list[str])

    def add(self, name: str, universe: Universe) -> None:
        """Add what a package has; a name that is taken stays what it is."""
        kinds: list[tuple[str, dict[str, Any], dict[str, Any]]] = [
            ("dialect", self.dialects, universe.all_dialects),
            ("pass", self.passes, universe.all_passes),
            ("target", self.targets, universe.all_targets),
        ]
        for kind, known, new in kinds:
            for each in new.keys() & known.keys():
                self.problems.append(
                    f"the plugin {name!r} has a {kind} {each!r}, and there is another one of this name"
                )
            known.update({each: factory for each, factory in new.items() if each not in known})


def plugins_of(entries: list[EntryPoint]) -> Plugins:
    """What the packages of some entry points add; xDSL's and ours come first, then all others by name."""
    plugins = Plugins()
    for entry in sorted(entries, key=lambda entry: (entry.name not in ("xdsl", "raspc"), entry.name)):
        try:
            universe = entry.load()
        except Exception as error:  # a package may raise anything
            reason = next(iter(str(error).splitlines()), "")
            plugins.problems.append(f"the plugin {entry.name!r} can't be imported: {type(error).__name__}: {reason}")
            continue
        if isinstance(universe, Universe):
            plugins.add(entry.name, universe)
        else:
            plugins.problems.append(f"the plugin {entry.name!r} names {entry.value}, which is no Universe of xDSL")
    return plugins


@cache
def installed_plugins() -> Plugins:
    """What all installed packages add."""
    return plugins_of([*entry_points(group="xdsl.universe")])
