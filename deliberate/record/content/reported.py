"""What the record itself can say of an ACCORD item, from what it holds: sentences, one a line.

Each function reads the compiled content and answers in the language under way, or says nothing ("") where the
facts do not tell. Nothing here is a judgement: strengths, reasons and recruitment are for people to write.
"""

from collections import Counter
from collections.abc import Callable, Mapping

from deliberate.assessments.protocol_labels import CODES
from deliberate.assessments.protocol_words import METHODS
from deliberate.consensus.protocol import Protocol
from deliberate.errors import N_
from deliberate.evidence.rules import KIND_WORDS
from deliberate.record.content import reported_results as results
from deliberate.record.content.reported_words import (
    Content,
    all_statements,
    at,
    group_name,
    lines,
    ratings,
)
from deliberate.voting.grid import POSITIONS
from deliberate.voting.rules import Mode
from deliberate.web.i18n import _, colon, day, ngettext, t
from deliberate.web.numbers import number


def title(content: Content, protocol: Protocol) -> str:
    words = _("Consensus record: {title}. The degree of agreement is established by: {method}.")
    return words.format(title=t(content["assessment"]["title"]), method=_(METHODS[protocol.method]))


def aim(content: Content, protocol: Protocol) -> str:
    asked = _("Requested by: {requester}.").format(requester=t(content["assessment"]["requester"]))
    return lines([t(content["assessment"]["aim"]), asked])


def directors(content: Content, protocol: Protocol) -> str:
    """The secretariat, and who chairs which group."""
    office = [one["name"] for one in content["participants"] if one["role"] == "secretariat"]
    chairs = [
        _("{group}, chaired by: {name}.").format(group=group_name(content, one["group"]), name=one["name"])
        for one in content["participants"]
        if one["role"] == "chair"
    ]
    prepared = _("Prepared by the secretariat: {names}.").format(names=", ".join(office)) if office else ""
    return lines([prepared, *chairs])


def stakeholders(content: Content, protocol: Protocol) -> str:
    """Whoever was heard or wrote; which of them speak for patients, their names say."""
    heard = [
        one["organisation"]
        for one in content["hearings"]
        if one["contribution"] or any(each["heard"] for each in one["hearings"])
    ]
    if not heard:
        return ""
    said = _("Heard, or contributing in writing: {names}.").format(names=", ".join(heard))
    return lines([said, _("They took no part in the deliberation, the ratings or the votes.")])


def gathered(content: Content, protocol: Protocol) -> str:
    documents = content["evidence"]
    if not documents:
        return ""
    kinds = Counter(one["kind"] for one in documents)
    listed = ", ".join(f"{_(KIND_WORDS[kind])} ({count})" for kind, count in sorted(kinds.items()))
    words = ngettext(
        "The dossier holds {count} document: {kinds}.",
        "The dossier holds {count} documents: {kinds}.",
        len(documents),
    )
    return words.format(count=len(documents), kinds=listed)


def given(content: Content, protocol: Protocol) -> str:
    documents = content["evidence"]
    if not documents:
        return ""
    graded = sum(1 for one in documents if one["level"])
    cited = sum(len(o["citations"]) for q in content["questions"] for o in q["opinions"])
    return lines(
        [
            _(
                "Each document stood in the dossier with its summary, its source and the "
                "questions it bears on."
            ),
            _("With a level of evidence: {graded} of {count}.").format(graded=graded, count=len(documents)),
            _("Citations in the reasoned opinions: {count}.").format(count=cited),
        ]
    )


def steps(content: Content, protocol: Protocol) -> str:
    words = _(
        "Reasoned opinions, blind to each other until the reveal; statements rated in "
        "{min} to {max} rounds; conclusions adopted by the working groups; the record "
        "put to the vote of the committee."
    )
    said = words.format(min=protocol.rounds.min, max=protocol.rounds.max)
    held = len(content["meetings"])
    meetings = ngettext("{count} meeting was held.", "{count} meetings were held.", held).format(count=held)
    return lines([f"{_(METHODS[protocol.method])}.", said, meetings])


def wording(content: Content, protocol: Protocol) -> str:
    statements = all_statements(content)
    if not statements:
        return ""
    offered = (
        _("“Cannot judge” was offered, with its reason.")
        if protocol.nsp.reason_required
        else _("“Cannot judge” was offered.")
    )
    made = sum(1 for one in statements if one["from"])
    return lines(
        [
            _(
                "Statements: {count}. The wording of each, and every change of it, stands under its question."
            ).format(count=len(statements)),
            scale_in_words(protocol),
            offered if protocol.nsp.allowed else _("“Cannot judge” was not offered."),
            _("Statements made from others, by splitting or merging: {count}.").format(count=made)
            if made
            else "",
        ]
    )


def scale_in_words(protocol: Protocol) -> str:
    if protocol.method == "GRADE_GRID":
        return _("Answered by one of: {positions}.").format(positions=", ".join(map(_, POSITIONS)))
    anchors = ", ".join(f"{point} = {label}" for point, label in protocol.scale.anchors)
    words = _("Rated from {min} to {max} ({anchors}).")
    return words.format(min=protocol.scale.min, max=protocol.scale.max, anchors=anchors)


def objectives(content: Content, protocol: Protocol) -> str:
    """Of the steps that were taken."""
    rated = ratings(content)
    taken = {
        _(
            "Reasoned opinions: to have each position and its reasons before anybody knows those of "
            "the others."
        ): any(question["opinions"] for question in content["questions"]),
        _("First round: to measure agreement before the discussion."): bool(rated),
        _("Later rounds: to measure it again once the results were given back and discussed."): any(
            vote["round"] > 1 for vote in rated
        ),
        _("Meetings: to discuss what the ratings leave open, and to adopt the texts."): bool(
            content["meetings"]
        ),
    }
    return lines(said for said, was in taken.items() if was)


