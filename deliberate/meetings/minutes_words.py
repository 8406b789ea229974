"""The minutes in the words of one reader: what the page and the PDF both print. Hides what is kept from that
reader. Reads nothing.
"""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from deliberate.errors import N_
from deliberate.meetings.minutes_rules import CLOSING, OPENING
from deliberate.meetings.rules import ItemState
from deliberate.voting.rules import Mode, VoteKind, VoteState
from deliberate.web.i18n import _, clock, colon, day, moment, ngettext, t
from deliberate.web.numbers import number

Facts = Mapping[str, Any]
ROLE_WORDS = {
    "chair": N_("chair"),
    "expert": N_("expert"),
    "member": N_("member"),
    "": N_("guest or secretariat"),
}
PRESENCE_WORDS = {"on_site": N_("in the room"), "remote": N_("remote")}
ITEM_WORDS = {
    "information": N_("information"),
    "discussion": N_("discussion"),
    "decision": N_("decision"),
    "hearing": N_("hearing"),
}
CHOICE_WORDS = {
    "for": N_("For"),
    "against": N_("Against"),
    "abstain": N_("Abstains"),
    "not_taking_part": N_("Takes no part in the vote"),
    "nsp": N_("Cannot judge"),
}
VERDICT_WORDS = {
    "appropriate/strong": N_("appropriate, strong agreement"),
    "appropriate/relative": N_("appropriate, relative agreement"),
    "appropriate/agreement": N_("appropriate, with agreement"),
    "appropriate/indeterminate": N_("appropriate, agreement undetermined"),
    "appropriate": N_("appropriate"),
    "inappropriate/strong": N_("inappropriate, strong agreement"),
    "inappropriate/relative": N_("inappropriate, relative agreement"),
    "inappropriate/agreement": N_("inappropriate, with agreement"),
    "inappropriate/indeterminate": N_("inappropriate, agreement undetermined"),
    "inappropriate": N_("inappropriate"),
    "uncertain/indecision": N_("uncertain, indecision"),
    "uncertain/no_consensus": N_("uncertain, no consensus"),
    "uncertain/agreement": N_("uncertain, with agreement"),
    "uncertain/disagreement": N_("uncertain, disagreement"),
    "uncertain/indeterminate": N_("uncertain, agreement undetermined"),
    "uncertain": N_("uncertain"),
    "non_analysable": N_("too few ratings to analyse"),
    "in": N_("consensus in"),
    "out": N_("consensus out"),
    "none": N_("no consensus"),
    "reached": N_("consensus reached"),
    "not_reached": N_("consensus not reached"),
    "strong_consensus": N_("strong consensus"),
    "consensus": N_("consensus"),
    "majority": N_("majority"),
    "no_majority": N_("no majority"),
    "strong_for": N_("strongly for"),
    "weak_for": N_("weakly for"),
    "weak_against": N_("weakly against"),
    "strong_against": N_("strongly against"),
    "agree_with_consensus": N_("agree, with consensus"),
    "agree_without_consensus": N_("agree, without consensus"),
    "disagree_with_consensus": N_("disagree, with consensus"),
    "disagree_without_consensus": N_("disagree, without consensus"),
    "no_agree": N_("neither agree nor disagree"),
    "adopted": N_("adopted"),
    "adopted_casting_vote": N_("adopted by the chair's casting vote"),
    "rejected": N_("rejected"),
    "rejected_casting_vote": N_("rejected by the chair's casting vote"),
    "tie": N_("tie"),
}


@dataclass(frozen=True)
class Table:
    caption: str
    head: list[str]
    rows: list[list[str]]
    widths: list[int]  # shares of the line


@dataclass(frozen=True)
class Part:
    """A vote, or a conclusion, under its section."""

    title: str
    facts: list[tuple[str, str]] = field(default_factory=list)
    tables: list[Table] = field(default_factory=list)
    text: str = ""  # Markdown
    href: str = ""


