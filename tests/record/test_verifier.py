"""A bundle as an agency would publish it, and every way to cheat with it that we could think of."""

import ast
import json
import random
import subprocess
import sys
from collections.abc import Callable, Sequence
from copy import deepcopy
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
import rfc8785
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from deliberate.live import merkle
from deliberate.live.checkpoint import CheckpointSigner, fingerprint, in_groups, read_checkpoint
from deliberate.record import verifier
from deliberate.record.bundle import journal_files, read_bundle, write_bundle
from deliberate.record.verifier import Outcome, Report, verify

KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
THIEF = Ed25519PrivateKey.from_private_bytes(bytes(32))
NAME = "deliberate.example/assessment-3"
SIGNER = CheckpointSigner(NAME, KEY)
FINGERPRINT = fingerprint(KEY.public_key())


@dataclass
class Proceedings:
    """What the server would have done: a journal, and a record with the ballots of its votes."""

    entries: list[dict[str, Any]] = field(default_factory=list)
    votes: list[dict[str, Any]] = field(default_factory=list)

    def note(self, topic: str, kind: str, actor: int | None = 5, **details: Any) -> int:
        number = len(self.entries) + 1
        at = f"2026-11-23T10:{number // 60:02}:{number % 60:02}.000000Z"
        entry = {"number": number, "topic": topic, "kind": kind, "at": at, "actor": actor, "details": details}
        self.entries.append(entry)
        return number

    def cast(
        self, vote: int, kind: str = "ballot_cast", supersedes: int | None = None, **ballot: Any
    ) -> dict[str, Any]:
        ballot = {"salt": sha256(f"{vote} {ballot} {len(self.entries)}".encode()).hexdigest(), **ballot}
        told = {
            "vote": vote,
            **{key: ballot.get(key) for key in ("voter", "choice", "rating", "reason", "salt")},
        }
        details = {"commitment": sha256(rfc8785.dumps(told)).hexdigest()}
        if supersedes is not None:
            details["supersedes"] = supersedes
        return {**ballot, "number": self.note(f"vote-{vote}", kind, None, **details)}

    def lines(self) -> list[bytes]:
        return [rfc8785.dumps(entry) for entry in self.entries]

    def checkpoint(self, size: int) -> str:
        leaves = [merkle.leaf_hash(line) for line in self.lines()[:size]]
        return SIGNER.sign(size, merkle.root_of(leaves))

    def sealed(self, key: Ed25519PrivateKey = KEY) -> dict[str, bytes]:
        """The files of a bundle, after the record was sealed as it stands."""
        record = rfc8785.dumps({"title": "Dépistage néonatal 𝔸", "share": 0.75, "votes": self.votes})
        done = Proceedings(deepcopy(self.entries), self.votes)
        number = done.note("record-1", "record_sealed", record_sha256=sha256(record).hexdigest())
        done.note("record-1", "record_published")
        return {
            "record.json": record,
            "record.html": b"<!doctype html><title>Relev\xc3\xa9</title>",
            **journal_files(done.lines(), number, CheckpointSigner(NAME, key)),
        }

    def bundle(self) -> bytes:
        return write_bundle(self.sealed(), KEY)


def honest() -> Proceedings:
    """A named vote with a changed ballot and a recusal, a confidential rating round and a secret vote."""
    done = Proceedings()
    done.note("assessment", "assessment_opened", title_sha256="00" * 32)
    done.note("vote-1", "vote_opened", mode="named")
    named = [done.cast(1, voter=f"person-{n}", choice="for" if n < 4 else "against") for n in range(5)]
    named[1] = done.cast(
        1,
        "ballot_changed",
        named[1]["number"],
        voter="person-1",
        choice="against",
        reason="« données trop rares »",
    )
    done.note("vote-1", "ballot_set_aside", supersedes=named.pop(4)["number"])
    done.note("vote-1", "vote_closed", cast=4, entitled=5)
    result = {"counts": {"for": 3, "against": 1, "abstain": 0}}
    done.votes.append({"id": 1, "kind": "choice", "mode": "named", "ballots": named, "result": result})

    done.note("vote-2", "vote_opened", mode="confidential", note="tour 1 — côté patients")
    rated = [done.cast(2, voter=f"Q{n}", rating=rating) for n, rating in enumerate([7, 8, 8, 9, 3, None])]
    done.note("vote-2", "vote_closed", cast=6)
    result = {"frequencies": [0, 0, 1, 0, 0, 0, 1, 2, 1], "nsp": 1}
    done.votes.append(
        {"id": 2, "kind": "rating", "mode": "confidential", "ballots": rated[::-1], "result": result}
    )

    done.note("vote-3", "vote_opened", mode="secret")
    for n in range(5):
        done.note("vote-3", "ballot_cast", None, envelope=sha256(b"%d" % n).hexdigest())
    done.note("vote-3", "vote_closed", cast=5)
    papers = [{"tracker": f"{n:032x}", "choice": "yes" if n else "no"} for n in range(5)]
    result = {"counts": {"yes": 4, "no": 1}}
    done.votes.append({"id": 3, "kind": "choice", "mode": "secret", "ballots": papers, "result": result})
    return done


