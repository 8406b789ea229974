"""`deliberate bench`: what is fast and what is not, each figure as a ratio to a floor of the same run.

A floor is the barest program that does the same traffic with nothing behind it, asked by the same driver.
"""

from deliberate.bench.catalogue import NAMES
from deliberate.bench.report import as_json, shown
from deliberate.bench.session import measured

__all__ = ["NAMES", "as_json", "measured", "shown"]