@dataclass(frozen=True)
class Section:
    key: str
    title: str
    hidden: bool = False  # kept from this reader
    facts: list[tuple[str, str]] = field(default_factory=list)
    tables: list[Table] = field(default_factory=list)
    text: str = ""  # Markdown
    version: int = 0
    parts: list[Part] = field(default_factory=list)
    withheld: str = ""  # why it is not published, where published minutes are read


def sections_in_words(document: Facts, hidden: Collection[str]) -> list[Section]:
    """`hidden` are the gates kept from the reader: neither the section of such an item nor its votes."""
    return [section_in_words(told, document, hidden) for told in document["sections"]]


def section_in_words(told: Facts, document: Facts, hidden: Collection[str]) -> Section:
    key, title = told["key"], title_of(told)
    if set(told["gates"]) & set(hidden):
        return Section(key, title, hidden=True)
    if key == OPENING:
        facts, tables, parts = opening_facts(document), [presence_table(document)], []
    elif key == CLOSING:
        facts, parts = [(_("Closed at"), at(document["meeting"]["closed_at"]))], []
        tables = speaking_tables(_("Speaking time in the whole meeting"), spoken_in_all(document, hidden))
    elif told.get("item") is None:
        facts, tables, parts = [], [], []
    else:
        facts, tables = item_facts(told), exit_tables(told)
        tables += speaking_tables(_("Speaking time"), told.get("speaking", ()))  # none in older minutes
        parts = [vote_part(vote) for vote in told["votes"] if vote["gate"] not in hidden]
        parts += [conclusion_part(each) for each in told["conclusions"]]
    shown = [(name, value) for name, value in facts if value]
    why = withheld_words(told.get("withheld", ""), document)
    return Section(key, title, False, shown, tables, told["text"], told["version"], parts, why)


def withheld_words(why: str, document: Facts) -> str:
    if why == "recused":
        return _("Not published: a member is recused from this matter.")
    return _("Not published: {reason}").format(reason=document["reason"]) if why else ""


def title_of(told: Facts) -> str:
    if told["key"] == OPENING:
        return _("Opening")
    if told["key"] == CLOSING:
        return _("Closing")
    if told["number"] is None:
        return _("{title} (taken off the agenda)").format(title=t(told["title"]))
    return f"{told['number']}. {t(told['title'])}"


# Moments


def read(moment_told: str | None) -> datetime | None:
    return datetime.fromisoformat(moment_told.replace("Z", "+00:00")) if moment_told else None


def at(moment_told: str | None) -> str:
    return moment(read(moment_told))


def hour(moment_told: str | None) -> str:
    return clock(read(moment_told))


def span(begin: str | None, end: str | None) -> str:
    """ "10:02–11:40", or from when something lasts."""
    return f"{hour(begin)}–{hour(end)}" if end else _("from {at}").format(at=hour(begin))


# The opening


def opening_facts(document: Facts) -> list[tuple[str, str]]:
    meeting = document["meeting"]
    seated = [person for person in document["people"] if person["role"]]
    absent = sorted(person["name"] for person in seated if not person["stays"])
    return [
        (_("Planned for"), at(meeting["planned_at"])),
        (_("Opened at"), at(meeting["opened_at"])),
        (_("Place"), meeting["place"]),
        (_("Summons"), _("second call on the same agenda") if meeting["second_call"] else ""),
        (_("Quorum at the opening"), quorum_words(meeting["quorum"])),
        (_("Absent"), ", ".join(absent)),
        (_("Proxies"), "; ".join(proxy_words(proxy) for proxy in meeting["proxies"])),
        (_("Breaks"), ", ".join(span(*each) for each in meeting["breaks"])),
    ]


def proxy_words(proxy: Facts) -> str:
    """Who is represented by whom, and the hours, for a proxy ends when the member comes."""
    words = _("{giver} represented by {holder} ({hours})")
    if proxy.get("mandate"):  # minutes approved before have none
        words = _("{giver} represented by {holder} ({hours}; {mandate})")
    return words.format_map({**proxy, "hours": span(proxy["since"], proxy["until"])})