HONEST = honest()
FILES = HONEST.sealed()
BUNDLE = write_bundle(FILES, KEY)


def packed(files: dict[str, bytes], key: Ed25519PrivateKey = KEY) -> bytes:
    """An archive with sound manifest and signature, whatever its files are: the signer is who cheats."""
    members = {**read_bundle(BUNDLE), **files}
    listed = {
        name: {"sha256": sha256(members[name]).hexdigest(), "size": len(members[name])}
        for name in members
        if not name.startswith("manifest")
    }
    manifest = rfc8785.dumps({"format": verifier.FORMAT, "members": listed})
    members |= {"manifest.json": manifest, "manifest.sig": key.sign(manifest).hex().encode() + b"\n"}
    return b"".join(
        verifier.archive_parts({name: members[name] for name in verifier.MEMBERS if name in members})
    )


def failed(report: Report) -> set[str]:
    return {check.name for check in report.checks if check.outcome == Outcome.FAILED}


def sentence(report: Report, name: str) -> str:
    return next(check.sentence for check in report.checks if check.name == name)


def test_an_honest_bundle_holds():
    report = verify(
        BUNDLE, FINGERPRINT, [HONEST.checkpoint(1), HONEST.checkpoint(12), FILES["checkpoint"].decode()]
    )
    assert report.holds, str(report)
    left_open = [check.name for check in report.checks if check.outcome != Outcome.OK]
    assert left_open == ["ballots of vote-3"]  # a secret count is trusted, and the report says so
    assert "Counted anew from 4" in sentence(report, "totals of vote-1")
    assert "RESULT: Nothing failed, but read what was not checked." in str(report)


def test_without_a_fingerprint_the_report_says_that_authenticity_was_not_checked():
    report = verify(BUNDLE)
    assert report.holds
    assert sentence(report, "authenticity").startswith(
        "Authenticity not checked: give the fingerprint printed"
    )
    assert in_groups(FINGERPRINT) in sentence(report, "keys")


@pytest.mark.parametrize(
    "given_as", [in_groups(FINGERPRINT), FINGERPRINT.upper(), f" {in_groups(FINGERPRINT)}\n"]
)
def test_a_fingerprint_may_be_typed_as_it_is_printed(given_as):
    assert verify(BUNDLE, given_as).holds


@pytest.mark.parametrize(
    "given_as", ["", FINGERPRINT[:-1], FINGERPRINT[:8], "0" * 64, FINGERPRINT + "0", "zz"]
)
def test_another_or_an_incomplete_fingerprint_is_refused(given_as):
    assert failed(verify(BUNDLE, given_as)) == {"authenticity"}


def test_no_flipped_byte_is_accepted():
    chosen = random.Random(7)
    for at in range(len(BUNDLE)):
        flipped = bytearray(BUNDLE)
        flipped[at] ^= 1 << chosen.randrange(8)
        assert not verify(bytes(flipped)).holds, at


def test_no_cut_and_no_addition_is_accepted():
    for at in [*range(0, len(BUNDLE), 97), len(BUNDLE) - 1]:
        assert not verify(BUNDLE[:at]).holds, at
        assert not verify(BUNDLE[:at] + b"\0" + BUNDLE[at:]).holds, at
        assert not verify(BUNDLE[:at] + BUNDLE[at + 1 :]).holds, at
    first = BUNDLE[: BUNDLE.index(b"PK\x03\x04", 1)]
    for more in (b"\0", b"\n", first, BUNDLE):
        assert not verify(BUNDLE + more).holds and not verify(more + BUNDLE).holds


