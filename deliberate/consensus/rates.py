"""Who answered: response, validity and attrition, of those eligible for a statement. METHODS.md 2.0 and 4."""

from dataclasses import dataclass
from fractions import Fraction


@dataclass(frozen=True, slots=True)
class Rates:
    """Counts of one statement in one round; the shares run from 0 to 1 and are None when nobody is eligible.

    `valid` gave a rating, `nsp` answered without opinion, `missing` did not answer though eligible. `recused`
    are counted apart and are not eligible.
    """

    valid: int
    nsp: int = 0
    missing: int = 0
    recused: int = 0

    @property
    def eligible(self) -> int:
        return self.valid + self.nsp + self.missing

    @property
    def response(self) -> Fraction | None:
        return self._share(self.valid + self.nsp)

    @property
    def validity(self) -> Fraction | None:
        return self._share(self.valid)

    @property
    def attrition(self) -> Fraction | None:
        return self._share(self.missing)

    def _share(self, count: int) -> Fraction | None:
        return Fraction(count, self.eligible) if self.eligible else None


def rates(panel: int, valid: int, nsp: int = 0, recused: int = 0, resigned: int = 0) -> Rates:
    """From the size of the panel: eligible is the panel less those recused and resigned.

    ValueError when more answered than could.
    """
    missing = panel - recused - resigned - valid - nsp
    if min(missing, valid, nsp, recused, resigned) < 0:
        raise ValueError(
            f"{valid + nsp} answers cannot come from {panel - recused - resigned} eligible raters."
        )
    return Rates(valid, nsp, missing, recused)