def represented_words(vote: Facts) -> str:
    words = _("{giver} represented by {holder}")
    pairs = vote.get("represented", ())  # minutes approved before have none
    return "; ".join(words.format(giver=giver, holder=holder) for giver, holder in pairs)


def quorum_words(quorum: Facts | None) -> str:
    if quorum is None:
        return ""
    if quorum["second_call"]:
        return _("second call: none needed, {present} present").format(present=quorum["present"])
    represented = quorum.get("represented", 0)
    words = _(
        "{present} present, {represented} represented, {needed} needed of {seats} seats, {recused} recused"
    )
    if not represented:
        words = _("{present} present, {needed} needed of {seats} seats, {recused} recused")
    reached = _("reached") if quorum["reached"] else _("not reached")
    return f"{reached}{colon()}{words.format_map({**quorum, 'represented': represented})}"


def presence_table(document: Facts) -> Table:
    rows = [
        [person["name"], _(ROLE_WORDS.get(person["role"], person["role"])), stays_words(person["stays"])]
        for person in document["people"]
        if person["stays"]
    ]
    head = [_("Name"), _("Role"), _("Presence")]
    return Table(_("Who was there, and when"), head, rows, [4, 3, 5])


def stays_words(stays: list[Facts]) -> str:
    """ "in the room 10:02–11:40 (left for an interest), remote from 11:50"."""
    words = []
    for stay in stays:
        text = f"{_(PRESENCE_WORDS.get(stay['how'], stay['how']))} {span(stay['since'], stay['until'])}"
        if stay["because"] == "interest":
            text += " " + _("(left for an interest)")
        words.append(text)
    return ", ".join(words)


# Items


def item_facts(told: Facts) -> list[tuple[str, str]]:
    item = told["item"]
    times = ", ".join(span(begin, end) for begin, end in item["times"])
    postponed = item["state"] == ItemState.POSTPONED
    recused = [name for name in told["recused"] if name not in {each["name"] for each in told["exits"]}]
    return [
        (_("Kind"), _(ITEM_WORDS.get(item["kind"], item["kind"]))),
        (_("Taken up"), times or (_("not opened") if not postponed else "")),
        (_("Time spent"), time_words(item)),
        (_("State"), _("postponed") if postponed else ""),
        (_("Recused, not in the room"), ", ".join(recused)),
    ]


def time_words(item: Facts) -> str:
    planned = ngettext("{num} minute planned", "{num} minutes planned", item["planned"]).format(
        num=item["planned"]
    )
    if item["used"] is None:
        return planned
    used = ngettext("{num} minute used", "{num} minutes used", item["used"]).format(num=item["used"])
    return f"{used}, {planned}"


def exit_tables(told: Facts) -> list[Table]:
    if not told["exits"]:
        return []
    head = [_("Name"), _("Left at"), _("Came back at")]
    rows = [[each["name"], hour(each["out"]), hour(each["in"])] for each in told["exits"]]
    return [Table(_("Recused: out of the room for this item"), head, rows, [4, 3, 3])]


# Who spoke how long


def spoken_in_all(document: Facts, hidden: Collection[str]) -> list[Facts]:
    """Per person, what is shown of it: nothing that was said under an item kept from this reader."""
    totals: Counter[str] = Counter()
    shown = [told for told in document["sections"] if not set(told["gates"]) & set(hidden)]
    for told in [document["meeting"], *shown]:
        for each in told.get("speaking", ()):
            totals[each["name"]] += each["seconds"]
    return [{"name": name, "seconds": seconds} for name, seconds in totals.most_common()]


def speaking_tables(caption: str, spoken: Sequence[Facts]) -> list[Table]:
    if not spoken:
        return []
    rows = [[each["name"], seconds_words(each["seconds"])] for each in spoken]
    rows.append([_("In all"), seconds_words(sum(each["seconds"] for each in spoken))])
    return [Table(caption, [_("Name"), _("Minutes and seconds")], rows, [4, 2])]


def seconds_words(seconds: int) -> str:
    return f"{seconds // 60}:{seconds % 60:02d}"


# Votes and conclusions