def test_no_flipped_byte_is_accepted_in_a_sound_archive_either():
    chosen, members = random.Random(8), read_bundle(BUNDLE)
    for name, content in members.items():
        for at in chosen.sample(range(len(content)), min(len(content), 60)):
            flipped = content[:at] + bytes([content[at] ^ 1 << chosen.randrange(8)]) + content[at + 1 :]
            data = b"".join(verifier.archive_parts({**members, name: flipped}))
            assert failed(verify(data)) & {"manifest", "manifest signature"}, (name, at)


def test_the_signer_cannot_flip_a_byte_of_what_the_journal_binds():
    chosen = random.Random(9)
    for name in ("record.json", "journal.jsonl", "checkpoint", "proof", "keys.json"):
        for at in chosen.sample(range(len(FILES[name])), 60):
            flipped = bytes([FILES[name][at] ^ 1 << chosen.randrange(8)])
            data = packed({name: FILES[name][:at] + flipped + FILES[name][at + 1 :]})
            assert not verify(data, FINGERPRINT).holds, (name, at)


def test_a_bundle_signed_anew_by_another_key_is_refused_when_the_fingerprint_is_given():
    forged = honest()
    forged.votes[2]["result"] = {"counts": {"yes": 5}}
    forged.votes[2]["ballots"][0]["choice"] = "yes"
    data = write_bundle(forged.sealed(THIEF), THIEF)
    assert verify(data).holds  # nothing else can tell, and the report says what was not checked
    assert failed(verify(data, FINGERPRINT)) == {"authenticity"}
    kept = HONEST.checkpoint(12)
    assert failed(verify(data, None, [kept])) == {"older checkpoint"}


def test_a_signature_of_another_key_is_refused():
    assert failed(verify(packed({}, THIEF))) == {"manifest signature"}
    mixed = {**FILES, "checkpoint": HONEST.sealed(THIEF)["checkpoint"]}
    assert failed(verify(packed(mixed))) == {"checkpoint signature"}


def journal_with(change: Callable[[list[bytes]], Sequence[bytes]]) -> Report:
    lines = FILES["journal.jsonl"][:-1].split(b"\n")
    return verify(packed({"journal.jsonl": b"".join(line + b"\n" for line in change(lines))}), FINGERPRINT)


def renumbered(lines: Sequence[bytes]) -> list[bytes]:
    return [rfc8785.dumps({**json.loads(line), "number": number}) for number, line in enumerate(lines, 1)]


@pytest.mark.parametrize("at", range(0, 27, 3))
def test_a_dropped_doubled_moved_or_altered_entry_is_refused(at):
    assert journal_with(lambda lines: lines).holds
    changes: list[Callable[[list[bytes]], list[bytes]]] = [
        lambda lines: lines[:at] + lines[at + 1 :],
        lambda lines: lines[: at + 1] + lines[at:],
        lambda lines: [*lines[:at], lines[at + 1], lines[at], *lines[at + 2 :]],
    ]
    for change in changes:
        assert failed(journal_with(change)) == {"journal"}
        report = journal_with(lambda lines, change=change: renumbered(change(lines)))
        assert "journal tree" in failed(report)
    altered = journal_with(lambda lines: [*lines[:at], lines[at].replace(b"2026", b"2027"), *lines[at + 1 :]])
    assert "journal tree" in failed(altered)


def test_a_cut_journal_is_refused():
    assert "journal tree" in failed(journal_with(lambda lines: lines[:-1]))
    assert "journal" in failed(verify(packed({"journal.jsonl": FILES["journal.jsonl"][:-1]})))
    assert "journal" in failed(verify(packed({"journal.jsonl": b""})))


ENTRY = '{"actor":null,"at":"x","details":%s,"kind":"k","number":1,"topic":"t"}'


