"""Methods that compare one share with a threshold: per cent, AWMF, choices, reading. METHODS.md 2.4-2.8."""

from collections.abc import Iterable, Mapping
from fractions import Fraction

from .exact import Exact
from .protocol import DEFAULT, Protocol
from .ratings import Ratings
from .verdicts import Majority, Share


def percent(ratings: Ratings, protocol: Protocol = DEFAULT) -> Share:
    """Whether enough ratings lie in the zone, 7-9 by default."""
    if ratings.n < protocol.min_raters.other:
        return Share.NON_ANALYSABLE
    in_zone = ratings.within(*protocol.percent.zone)
    return Share.REACHED if reaches(in_zone, ratings.n, protocol.percent.threshold) else Share.NOT_REACHED


def reaches(count: int, n: int, threshold: Exact) -> bool:
    """At least `threshold` per cent of n."""
    return 100 * count >= threshold * n


def awmf(ratings: Ratings, protocol: Protocol = DEFAULT) -> Majority:
    """The AWMF class of ratings read as a vote: those in the zone of PERCENT are yes, all others are not.

    Answers without opinion are outside n here as everywhere; in a real vote see `awmf_vote`.
    """
    if ratings.n < protocol.min_raters.other:
        return Majority.NON_ANALYSABLE
    return majority(ratings.within(*protocol.percent.zone), ratings.n)


def awmf_vote(yes: int, no: int, abstain: int = 0, *, abstentions_count: bool = True) -> Majority:
    """The AWMF class of a vote. Abstentions weigh among the voters unless the protocol says otherwise."""
    return majority(yes, yes + no + abstain if abstentions_count else yes + no)


def majority(yes: int, voters: int) -> Majority:
    """Above 95, 75 or 50 % of the voters; exactly at a limit belongs to the lower class."""
    if 100 * yes > 95 * voters:
        return Majority.STRONG_CONSENSUS
    if 100 * yes > 75 * voters:
        return Majority.CONSENSUS
    return Majority.MAJORITY if 2 * yes > voters else Majority.NO_MAJORITY


def retained(counts: Mapping[str, int], n: int, share: Fraction = Fraction(2, 3)) -> tuple[str, ...]:
    """The options of a single or multiple choice that at least `share` of the n who answered chose."""
    if n < 1:
        return ()
    return tuple(option for option, count in counts.items() if count >= share * n)


def reading_keeps(ratings: Ratings, protocol: Protocol = DEFAULT) -> bool | None:
    """Whether the reading group keeps a text: 90 % of its readers rate 5-9. None without ratings."""
    if not ratings.n:
        return None
    return reaches(ratings.within(*protocol.reading.zone), ratings.n, protocol.reading.keep_pct)


def apmo(opinions: Iterable[tuple[int, int, int]]) -> Fraction | None:
    """Average per cent of majority opinions over statements, 0 to 100: a cut-off some panels report.

    Each statement gives (agree, disagree, all opinions); its majority side counts if it holds more than half.
    None without opinions.
    """
    given = list(opinions)
    everything = sum(total for _, _, total in given)
    majorities = sum(side for *sides, total in given for side in sides if 2 * side > total)
    return Fraction(100 * majorities, everything) if everything else None