def vote_part(vote: Facts) -> Part:
    result = vote["result"]
    mode = {Mode.NAMED: _("named"), Mode.CONFIDENTIAL: _("confidential")}.get(vote["mode"], _("secret"))
    kind = _("rating from 1 to 9") if vote["kind"] == VoteKind.RATING else _("vote")
    if vote["round"] > 1:
        kind += ", " + _("round {number}").format(number=vote["round"])
    facts = [
        (_("Put to the vote"), t(vote["text"])),
        (_("Manner of voting"), f"{kind}, {mode}"),
        (_("Repeated, the later vote counts"), vote.get("repeated") or ""),  # none in older minutes
        (_("Repeats the earlier vote and counts"), vote.get("repeats") or ""),
        (_("Open during"), span(vote["opened_at"], vote["closed_at"])),
        (_("Quorum"), quorum_words(vote["quorum"])),
        (_("Ballots"), ballots_words(vote)),
        (_("Voted by proxy"), represented_words(vote)),
        (_("Result"), result_words(vote)),
        (_("Figures"), figures_words(result) if result and "median" in result else ""),
    ]
    title = _("Rating") if vote["kind"] == VoteKind.RATING else _("Vote")
    shown = [(name, value) for name, value in facts if value]
    return Part(title, shown, vote_tables(vote), href=f"/votes/{vote['id']}")


def ballots_words(vote: Facts) -> str:
    if vote["result"] is None:
        return ""
    return _("{cast} of {entitled}").format(cast=vote["result"]["cast"], entitled=vote["entitled"])


def result_words(vote: Facts) -> str:
    result = vote["result"]
    if result is None:
        return _("not revealed yet") if vote["state"] != VoteState.OPEN else _("the vote is open")
    if "outcome" in result:
        return verdict_words(result["outcome"], None)
    if "verdict" not in result:
        return _("not shown: fewer than five ratings")
    return verdict_words(result["verdict"], result["degree"])


def verdict_words(verdict: str, degree: str | None) -> str:
    code = f"{verdict}/{degree}" if degree else verdict
    return _(VERDICT_WORDS.get(code) or VERDICT_WORDS.get(verdict, verdict))


def figures_words(result: Facts) -> str:
    words = _(
        "{valid} ratings, median {median}, quartiles {q1} to {q3}, {nsp} cannot judge, {missing} missing"
    )
    places = {name: number(float(result[name])) for name in ("median", "q1", "q3")}
    return words.format_map({**result, **places})


def vote_tables(vote: Facts) -> list[Table]:
    result, tables = vote["result"], []
    if result and "counts" in result:
        rows = [[_(CHOICE_WORDS[choice]), str(count)] for choice, count in result["counts"].items()]
        if result["missing"]:
            rows.append([_("Did not answer"), str(result["missing"])])
        tables.append(Table(_("Result of the vote"), [_("Choice"), _("Ballots")], rows, [4, 1]))
    if vote["named"]:
        head = [_("Name"), _("Choice"), _("Explanation")]
        rows = [[name, _(CHOICE_WORDS.get(choice, choice)), reason] for name, choice, reason in vote["named"]]
        tables.append(Table(_("Who voted what"), head, rows, [3, 3, 6]))
    return tables


def conclusion_part(told: Facts) -> Part:
    facts = [(_("Adopted"), at(told["adopted_at"])), (_("Version"), str(told["version"]))]
    text = told["answer"]
    if told["divergent"]:
        heading = _("Positions that differ")
        text += f"\n\n**{heading}**\n\n{told['divergent']}"
    return Part(_("Conclusion adopted"), facts, text=text)


def held_on(document: Facts) -> str:
    meeting = document["meeting"]
    return day(read(meeting["opened_at"] or meeting["planned_at"]))


def gates_in(document: Facts) -> set[str]:
    """Everything by which a part of the minutes may be kept from somebody."""
    gates = {gate for told in document["sections"] for gate in told["gates"]}
    return gates | {vote["gate"] for told in document["sections"] for vote in told.get("votes", ())}