@pytest.mark.parametrize(
    "line",
    [
        ENTRY % '{"b":1,"a":2}',
        ENTRY % '{"a":1,"a":1}',
        ENTRY % '{"a": 1}',
        ENTRY % '{"a":1.0}',
        ENTRY % '{"a":1e3}',
        ENTRY % '{"a":-0}',
        ENTRY % '{"a":NaN}',
        ENTRY % '{"a":-Infinity}',
        ENTRY % '{"a":9007199254740993}',
        ENTRY % ('{"a":%s}' % ("9" * 5000)),
        ENTRY % '{"a":"\\u0041"}',
        ENTRY % '{"a":"\\/"}',
        ENTRY % '{"a":"\\ud800"}',
        ENTRY % '{"a":"\\u000A"}',
        ENTRY % '{"é":1}',
        ENTRY % "[]",
        ENTRY % "{}" + " ",
        " " + ENTRY % "{}",
        "\ufeff" + ENTRY % "{}",
        ENTRY % "{}" + "{}",
        (ENTRY % "{}").replace('"kind":"k"', '"kind":null'),
        (ENTRY % "{}").replace('"number":1', '"number":true'),
        (ENTRY % "{}").replace('"number":1', '"number":"1"'),
        (ENTRY % "{}").replace('"actor":null,', ""),
        (ENTRY % "{}").replace('"topic"', '"z":1,"topic"'),
        "[]",
        "",
        "null",
        '{"a":' + "[" * 100_000,
    ],
)
def test_a_line_with_another_spelling_is_refused(line):
    assert verifier._read_line(ENTRY % '{"a":"é\\n𝔸","b":-9007199254740991}', 1) == ("t", "k")
    with pytest.raises((ValueError, RecursionError)):
        verifier._read_line(line, 1)


def test_no_altered_character_makes_a_canonical_line_out_of_another():
    """The verifier sees at a glance that a common line is canonical; rfc8785 says whether it saw right."""
    details = [
        '{"a":"é 𝔸","b":0,"c":null,"d":-12}',
        '{"a":true,"b":10}',
        '{"commitment":"00"}',
        "{}",
        '{"a":1,"a1":2,"a_":3}',
        '{"a":"x","b":"y","c":"z","d":{"e":["f"]}}',
    ]
    for line in (ENTRY % text for text in details):
        assert verifier._read_line(line, 1) == ("t", "k")
        for at in range(len(line)):
            for other in ["", *'"\\{}[]:,-.+0159aEbdz_ \n\t\x7fé']:
                altered = line[:at] + other + line[at + 1 :]
                try:
                    verifier._read_line(altered, 1)
                except ValueError:
                    continue
                assert rfc8785.dumps(json.loads(altered)).decode() == altered


def test_the_line_that_is_not_canonical_is_named():
    report = journal_with(lambda lines: [*lines[:6], lines[6].replace(b'":', b'": ', 1), *lines[7:]])
    assert sentence(report, "journal").startswith("Line 7 of the journal is not in canonical form")


def test_an_older_checkpoint_that_does_not_fit_is_refused():
    rewritten = honest()
    rewritten.entries[3]["details"]["commitment"] = "00" * 32
    kept = rewritten.checkpoint(12)
    longer = SIGNER.sign(1000, bytes(32))
    stranger = CheckpointSigner(NAME, THIEF).sign(3, bytes(32))
    elsewhere = CheckpointSigner("deliberate.example/assessment-4", KEY).sign(3, bytes(32))
    for text in (kept, longer, stranger, elsewhere, "", "nonsense", SIGNER.sign(0, bytes(32))):
        report = verify(BUNDLE, FINGERPRINT, [HONEST.checkpoint(5), text])
        assert failed(report) == {"older checkpoint"}, text
    assert "the past was rewritten" in sentence(verify(BUNDLE, None, [kept]), "older checkpoint")
    assert "it was cut" in sentence(verify(BUNDLE, None, [longer]), "older checkpoint")
    assert verify(BUNDLE, None, [SIGNER.sign(0, merkle.EMPTY_ROOT)]).holds


def test_a_record_that_was_not_sealed_or_sealed_as_another_is_refused():
    other = rfc8785.dumps({"title": "Another", "votes": HONEST.votes})
    assert failed(verify(packed({"record.json": other}))) == {"seal"}
    never = {**FILES, **journal_files(HONEST.lines(), 1, SIGNER)}
    assert failed(verify(packed(never))) == {"seal"}
    twice = honest()
    twice.note("record-1", "record_sealed", record_sha256=sha256(FILES["record.json"]).hexdigest())
    twice.note("record-1", "record_sealed", record_sha256="00" * 32)
    data = packed({**FILES, **journal_files(twice.lines(), len(twice.entries) - 1, SIGNER)})
    assert "seals another record" in sentence(verify(data), "seal")


