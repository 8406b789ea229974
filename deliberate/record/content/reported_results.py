"""What the record itself can say of the results and the interests (ACCORD R1 to R5, O2); see `reported`."""

from collections import Counter
from collections.abc import Iterable

from deliberate.consensus.protocol import Protocol
from deliberate.errors import N_
from deliberate.meetings.minutes_words import VERDICT_WORDS
from deliberate.questions.scales import STATUS_WORDS
from deliberate.questions.statement_rules import How
from deliberate.record.content.reported_words import (
    Content,
    Told,
    all_statements,
    at,
    counted,
    group_name,
    lines,
    ratings,
    span,
)
from deliberate.web.i18n import _, day, t
from deliberate.web.numbers import per_cent


def dates(content: Content, protocol: Protocol) -> str:
    """Of rounds and meetings, with every deadline put off."""
    rounds: dict[tuple[str, int], list[Told]] = {}
    for vote in ratings(content):
        rounds.setdefault((vote["group"], vote["round"]), []).append(vote)
    told = [
        _("{group}, round {number}: {dates}.").format(
            group=group_name(content, group),
            number=number_,
            dates=span(min(v["opened_at"] for v in votes), max(v["closed_at"] for v in votes)),
        )
        for (group, number_), votes in sorted(rounds.items())
        if all(vote["opened_at"] and vote["closed_at"] for vote in votes)
    ]
    met = [
        _("Meeting “{title}”: {dates}.").format(
            title=t(one["title"]), dates=span(one["opened_at"], one["closed_at"])
        )
        for one in content["meetings"]
    ]
    late = [
        _("Deadline put off from {before} to {after}: {reason}").format(
            before=day(at(one["from"])), after=day(at(one["to"])), reason=one["reason"]
        )
        for one in content["reporting"]["delays"]
    ]
    return lines([*told, *met, *(late or [_("No deadline was put off.")])]) if told or met else ""


def deviations(content: Content, protocol: Protocol) -> str:
    """Parameters changed, questions reopened, and votes that stand though a voter was recused later."""
    if not content["method"]["frozen_at"]:
        return ""
    changed = [
        _("{day}, {key} from {old} to {new}: {reason}").format(
            day=day(at(one["at"])), key=one["key"], old=one["old"], new=one["new"], reason=one["reason"]
        )
        for one in content["method"]["deviations"]
    ]
    reopened = [
        _("{day}, question {code} reopened: {reason}").format(
            day=day(at(one["at"])), code=question["code"], reason=one["reason"]
        )
        for question in content["questions"]
        for one in question["reopenings"]
    ]
    stood = [
        _("Question {code}: closed before a recusal, votes {votes}.").format(
            code=question["code"], votes=", ".join(map(str, one["votes_before"]))
        )
        for question in content["questions"]
        for one in question["recusals"]
        if one["votes_before"]
    ]
    found = [*changed, *reopened, *dict.fromkeys(stood)]
    return lines(found or [_("None since the protocol was frozen.")])


def numbers(content: Content, protocol: Protocol) -> str:
    """Per round and group, from the table of attrition of the annex."""
    seats = Counter(one["group"] for one in content["participants"] if one["group"])
    panel = ", ".join(f"{group_name(content, code)} ({count})" for code, count in seats.items())
    told = [
        _("{group}, round {number}: {eligible} eligible, {answered} answered, response rate {rate}.").format(
            group=group_name(content, one["group"]),
            number=one["round"],
            eligible=one["eligible"],
            answered=one["eligible"] - one["absent"],
            rate=per_cent(100 * (1 - one["share"]), 1) if one["share"] is not None else "–",
        )
        for one in content["annex"]["attrition"]
    ]
    return lines([_("Members over the whole time: {groups}.").format(groups=panel), *told]) if told else ""


def outcome(content: Content, protocol: Protocol) -> str:
    concluded = [q["conclusion"] for q in content["questions"] if q["conclusion"]]
    if not concluded:
        return ""
    statuses = Counter(one["status"] for one in concluded)
    verdicts = Counter(verdict_of(last) for last in last_rounds(content))
    words = _("Questions concluded: {count} of {all}. Status of the risk: {statuses}.")
    said = words.format(
        count=len(concluded),
        all=len(content["questions"]),
        statuses=counted((_(STATUS_WORDS[code]), n) for code, n in statuses.items()),
    )
    agreement = _("Statements rated, by their last round: {verdicts}.").format(
        verdicts=counted(verdicts.items())
    )
    return lines([said, agreement if verdicts else ""])


def verdict_of(figures: Told) -> str:
    primary = figures["primary"]
    code = f"{primary['verdict']}/{primary['degree']}" if primary["degree"] else primary["verdict"]
    return _(VERDICT_WORDS.get(code, primary["verdict"]))


def last_rounds(content: Content) -> Iterable[Told]:
    """The figures of the last round of each statement that may be shown."""
    for statement in all_statements(content):
        shown = [one["figures"] for one in statement["rounds"] if one["figures"]]
        if shown:
            yield shown[-1]


def changes(content: Content, protocol: Protocol) -> str:
    statements = all_statements(content)
    if not statements:
        return ""
    return lines(list(changes_of(statements)) or [_("No statement was changed or withdrawn.")])


def changes_of(statements: Iterable[Told]) -> Iterable[str]:
    for one in statements:
        for each in one["wordings"][1:]:
            words = _("{code}, {day}: reworded, version {number}. {reason}")
            yield words.format(
                code=one["code"], day=day(at(each["at"])), number=each["version"], reason=each["reason"] or ""
            ).strip()
        if one["withdrawn"]:
            words = _("{code}, {day}: withdrawn. {reason}")
            gone = one["withdrawn"]
            yield words.format(code=one["code"], day=day(at(gone["at"])), reason=gone["reason"]).strip()
        for how, words in BECAME.items():
            if codes := [each["code"] for each in one["into"] if each["how"] == how]:
                yield _(words).format(code=one["code"], codes=", ".join(codes))


BECAME = {  # a panellist's variant leaves the statement it came from as it was
    How.SPLIT: N_("{code}: split into {codes}."),
    How.MERGE: N_("{code}: merged into {codes}."),
}


def interests(content: Content, protocol: Protocol) -> str:
    people = [one for one in content["participants"] if one["group"]]
    if not people:
        return ""
    names = {one["name"] for one in people}
    declared = {one["name"] for one in people if one["declared_at"]}
    decided = len(content["interests"]["decisions"])
    return lines(
        [
            _("Members with a signed declaration: {count} of {all}.").format(
                count=len(declared), all=len(names)
            ),
            _(
                "Decisions that kept somebody out, or accepted a link: {count}. They stand, "
                "with their dates, in the section on the management of interests."
            ).format(count=decided),
        ]
    )