def definition(content: Content, protocol: Protocol) -> str:
    """Only of a frozen protocol: before, nothing is defined."""
    frozen = content["method"]["frozen_at"]
    if not frozen:
        return ""
    fixed = _("Fixed before the first rating, on {day}, as protocol {hash}.")
    return lines(
        [
            f"{_(METHODS[protocol.method])}{colon()}{rule_in_words(protocol)}",
            fixed.format(day=day(at(frozen)), hash=content["method"]["frozen_hash"][:12]),
        ]
    )


def rule_in_words(protocol: Protocol) -> str:
    """When a statement counts as settled, METHODS 2.0."""
    words = {
        "RAM": _("the median lies in 7–9 (in) or 1–3 (out), with agreement under the rule “{rule}”."),
        "HAS_RCF": _(
            "the median lies in 7–9 or 1–3 and all ratings kept lie in that zone (strong "
            "agreement); in the last round in 5–9 or 1–5 as well (relative agreement)."
        ),
        "COMET_70_15": _(
            "at least {in_pct} % of the ratings in 7–9 and less than {opposite} % in 1–3 "
            "(in), or the reverse (out)."
        ),
        "PERCENT": _("at least {threshold} % of the ratings in the zone of consensus."),
        "AWMF": _("more than 75 % of the voters in favour."),
        "GRADE_GRID": _("at least {direction} % on one side and less than {against} % on the other."),
        "MEDIAN_IQR": _("the median on one side of the scale, and a narrow interquartile range."),
    }
    return words[protocol.method].format(
        rule=_(CODES[protocol.ram.disagreement_rule]),
        in_pct=number(protocol.comet.in_pct),
        opposite=number(protocol.comet.opposite_pct),
        threshold=number(protocol.percent.threshold),
        direction=number(protocol.grade_grid.direction),
        against=number(protocol.grade_grid.opposite),
    )


def rated_again(content: Content, protocol: Protocol) -> str:
    if not ratings(content):
        return ""
    again = sum(
        1
        for statement in all_statements(content)
        for before, _after in zip(statement["rounds"], statement["rounds"][1:], strict=False)
        if before["figures"] and before["figures"]["primary"]["settled"] != "to_discuss"
    )
    planned = {
        "not_settled_only": _("Planned: only what is not settled is rated again."),
        "all": _("Planned: every statement is rated in every round."),
    }
    done = _("Statements in consensus that were rated again: {count}.").format(count=again)
    return lines([planned[protocol.rounds.re_rate], done])


def collected(content: Content, protocol: Protocol) -> str:
    rated = ratings(content)
    if not rated:
        return ""
    met = {vote for meeting in content["meetings"] for item in meeting["items"] for vote in item["votes"]}
    imported = sum(1 for vote in rated if vote["imported"])
    together = sum(1 for vote in rated if vote["id"] in met)
    apart = len(rated) - together - imported
    return lines(
        [
            _("Each member answered alone, on a screen of one’s own."),
            _("Ratings given in a meeting: {count}.").format(count=together) if together else "",
            _("Ratings given outside of meetings: {count}.").format(count=apart) if apart else "",
            _("Ratings loaded from a file: {count}.").format(count=imported) if imported else "",
        ]
    )


def processed(content: Content, protocol: Protocol) -> str:
    if not ratings(content):
        return ""
    words = _(
        "Counted by the software under the frozen protocol, percentiles by rule {rule}; "
        "nobody computes by hand. The annex shows the same ratings under other rules, "
        "and the ratings are published for recomputation."
    )
    return words.format(rule=_(CODES[protocol.percentile_rule]))


def feedback(content: Content, protocol: Protocol) -> str:
    if not ratings(content):
        return ""
    words = _(
        "Once a rating is counted, each member sees the distribution of the group, its "
        "median and quartiles, the own rating, and comments without names. With fewer "
        "than {count} ratings nothing is shown."
    )
    return words.format(count=protocol.display.min_stratum)


def anonymity(content: Content, protocol: Protocol) -> str:
    modes = Counter(vote["mode"] for vote in content["votes"])
    said = [f"{_(word)}{colon()}{modes[mode]}" for mode, word in MODE_WORDS.items() if modes[mode]]
    opinions = _("Reasoned opinions: unseen by the others until the reveal, then signed.")
    return lines([opinions, *said]) if content["votes"] else ""


MODE_WORDS = {
    Mode.CONFIDENTIAL: N_(
        "Confidential votes (members never learn who answered what, the secretariat "
        "sees pseudonyms, the record prints names made for it)"
    ),
    Mode.NAMED: N_("Named votes (who answered what stands in the record)"),
}


def steering(content: Content, protocol: Protocol) -> str:
    chairs = (
        _("The chairs of the working groups rate as well.")
        if protocol.chair_rates
        else _("The chairs of the working groups run the meetings and do not rate.")
    )
    return lines([_("The secretariat neither rates nor votes."), chairs])


KNOWN: Mapping[str, Callable[[Content, Protocol], str]] = {
    "T1": title,
    "I2": aim,
    "M2": directors,
    "M5": stakeholders,
    "M6": gathered,
    "M8": given,
    "M9": steps,
    "M10": wording,
    "M11": objectives,
    "M12": definition,
    "M13": rated_again,
    "M14": collected,
    "M15": processed,
    "M17": feedback,
    "M18": anonymity,
    "M19": steering,
    "R1": results.dates,
    "R2": results.deviations,
    "R3": results.numbers,
    "R4": results.outcome,
    "R5": results.changes,
    "O2": results.interests,
}