def test_a_proof_for_another_entry_or_tree_is_refused():
    lines = FILES["journal.jsonl"][:-1].split(b"\n")
    assert failed(verify(packed({"proof": journal_files(lines, 3, SIGNER)["proof"]}))) == {
        "proof of the seal"
    }
    other = FILES["proof"].replace(FILES["checkpoint"], HONEST.checkpoint(5).encode())
    assert failed(verify(packed({"proof": other}))) == {"proof of the seal"}
    shorter = FILES["proof"].split(b"\n")
    del shorter[2]
    assert failed(verify(packed({"proof": b"\n".join(shorter)}))) == {"proof of the seal"}


def cheat(change: Callable[[Proceedings], Any]) -> Report:
    """The authority itself changes the record or the journal, then seals and signs everything anew."""
    done = honest()
    change(done)
    return verify(done.bundle(), FINGERPRINT)


def entry_of(done: Proceedings, topic: str, kind: str) -> dict[str, Any]:
    return next(entry for entry in done.entries if (entry["topic"], entry["kind"]) == (topic, kind))


WRONG_TOTALS: list[tuple[int, Any]] = [
    (0, {"counts": {"for": 4, "against": 1}}),
    (0, {"counts": {"for": 2, "against": 2}}),
    (0, {"counts": {"for": 3}}),
    (0, {"counts": {"for": 3, "against": 1, "later": 1}}),
    (0, {"counts": {"for": 3.5, "against": 1}}),
    (0, {"counts": {"for": 3, "against": True}}),
    (0, {"counts": None}),
    (0, None),
    (1, {"frequencies": [0, 0, 0, 1, 0, 0, 1, 2, 1], "nsp": 1}),
    (1, {"frequencies": [0, 0, 1, 0, 0, 0, 1, 2, 1], "nsp": 0}),
    (1, {"frequencies": [0, 0, 1, 0, 0, 0, 1, 2], "nsp": 1}),
    (1, {"nsp": 1}),
    (2, {"counts": {"yes": 5, "no": 0}}),
]


@pytest.mark.parametrize(("vote", "result"), WRONG_TOTALS)
def test_a_wrong_count_is_refused(vote, result):
    report = cheat(lambda done: done.votes[vote].update(result=result))
    assert failed(report) == {f"totals of vote-{vote + 1}"}


CHEATS: dict[str, Callable[[Proceedings], Any]] = {
    "another choice": lambda d: d.votes[0]["ballots"][2].update(choice="against"),
    "another reason": lambda d: d.votes[0]["ballots"][1].update(reason="des données suffisantes"),
    "a reason left out": lambda d: d.votes[0]["ballots"][1].pop("reason"),
    "another voter": lambda d: d.votes[0]["ballots"][0].update(voter="person-7"),
    "another salt": lambda d: d.votes[0]["ballots"][0].update(salt="00" * 32),
    "a rating beside the choice": lambda d: d.votes[0]["ballots"][0].update(rating=9),
    "a ballot left out": lambda d: d.votes[0]["ballots"].pop(),
    "a ballot twice": lambda d: d.votes[0]["ballots"].append(d.votes[0]["ballots"][0]),
    "one ballot instead of another": lambda d: d.votes[0]["ballots"].__setitem__(0, d.votes[0]["ballots"][2]),
    "two ballots with one entry": lambda d: d.votes[0]["ballots"][0].update(number=5),
    "no such entry": lambda d: d.votes[0]["ballots"][0].update(number=999),
    "an entry of another kind": lambda d: d.votes[0]["ballots"][0].update(number=2),
    "no number": lambda d: d.votes[0]["ballots"][0].pop("number"),
    "cast said otherwise": lambda d: entry_of(d, "vote-1", "vote_closed")["details"].update(cast=5),
    "never closed": lambda d: entry_of(d, "vote-1", "vote_closed").update(kind="vote_paused"),
    "closed twice": lambda d: d.note("vote-1", "vote_closed", cast=4),
    "a ballot after the close": lambda d: d.cast(1, voter="person-9", choice="for"),
    "a ballot before the opening": lambda d: d.entries[0].update(
        topic="vote-1", kind="ballot_cast", details=deepcopy(entry_of(d, "vote-1", "ballot_cast")["details"])
    ),
    "a change of nothing": lambda d: entry_of(d, "vote-1", "ballot_changed")["details"].update(supersedes=2),
    "a change that names nothing": lambda d: entry_of(d, "vote-1", "ballot_changed")["details"].pop(
        "supersedes"
    ),
    "a recusal undone": lambda d: entry_of(d, "vote-1", "ballot_set_aside").update(kind="chair_spoke"),
    "called confidential": lambda d: d.votes[0].update(mode="confidential"),
    "called secret": lambda d: d.votes[0].update(mode="secret"),
    "called secret from the start": lambda d: (
        d.votes[0].update(mode="secret"),
        entry_of(d, "vote-1", "vote_opened")["details"].update(mode="secret"),
    ),
}


