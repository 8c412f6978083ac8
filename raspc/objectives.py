"""What a compilation makes small above all."""

from __future__ import annotations

from dataclasses import dataclass

from xdsl.dialects.builtin import ModuleOp

from raspc.statistics import Statistics

LAYERS, PARAMETERS, WIDTH = OBJECTIVES = ("layers", "parameters", "width")
"""The objectives: the number of layers, the number of parameters, or d_model."""


@dataclass(frozen=True)
class Sizes:
    """How large a transformer is.

    Attributes:
        n_layers: the number of layers.
        n_params: the number of parameters.
        d_model: the width of the residual stream.
    """

    n_layers: int
    n_params: int
    d_model: int

    @staticmethod
    def of(module: ModuleOp) -> Sizes:
        """The sizes of a module with one transformer."""
        found = Statistics.of(module)
        assert found.n_layers is not None, "a pipeline ends in a transformer"
        assert found.n_params is not None
        assert found.d_model is not None
        return Sizes(found.n_layers, found.n_params, found.d_model)

    def cost(self, objective: str) -> tuple[int, int, int]:
        """What an objective compares, one number after the other.

        >>> Sizes(n_layers=2, n_params=300, d_model=10).cost("width")
        (10, 2, 300)
        """
        costs = {
            LAYERS: (self.n_layers, self.n_params, self.d_model),
            PARAMETERS: (self.n_params, self.n_layers, self.d_model),
            WIDTH: (self.d_model, self.n_layers, self.n_params),
        }
        return costs[objective]