@pytest.mark.parametrize("change", CHEATS.values(), ids=CHEATS)
def test_a_list_that_does_not_fit_the_journal_is_refused(change):
    assert "ballots of vote-1" in failed(cheat(change))


def test_the_ballot_that_was_replaced_cannot_be_published_instead_of_the_last_one():
    def publish_the_first(done: Proceedings) -> None:
        first = {**done.votes[0]["ballots"][1], "number": 4, "choice": "for"}
        first.pop("reason")
        salt = sha256(f"1 { ({'voter': 'person-1', 'choice': 'for'}) } 3".encode()).hexdigest()
        done.votes[0]["ballots"][1] = {**first, "salt": salt}
        done.votes[0]["result"] = {"counts": {"for": 4}}
        told = {"vote": 1, "voter": "person-1", "choice": "for", "rating": None, "reason": None, "salt": salt}
        assert done.entries[3]["details"]["commitment"] == sha256(rfc8785.dumps(told)).hexdigest()

    report = cheat(publish_the_first)
    assert failed(report) == {"ballots of vote-1"}
    assert "was replaced" in sentence(report, "ballots of vote-1")


def test_a_rating_outside_the_scale_is_refused():
    for rating in (0, 10, 7.0, True, "7"):
        report = cheat(lambda done, rating=rating: done.votes[1]["ballots"][0].update(rating=rating))
        assert {"totals of vote-2", "ballots of vote-2"} <= failed(report), rating


def test_a_vote_that_the_record_leaves_out_is_named():
    report = cheat(lambda done: done.votes.pop(1))
    assert report.holds and "also closes vote-2" in sentence(report, "votes")


def test_a_vote_that_stands_twice_is_refused():
    assert failed(cheat(lambda done: done.votes.append(done.votes[0]))) == {"votes"}
    assert failed(cheat(lambda done: done.votes.append({**done.votes[0], "id": "1"}))) == {"votes"}


def test_lists_may_stand_in_a_file_of_their_own_and_must_not_differ_from_the_record():
    apart, lists = honest(), []
    for vote in apart.votes:
        lists.append({"id": vote["id"], "ballots": vote.pop("ballots")})
    files = apart.sealed()
    together = {**files, "ballots.json": rfc8785.dumps({"votes": lists})}
    report = verify(packed(together), FINGERPRINT)
    assert report.holds and "Counted anew" in sentence(report, "totals of vote-2"), str(report)
    lists[0]["ballots"][0]["choice"] = "against"
    spoilt = {**files, "ballots.json": rfc8785.dumps({"votes": lists})}
    assert failed(verify(packed(spoilt))) == {"totals of vote-1", "ballots of vote-1"}
    assert failed(verify(packed({**FILES, "ballots.json": spoilt["ballots.json"]}))) == {"votes"}


def test_without_a_list_nothing_is_claimed_about_the_totals():
    report = cheat(lambda done: done.votes[1].pop("ballots"))
    assert report.holds and "not published" in sentence(report, "totals of vote-2")
    assert "not published" in sentence(report, "ballots of vote-2")


def test_a_secret_vote_is_held_against_its_envelopes():
    def hide_choices(done: Proceedings) -> None:
        done.votes[2]["ballots"] = [{"tracker_sha256": sha256(b"%d" % n).hexdigest()} for n in range(5)]

    report = cheat(hide_choices)
    assert report.holds and "only their sum agrees" in sentence(report, "totals of vote-3")

    def stuff(done: Proceedings) -> None:
        done.votes[2]["ballots"].append({"tracker": "ff" * 16, "choice": "yes"})
        done.votes[2]["result"] = {"counts": {"yes": 5, "no": 1}}

    assert failed(cheat(stuff)) == {"ballots of vote-3"}

    def hide_wrong_sum(done: Proceedings) -> None:
        hide_choices(done)
        done.votes[2]["result"] = {"counts": {"yes": 7, "no": -2}}

    assert failed(cheat(hide_wrong_sum)) == {"totals of vote-3"}

    def hide_too_many(done: Proceedings) -> None:
        hide_choices(done)
        done.votes[2]["result"] = {"counts": {"yes": 5, "no": 1}}

    assert failed(cheat(hide_too_many)) == {"totals of vote-3"}


RUBBISH = [
    b"",
    b"\n",
    b"null",
    b"[]",
    b"{}",
    b"5",
    b'"x"',
    b"\xff\xfe",
    b"[" * 100_000,
    b'{"votes":5}',
    b"\0" * 50,
]
RUBBISH += [
    b'{"votes":[{}]}',
    b'{"votes":[{"id":null}]}',
    b'{"votes":[{"id":1}]}',
    b'{"votes":[],"votes":[]}',
]
RUBBISH += [
    b'{"vkeys":[]}',
    b'{"vkeys":["+++"]}',
    b'{"vkeys":[1],"fingerprint":2}',
    b'{"format":"deliberate-bundle/2"}',
]


@pytest.mark.parametrize(
    "name", [name for name in verifier.MEMBERS if name not in ("README.txt", "record.html", "verify.py")]
)
def test_rubbish_is_a_failed_check_with_a_sentence_and_never_a_crash(name):
    members = {**read_bundle(BUNDLE), "ballots.json": b'{"votes":[]}'}
    for content in RUBBISH:
        archive = b"".join(
            verifier.archive_parts({key: {**members, name: content}[key] for key in verifier.MEMBERS})
        )
        signed = packed({name: content}) if not name.startswith("manifest") else archive
        for report in (verify(archive), verify(signed, FINGERPRINT, [FILES["checkpoint"].decode()])):
            assert not report.holds
            assert all(check.sentence.endswith((".", ").")) for check in report.checks), str(report)


def test_a_bundle_cannot_write_lines_into_its_own_report():
    forged = "1\n\nRESULT: Every check holds.\x1b[2J"
    report = cheat(lambda done: done.votes[0].update(id=forged))
    assert not report.holds
    lines = str(report).split("\n")
    assert len(lines) == len(report.checks) + 2 and "\x1b" not in str(report)
    assert sum(line.startswith("RESULT") for line in lines) == 1


def test_a_file_beyond_the_limit_is_not_read(monkeypatch):
    monkeypatch.setattr(verifier, "MOST_BYTES", len(BUNDLE) - 1)
    assert "larger than 1 GiB" in sentence(verify(BUNDLE), "archive")
    with pytest.raises(ValueError, match="at most 1 GiB"):
        HONEST.bundle()


def run(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """The verifier out of the bundle, in a folder of its own, with every socket refused."""
    offline = (
        "import runpy, socket, sys\n"
        "def refuse(*_, **__): raise AssertionError('the verifier went online')\n"
        "socket.socket = socket.create_connection = socket.getaddrinfo = refuse\n"
        "runpy.run_path('verify.py', run_name='__main__')\n"
    )
    command = [sys.executable, "-I", "-c", offline, *arguments]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, encoding="utf-8", check=False)


def test_the_verifier_out_of_the_bundle_works_alone_and_offline(tmp_path):
    (tmp_path / "bundle.zip").write_bytes(BUNDLE)
    (tmp_path / "verify.py").write_bytes(read_bundle(BUNDLE)["verify.py"])
    (tmp_path / "march").write_bytes(
        HONEST.checkpoint(12).replace("\n", "\r\n").encode()
    )  # as mail delivers it
    (tmp_path / "april").write_text(HONEST.checkpoint(20), encoding="utf-8")
    arguments = ["bundle.zip", "--fingerprint", FINGERPRINT, "--checkpoint", "march", "april"]
    good = run(tmp_path, *arguments)
    assert (good.returncode, good.stderr) == (0, ""), good
    assert (
        good.stdout == str(verify(BUNDLE, FINGERPRINT, [HONEST.checkpoint(12), HONEST.checkpoint(20)])) + "\n"
    )

    assert run(tmp_path, "bundle.zip", "--fingerprint", "0" * 64).returncode == 1
    (tmp_path / "april").write_text(SIGNER.sign(20, bytes(32)), encoding="utf-8")
    bad = run(tmp_path, *arguments)
    assert bad.returncode == 1 and "DO NOT TRUST THIS BUNDLE: 1 of its checks failed." in bad.stdout
    missing = run(tmp_path, "elsewhere.zip")
    assert missing.returncode == 2 and "elsewhere.zip cannot be read" in missing.stderr


def test_the_verifier_needs_nothing_but_the_standard_library_and_cryptography():
    tree = ast.parse(Path(verifier.__file__).read_text(encoding="utf-8"))
    imported = [alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names]
    imported += [node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)]
    packages = {name.split(".")[0] for name in imported}
    assert packages - sys.stdlib_module_names == {"cryptography"}


@settings(deadline=None)
@given(st.lists(st.binary(max_size=3), min_size=1, max_size=70), st.data())
def test_its_tree_is_that_of_the_journal(leaves, data):
    hashes = [merkle.leaf_hash(leaf) for leaf in leaves]
    levels = verifier._levels(hashes)
    for size in range(len(leaves) + 1):
        assert verifier._root(levels, size) == merkle.root_of(hashes[:size])
    index = data.draw(st.integers(0, len(leaves) - 1))
    way, root = merkle.inclusion_proof(index, hashes), merkle.root_of(hashes)
    ways = [way, way[1:], way[::-1], [*way, root], [root, *way], [node[:31] for node in way]]
    for other in ways:
        both = (index, len(leaves), hashes[index], other, root)
        assert verifier._leads_to_root(*both) == merkle.verify_inclusion(*both)


def test_it_reads_checkpoints_as_the_server_does():
    note = FILES["checkpoint"].decode()
    witness = f"— witness.example {'A' * 96}\n"
    notes = [note, note + witness, note.replace("\n\n", f"\n\n{witness}"), note + note.split("\n\n")[1]]
    for at in range(len(note)):
        notes += [note[:at] + other + note[at + 1 :] for other in ("A", "\n", " ", "=", "—", "+", "")]
    root = note.split("\n")[2]
    for body in (
        f"{NAME}\n07\n{root}",
        f"{NAME}\n7\n{root}\nmore",
        f"{NAME}\n7",
        f"other\n7\n{root}",
        f"{NAME}\n7\nAAAA",
    ):
        notes.append(SIGNER.sign_note(f"{body}\n"))
    keys = verifier.Keys(NAME, KEY.public_key(), FINGERPRINT)
    accepted = 0
    for text in notes:
        ours = theirs = None
        try:
            ours = tuple(verifier._read_checkpoint(text, keys))
        except ValueError:
            pass
        try:
            read = read_checkpoint(text, NAME, KEY.public_key())
            theirs = (read.size, read.root)
        except ValueError:
            pass
        assert ours == theirs, text
        accepted += ours is not None
    assert accepted >= 4  # else nothing was compared


plain = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(st.characters(max_codepoint=127)), inner),
    max_leaves=8,
)


@settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.dictionaries(st.text(st.characters(max_codepoint=127)), plain))
def test_its_canonical_json_is_rfc_8785(details):
    entry = {"number": 1, "topic": "t", "kind": "k", "at": "x", "actor": None, "details": details}
    line = rfc8785.dumps(entry)
    assert verifier.canonical(entry) == line
    assert verifier._read_line(line.decode(), 1) == ("t", "k")
    for other in {
        json.dumps(entry),
        json.dumps(entry, separators=(",", ":")),
        json.dumps(entry, ensure_ascii=False),
    }:
        if other.encode() != line:
            with pytest.raises(ValueError, match="canonical"):
                verifier._read_line(other, 1)
