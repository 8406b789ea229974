"""Verifies the signed bundle of a record: `python verify.py BUNDLE --fingerprint HEX --checkpoint FILE`.

Works offline; needs Python 3.11 or later and the `cryptography` package; exit code 0 only if no check failed.
The reader finds this one file in every bundle, hence its length. It imports nothing of the product and has
its own few lines for archive, tree and signed note, so that whoever doubts the server need not install it.
(Tests hold them against deliberate/live/merkle.py, deliberate/live/checkpoint.py and the rfc8785 package.)
"""

from __future__ import annotations

import argparse
import json
import re
import struct
import sys
from base64 import b64decode, b64encode
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from hashlib import sha256
from pathlib import Path
from typing import Any, NamedTuple, NoReturn, TypeVar
from zlib import crc32

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

FORMAT = "deliberate-bundle/1"
MEMBERS = (  # every name a bundle may hold, in the order in which the archive has them
    "README.txt",
    "record.html",
    "record.json",
    "ballots.json",
    "journal.jsonl",
    "checkpoint",
    "proof",
    "keys.json",
    "verify.py",
    "manifest.json",
    "manifest.sig",
)
OPTIONAL = {"record.html", "ballots.json"}
UNLISTED = {"manifest.json", "manifest.sig"}  # a manifest cannot hold its own hash
MOST_BYTES = 1 << 30
ENTRY_KEYS = {"number", "topic", "kind", "at", "actor", "details"}
BALLOT_KINDS = {"ballot_cast", "ballot_changed", "ballot_set_aside"}
LARGEST_INTEGER = 2**53 - 1  # beyond it JSON readers round (RFC 8785)

T = TypeVar("T")
Json = dict[str, Any]


class Outcome(StrEnum):
    OK = "ok"
    FAILED = "failed"
    NOT_CHECKED = "not checked"


@dataclass(frozen=True)
class Check:
    name: str
    outcome: Outcome
    sentence: str


@dataclass(frozen=True)
class Report:
    """What was checked, in order. `holds`: nothing failed, which alone says nothing of who signed."""

    checks: tuple[Check, ...]

    @property
    def holds(self) -> bool:
        return bool(self.checks) and all(check.outcome != Outcome.FAILED for check in self.checks)

    def __str__(self) -> str:
        lines = [f"{check.outcome.upper():<12} {check.name}: {check.sentence}" for check in self.checks]
        count = Counter(check.outcome for check in self.checks)
        return "\n".join(
            [*lines, "", f"RESULT: {_result(count[Outcome.FAILED], count[Outcome.NOT_CHECKED])}"]
        )


class Wrong(ValueError):
    """The bundle does not hold what it claims; the sentence says where."""


class Unknown(Exception):
    """A check that cannot be made; the sentence says why, and what the reader can do."""


class Keys(NamedTuple):
    name: str
    public: Ed25519PublicKey
    fingerprint: str


class Checkpoint(NamedTuple):
    size: int
    root: bytes


@dataclass
class Story:
    """The numbers of the entries that tell of one vote, in order."""

    opened: list[int] = field(default_factory=list)
    closed: list[int] = field(default_factory=list)
    papers: list[int] = field(default_factory=list)  # ballots cast, changed and set aside
    imported: list[int] = field(default_factory=list)


@dataclass
class Journal:
    lines: list[bytes]
    levels: list[list[bytes]]  # leaf hashes, then the roots of the perfect subtrees of 2, 4, 8 ... leaves
    stories: defaultdict[str, Story] = field(default_factory=lambda: defaultdict(Story))  # by topic
    seals: list[int] = field(default_factory=list)

    def entry(self, number: int) -> Json:
        entry: Json = _decoder.raw_decode(self.lines[number - 1].decode())[0]
        return entry


def main(argv: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description="Verify the signed bundle of a consensus record, offline.")
    parser.add_argument("bundle", metavar="BUNDLE", type=Path)
    parser.add_argument("--fingerprint", metavar="HEX", help="of the key, from the printed minutes")
    parser.add_argument(
        "--checkpoint",
        metavar="FILE",
        type=Path,
        nargs="+",
        action="extend",
        default=[],
        help="an older one that you kept",
    )
    said = parser.parse_args(argv)
    try:
        if said.bundle.stat().st_size > MOST_BYTES:
            parser.exit(2, f"{said.bundle} is larger than 1 GiB and was not read.\n")
        data = said.bundle.read_bytes()
        older = [path.read_text("utf-8", "replace") for path in said.checkpoint]  # line breaks of any system
    except OSError as problem:
        parser.exit(2, f"{problem.filename} cannot be read: {problem.strerror}.\n")
    report = verify(data, said.fingerprint, older)
    sys.stdout.buffer.write(f"{report}\n".encode())  # UTF-8 wherever we run: a sentence may quote any name
    return 0 if report.holds else 1


def verify(data: bytes, fingerprint: str | None = None, older: Iterable[str] = ()) -> Report:
    """Checks all of `data`. `fingerprint` and `older` checkpoints are the reader's, never from the bundle."""
    checks: list[Check] = []

    def check(name: str, verdict: Callable[..., tuple[T, str]], *needs: Any) -> T | None:
        """Makes one check. None: it did not hold, so that what needs its value is not checked."""
        value, outcome = None, Outcome.FAILED
        try:
            if any(need is None for need in needs):
                raise Unknown("An earlier check that this one builds on did not hold.")
            value, sentence = verdict(*needs)
            outcome = Outcome.OK
        except Unknown as reason:
            outcome, sentence = Outcome.NOT_CHECKED, str(reason)
        except Wrong as reason:
            sentence = str(reason)
        except Exception as problem:  # what someone else's bytes raise is a failed check, never a crash
            sentence = f"Not in the expected form ({type(problem).__name__}: {problem})."
        checks.append(Check(_harmless(name), outcome, _harmless(sentence)))
        return value

    members = check("archive", read_archive, data)
    check("manifest", check_manifest, members)
    keys = check("keys", read_keys, members)
    check("manifest signature", check_signature, members, keys)
    check("authenticity", lambda keys: check_fingerprint(keys, fingerprint), keys)
    journal = check("journal", read_journal, members)
    checkpoint = check("checkpoint signature", open_checkpoint, members, keys)
    check("journal tree", check_tree, journal, checkpoint)
    kept = list(older)
    for text in kept:
        check("older checkpoint", check_older, journal, keys, text)
    if not kept:
        check("older checkpoint", miss_older)
    sealed = check("seal", find_seal, members, journal)
    check("proof of the seal", check_proof, members, journal, sealed, checkpoint)
    votes = check("votes", read_votes, members, journal)
    for vote in votes or ():
        check(f"totals of {_topic(vote)}", check_totals, vote)
        check(f"ballots of {_topic(vote)}", check_ballots, vote, journal)
    return Report(tuple(checks))


# The archive: a ZIP that any tool opens, of which only one spelling exists. Nothing is compressed and no
# header has a choice left, so rebuilding it from its members and comparing covers every byte of the file.


def archive_parts(members: Mapping[str, bytes]) -> list[bytes]:
    """The bytes of the one archive that holds `members` in their order; in parts, to spare memory."""
    parts, directory, at = [], [], 0
    for name, content in members.items():
        raw, size = name.encode("ascii"), len(content)
        # Version 2.0, no flags, stored, 1 January 1980: the same members give the same bytes everywhere.
        fields = struct.pack("<HHHHHIIIHH", 20, 0, 0, 0, 0x21, crc32(content), size, size, len(raw), 0)
        parts += [b"PK\x03\x04", fields, raw, content]
        attributes = struct.pack("<HHHII", 0, 0, 0, 0o100644 << 16, at)
        directory.append(b"PK\x01\x02" + struct.pack("<H", 0x0314) + fields + attributes + raw)
        at += 30 + len(raw) + size
    listed, count = b"".join(directory), len(directory)
    return [*parts, listed, b"PK\x05\x06", struct.pack("<HHHHIIH", 0, 0, count, count, len(listed), at, 0)]


def read_archive(data: bytes) -> tuple[dict[str, bytes], str]:
    if len(data) > MOST_BYTES:
        raise Wrong("The file is larger than 1 GiB and was not read.")
    members: dict[str, bytes] = {}
    at = 0
    while len(members) < len(MEMBERS) and data.startswith(b"PK\x03\x04", at) and at + 30 <= len(data):
        size, name_length = struct.unpack_from("<IH", data, at + 22)
        start = at + 30 + name_length
        name = data[at + 30 : start].decode("ascii", "replace")
        if name in members:
            break
        members[name] = data[start : start + size]
        at = start + size
    if list(members) != [name for name in MEMBERS if name in members or name not in OPTIONAL]:
        raise Wrong(
            "This is not a bundle: its archive does not hold the expected files in the expected order."
        )
    at = 0
    for part in archive_parts(members):
        if not data.startswith(part, at):
            raise Wrong(f"The archive was altered behind byte {at}: it is not the one spelling of its files.")
        at += len(part)
    if at != len(data):
        raise Wrong(f"{len(data) - at} bytes stand behind the end of the archive.")
    return members, f"{len(data)} bytes, {len(members)} files, every byte of the archive as it has to be."


def canonical(value: Any) -> bytes:
    """RFC 8785 for what we sign: ASCII keys (which Python sorts as the RFC does) and no fractions."""
    return _encoder.encode(value).encode()


def check_manifest(members: Mapping[str, bytes]) -> tuple[bool, str]:
    listed = {
        name: {"sha256": sha256(content).hexdigest(), "size": len(content)}
        for name, content in members.items()
        if name not in UNLISTED
    }
    if members["manifest.json"] == canonical({"format": FORMAT, "members": listed}):
        return True, f"Size and SHA-256 of all {len(listed)} files agree with the manifest."
    manifest = _object(members["manifest.json"])
    if manifest.get("format") != FORMAT:
        raise Wrong(
            f"The manifest names the format {manifest.get('format')!r}; this verifier reads {FORMAT}."
        )
    stated = manifest["members"]
    differing = sorted(name for name in {*listed, *stated} if stated.get(name) != listed.get(name))
    raise Wrong(f"The manifest does not agree with: {', '.join(differing) or 'its one canonical spelling'}.")


def read_keys(members: Mapping[str, bytes]) -> tuple[Keys, str]:
    """The first key is the authority's. It signs checkpoints and manifests: neither passes for the other."""
    stated = _object(members["keys.json"])
    name, key = _read_vkey(stated["vkeys"][0])
    fingerprint = sha256(key.public_bytes_raw()).hexdigest()
    if stated["fingerprint"] != fingerprint:
        raise Wrong("The fingerprint in keys.json is not that of the key beside it.")
    return Keys(name, key, fingerprint), f"The bundle names the key of {name}: {_in_groups(fingerprint)}."


def check_signature(members: Mapping[str, bytes], keys: Keys) -> tuple[bool, str]:
    written = members["manifest.sig"]
    if not re.fullmatch(rb"[0-9a-f]{128}\n", written):
        raise Wrong("The signature of the manifest is not 128 lower-case hex digits and a line break.")
    _check_signed(keys.public, bytes.fromhex(written.decode()), members["manifest.json"], "the manifest")
    return True, f"The manifest is signed with the key of {keys.name} that the bundle names."


def check_fingerprint(keys: Keys, given: str | None) -> tuple[bool, str]:
    if given is None:
        raise Unknown(
            "Authenticity not checked: give the fingerprint printed in the minutes (--fingerprint). "
            "Without it anyone could have made and signed this bundle."
        )
    wanted = re.sub(r"[\s:-]", "", given).lower()
    if not re.fullmatch(r"[0-9a-f]{64}", wanted):
        raise Wrong("The fingerprint you gave is not complete: it has 64 hex digits and no part is enough.")
    if wanted != keys.fingerprint:
        raise Wrong(f"Another key than yours signed it; its fingerprint is {_in_groups(keys.fingerprint)}.")
    return True, "The key is the one whose fingerprint you gave."


def read_journal(members: Mapping[str, bytes]) -> tuple[Journal, str]:
    raw = members["journal.jsonl"]
    if not raw.endswith(b"\n"):
        raise Wrong("The journal is empty, or its last line is cut off.")
    lines = raw[:-1].split(b"\n")
    journal = Journal(lines, _levels([sha256(b"\x00" + line).digest() for line in lines]))
    for number, line in enumerate(lines, 1):
        topic, kind = _read_line(line.decode(), number)
        if topic.startswith("vote-"):
            _tell(journal.stories[topic], kind, number)
        if kind == "record_sealed":
            journal.seals.append(number)
    return journal, f"{len(lines)} entries, canonical, numbered without a gap."


def open_checkpoint(members: Mapping[str, bytes], keys: Keys) -> tuple[Checkpoint, str]:
    checkpoint = _read_checkpoint(members["checkpoint"].decode(), keys)
    return checkpoint, f"Signed by {keys.name} for {checkpoint.size} entries."


def check_tree(journal: Journal, checkpoint: Checkpoint) -> tuple[bool, str]:
    size = len(journal.lines)
    if checkpoint.size != size:
        raise Wrong(f"The checkpoint speaks of {checkpoint.size} entries, the journal has {size}.")
    if _root(journal.levels, size) != checkpoint.root:
        raise Wrong("The tree built from the journal has another root than the checkpoint: it was altered.")
    return True, "The tree built anew from the journal has the size and the root of the checkpoint."


def check_older(journal: Journal, keys: Keys, text: str) -> tuple[bool, str]:
    kept, size = _read_checkpoint(text, keys), len(journal.lines)
    if kept.size > size:
        raise Wrong(f"Your checkpoint speaks of {kept.size} entries, this journal has {size}: it was cut.")
    if _root(journal.levels, kept.size) != kept.root:
        raise Wrong(f"The first {kept.size} entries are not those you kept: the past was rewritten.")
    return True, f"The journal begins with the {kept.size} entries of your checkpoint, unchanged."


def miss_older() -> NoReturn:
    raise Unknown(
        "None given (--checkpoint). Only one that was kept elsewhere shows whether the holder of the key "
        "rewrote the past."
    )


def find_seal(members: Mapping[str, bytes], journal: Journal) -> tuple[Json, str]:
    """The last sealing entry, which has to be that of this record: a later seal would have replaced it."""
    if not journal.seals:
        raise Wrong("The journal has no sealing entry: this record was never sealed.")
    last, digest = journal.entry(journal.seals[-1]), sha256(members["record.json"]).hexdigest()
    if last["details"].get("record_sha256") != digest:
        raise Wrong(f"Entry {last['number']} seals another record than this one ({_in_groups(digest)}).")
    return last, f"Entry {last['number']} of {last['at']} seals exactly this record ({_in_groups(digest)})."


def check_proof(
    members: Mapping[str, bytes], journal: Journal, sealed: Json, checkpoint: Checkpoint
) -> tuple[bool, str]:
    head, gap, note = members["proof"].decode().partition("\n\n")
    header, index, *hashes = head.split("\n")
    if header != "c2sp.org/tlog-proof@v1" or not gap or note.encode() != members["checkpoint"]:
        raise Wrong("The proof is not in the format c2sp.org/tlog-proof@v1 or has another checkpoint.")
    at = sealed["number"] - 1
    if index != f"index {at}":
        raise Wrong(f"The proof is for another entry than the sealing entry {sealed['number']}.")
    way = [_from_base64(line) for line in hashes]
    if not _leads_to_root(at, checkpoint.size, journal.levels[0][at], way, checkpoint.root):
        raise Wrong("The proof does not lead from the sealing entry to the root of the checkpoint.")
    return True, f"{len(way)} hashes lead from entry {sealed['number']} to the root of the checkpoint."


def read_votes(members: Mapping[str, bytes], journal: Journal) -> tuple[list[Json], str]:
    """The votes of the record with their lists of ballots, which stand in each vote or in ballots.json."""
    votes: list[Json] = _object(members["record.json"])["votes"]
    lists: list[Json] = _object(members["ballots.json"])["votes"] if "ballots.json" in members else []
    ballots = {_topic(each): each["ballots"] for each in lists}
    topics = [_topic(vote) for vote in votes]
    if len(set(topics)) != len(topics) or len(ballots) != len(lists) or not ballots.keys() <= set(topics):
        raise Wrong("A vote stands twice in the record or in ballots.json, or only in the latter.")
    for vote, topic in zip(votes, topics, strict=True):
        if vote.setdefault("ballots", ballots.get(topic)) != ballots.get(topic, vote["ballots"]):
            raise Wrong(f"The list of {topic} is not the same in record.json and in ballots.json.")
    missing = [topic for topic, story in journal.stories.items() if story.closed and topic not in topics]
    left_out = f" The journal also closes {', '.join(missing)}, not published here." if missing else ""
    return votes, f"{len(votes)} in the record.{left_out}"


def check_totals(vote: Json) -> tuple[bool, str]:
    ballots, result, counted = _list_of(vote), vote["result"], Counter[str]()
    if vote["mode"] == "secret" and any("choice" not in ballot for ballot in ballots):
        _check_sum(result["counts"].values(), len(ballots))
        raise Unknown("The published list of this secret vote leaves out the choices; only their sum agrees.")
    if vote["kind"] == "rating":
        ratings = [ballot["rating"] for ballot in ballots]
        if any(type(rating) is not int or not 1 <= rating <= 9 for rating in ratings if rating is not None):
            raise Wrong("A rating is neither a whole number from 1 to 9 nor empty.")
        counts = {"frequencies": [ratings.count(step) for step in range(1, 10)], "nsp": ratings.count(None)}
        stated = {"frequencies": result["frequencies"], "nsp": result["nsp"]}
    elif vote["kind"] == "choice":
        counted.update(ballot["choice"] for ballot in ballots if ballot["choice"] is not None)
        counts = dict(counted)
        stated = {choice: count for choice, count in result["counts"].items() if count != 0}
    else:
        raise Wrong(f"This verifier does not know votes of the kind {vote['kind']!r}.")
    if canonical(counts) != canonical(stated):
        raise Wrong(f"The list gives {counts}, the record states {stated}.")
    return True, f"Counted anew from {len(ballots)} published ballots: the same result."


def check_ballots(vote: Json, journal: Journal) -> tuple[bool, str]:
    """Each published ballot is that of one journal entry before the close, and no entry is left over."""
    story = journal.stories.get(_topic(vote), Story())
    if len(story.closed) != 1:
        raise Wrong(f"The journal closes this vote {len(story.closed)} times instead of once.")
    if story.imported or vote.get("imported"):
        return _check_import(vote, journal, story)
    opened, closed = [journal.entry(number) for number in story.opened], journal.entry(story.closed[0])
    if any(entry["details"].get("mode") not in (None, vote["mode"]) for entry in opened):
        raise Wrong(f"The vote was not opened as {vote['mode']}, which the record calls it.")
    standing, cast = _standing(journal, story), closed["details"]["cast"]
    if len(standing) != cast:
        raise Wrong(f"The journal has {len(standing)} ballots, but the vote was closed with {cast}.")
    ballots = _list_of(vote)
    if len(ballots) != cast:
        raise Wrong(f"The list has {len(ballots)} ballots, but the vote was closed with {cast}.")
    if vote["mode"] == "secret":
        if any("commitment" in entry["details"] for entry in standing.values()):
            raise Wrong("The entries of this vote hold commitments, as those of a secret vote never do.")
        raise Unknown(f"Secret vote, {cast} envelopes and ballots: the count is trusted, not proven.")
    if len({ballot["voter"] for ballot in ballots}) != cast:
        raise Wrong("A voter stands twice in the list.")
    if vote["mode"] == "confidential" and not any("salt" in ballot for ballot in ballots):
        raise Unknown(
            f"Confidential vote: {cast} ratings and {cast} entries; which is whose is not published."
        )
    for ballot in ballots:
        number = ballot["number"]
        entry = standing.pop(number, None)
        if entry is None:
            raise Wrong(f"A ballot names entry {number!r}, which is none, was replaced or is used twice.")
        if entry["details"].get("commitment") != _commitment(vote["id"], ballot):
            raise Wrong(f"The ballot of entry {number} is not the one that was cast: the commitment differs.")
    return True, f"All {cast} stand in the journal as cast, each once, before its entry {closed['number']}."


# Details of the above, in the order in which they are called.


def _check_import(vote: Json, journal: Journal, story: Story) -> NoReturn:
    """Ratings loaded from a file have no entries of their own: one entry says so and names the file."""
    if len(story.imported) != 1 or story.opened or story.papers or not vote.get("imported"):
        raise Wrong("The record and the journal do not agree that this vote was imported, and once.")
    entry, closed = journal.entry(story.imported[0])["details"], journal.entry(story.closed[0])["details"]
    if entry["file"] != vote["imported"]["sha256"]:
        raise Wrong("The journal names another file for this vote than the record does.")
    cast = len(_list_of(vote))
    if not cast == entry["cast"] == closed["cast"]:
        raise Wrong(f"The list has {cast} ballots, but {entry['cast']} were imported.")
    raise Unknown(
        f"{cast} ratings were imported from the file with the SHA-256 {_in_groups(entry['file'])} (entry "
        f"{story.imported[0]}): compare them with that file."
    )


def _result(failed: int, left_open: int) -> str:
    if failed:
        return f"DO NOT TRUST THIS BUNDLE: {failed} of its checks failed."
    return "Nothing failed, but read what was not checked." if left_open else "Every check holds."


def _harmless(text: str) -> str:
    """A sentence may quote the bundle, in which line breaks or terminal codes could forge a report."""
    return "".join(sign if sign.isprintable() else "\N{REPLACEMENT CHARACTER}" for sign in text[:600])


def _object(raw: bytes) -> Json:
    """A JSON object in which no key stands twice, for readers differ on which one counts."""

    def once(pairs: list[tuple[str, Any]]) -> Json:
        found = dict(pairs)
        if len(found) != len(pairs):
            raise Wrong("A key stands twice in the same JSON object.")
        return found

    value = json.loads(raw.decode(), object_pairs_hook=once)
    if not isinstance(value, dict):
        raise Wrong("This JSON text is not an object.")
    return value


def _read_vkey(vkey: str) -> tuple[str, Ed25519PublicKey]:
    name, hint, encoded = vkey.split("+", 2)
    raw = _from_base64(encoded)
    if len(raw) != 33 or raw[0] != 1 or not name or any(sign.isspace() for sign in name):
        raise Wrong("A key is not written as its name, key id and Ed25519 key, joined by plus signs.")
    if hint != _key_id(name, raw[1:]).hex():
        raise Wrong("The id of a key does not belong to its name.")
    return name, Ed25519PublicKey.from_public_bytes(raw[1:])


def _key_id(name: str, public: bytes) -> bytes:
    return sha256(name.encode() + b"\n\x01" + public).digest()[:4]


def _from_base64(text: str) -> bytes:
    raw = b64decode(text, validate=True)
    if b64encode(raw).decode() != text:
        raise Wrong("A base64 text is not in its one canonical spelling.")
    return raw


def _in_groups(digits: str) -> str:
    return " ".join(digits[at : at + 4] for at in range(0, len(digits), 4))


def _check_signed(key: Ed25519PublicKey, signature: bytes, message: bytes, what: str) -> None:
    try:
        key.verify(signature, message)
    except InvalidSignature:
        raise Wrong(f"The signature does not fit {what}: one was altered, or another key signed.") from None


def _no_fraction(text: str) -> NoReturn:
    raise Wrong(f"The journal has no fractions, but {text[:40]} stands in it.")


_decoder = json.JSONDecoder(parse_float=_no_fraction, parse_constant=_no_fraction)
_encoder = json.JSONEncoder(sort_keys=True, ensure_ascii=False, allow_nan=False, separators=(",", ":"))

# The common line, whose canonical form can be seen: up to four flat facts, texts without escapes. Reading it
# this way takes a quarter of the time that parsing and writing it again takes.
_TEXT = r'"[^"\\\x00-\x1f]*"'
_FACT = rf'"([a-z0-9_]+)":(?:{_TEXT}|0|-?[1-9][0-9]{{0,14}}|true|false|null)'
_plain_line = re.compile(
    rf'\{{"actor":(?:null|[1-9][0-9]{{0,14}}),"at":{_TEXT},"details":\{{'
    rf"(?:{_FACT}(?:,{_FACT}(?:,{_FACT}(?:,{_FACT})?)?)?)?"
    rf'\}},"kind":"([a-z_]+)","number":([1-9][0-9]{{0,14}}),"topic":"([a-z0-9-]+)"\}}'
)


def _read_line(line: str, number: int) -> tuple[str, str]:
    """Topic and kind of the entry on a line; Wrong if it is not canonical or has another number."""
    plain = _plain_line.fullmatch(line)
    if plain:
        first, second, third, fourth, kind, stated, topic = plain.groups()
        if stated == str(number) and (not second or _in_order(first, second, third, fourth)):
            return topic, kind
    entry, end = _decoder.raw_decode(line)
    if type(entry) is not dict or entry.keys() != ENTRY_KEYS:
        raise Wrong(f"Line {number} of the journal is not an entry.")
    if type(entry["number"]) is not int or entry["number"] != number:
        raise Wrong(f"Line {number} of the journal has another number: an entry was dropped, added or moved.")
    if [type(entry[key]) for key in ("topic", "kind", "details")] != [str, str, dict]:
        raise Wrong(f"Topic, kind or details of entry {number} are not what they have to be.")
    if end != len(line) or _encoder.encode(entry) != line:
        raise Wrong(f"Line {number} of the journal is not in canonical form (RFC 8785).")
    _check_values(entry, number)
    return entry["topic"], entry["kind"]


def _in_order(first: str, second: str, third: str | None, fourth: str | None) -> bool:
    return first < second and (not third or (second < third and (not fourth or third < fourth)))


def _check_values(value: Any, number: int) -> None:
    """What Python would write in another way than RFC 8785 does, or does not read as others do."""
    if type(value) is int and abs(value) > LARGEST_INTEGER:
        raise Wrong(f"Entry {number} has an integer beyond 2^53, which JSON readers round.")
    if type(value) is dict and not all(key.isascii() for key in value):
        raise Wrong(f"Entry {number} has a key that is not ASCII: Python would sort it in another way.")
    if type(value) in (dict, list):
        for inner in value.values() if type(value) is dict else value:
            _check_values(inner, number)


def _tell(story: Story, kind: str, number: int) -> None:
    if kind in BALLOT_KINDS:
        story.papers.append(number)
    elif kind == "vote_closed":
        story.closed.append(number)
    elif kind == "vote_opened":
        story.opened.append(number)
    elif kind == "vote_imported":
        story.imported.append(number)


def _node(left: bytes, right: bytes) -> bytes:
    return sha256(b"\x01" + left + right).digest()


def _levels(leaves: list[bytes]) -> list[list[bytes]]:
    levels = [leaves]
    while len(level := levels[-1]) > 1:
        levels.append([_node(left, right) for left, right in zip(level[::2], level[1::2], strict=False)])
    return levels


def _root(levels: Sequence[Sequence[bytes]], size: int) -> bytes:
    """The RFC 6962 root of the first `size` leaves: its perfect subtrees, joined from the smallest on."""
    root = b""
    for height in range(size.bit_length()):
        if size >> height & 1:
            subtree = levels[height][(size >> height) - 1]
            root = _node(subtree, root) if root else subtree
    return root or sha256(b"").digest()


def _read_checkpoint(note: str, keys: Keys) -> Checkpoint:
    """The size and root of a C2SP checkpoint. Signature lines of other keys (witnesses) are passed over."""
    body, gap, signed = note.rpartition("\n\n")
    if not gap or not signed.endswith("\n") or re.search(r"[\x00-\x09\x0b-\x1f]", note):
        raise Wrong("A checkpoint is not a signed note: a text, an empty line and signature lines.")
    ours = []
    for line in signed[:-1].split("\n"):
        dash, name, encoded = line.split(" ")
        raw = _from_base64(encoded)
        if dash != "—" or not name or "+" in name or any(sign.isspace() for sign in name) or len(raw) < 5:
            raise Wrong("A signature line of a checkpoint is not in its form.")
        if name == keys.name and raw[:4] == _key_id(name, keys.public.public_bytes_raw()):
            ours.append(raw[4:])
    if not ours:
        raise Wrong(f"A checkpoint has no signature of {keys.name} with the key of this bundle.")
    for signature in ours:
        _check_signed(keys.public, signature, f"{body}\n".encode(), "a checkpoint")
    origin, size, root = body.split("\n")
    if origin != keys.name or not re.fullmatch("0|[1-9][0-9]{0,15}", size) or len(_from_base64(root)) != 32:
        raise Wrong("A checkpoint does not have the three lines of this journal: origin, size and root.")
    return Checkpoint(int(size), _from_base64(root))


def _leads_to_root(index: int, size: int, leaf: bytes, way: Iterable[bytes], root: bytes) -> bool:
    """An inclusion proof as in RFC 9162, 2.1.3.2."""
    at, last, node = index, size - 1, leaf
    for sibling in way:
        if last == 0 or len(sibling) != 32:
            return False
        if at & 1 or at == last:
            node = _node(sibling, node)
            while at and not at & 1:
                at, last = at >> 1, last >> 1
        else:
            node = _node(node, sibling)
        at, last = at >> 1, last >> 1
    return last == 0 and node == root


def _topic(vote: Json) -> str:
    if type(vote["id"]) not in (int, str):
        raise Wrong("The id of a vote is neither a number nor a text.")
    return f"vote-{vote['id']}"


def _list_of(vote: Json) -> list[Json]:
    if vote["ballots"] is None:
        raise Unknown("The list of this vote is not published, so nothing can be counted anew.")
    ballots: list[Json] = vote["ballots"]
    return ballots


def _check_sum(counts: Iterable[Any], expected: int) -> None:
    total = 0
    for count in counts:
        if type(count) is not int or count < 0:
            raise Wrong("A count is not a whole number from 0.")
        total += count
    if total != expected:
        raise Wrong(f"The counts add up to {total}, the list has {expected} ballots.")


def _standing(journal: Journal, story: Story) -> dict[int, Json]:
    """The entries that count at the close, by number: a changed ballot replaces the one it names."""
    standing: dict[int, Json] = {}
    first, last = max(story.opened, default=0), story.closed[0]
    for number in story.papers:
        entry = journal.entry(number)
        kind = entry["kind"]
        if not first < number < last:
            raise Wrong(f"Entry {number} is a ballot outside the time between opening and close.")
        if kind != "ballot_cast" and standing.pop(entry["details"].get("supersedes"), None) is None:
            raise Wrong(f"Entry {number} replaces a ballot but does not name a valid one in `supersedes`.")
        if kind != "ballot_set_aside":  # whose voter was recused while the vote was open
            standing[number] = entry
    return standing


def _commitment(vote_id: int | str, ballot: Json) -> str:
    parts = {key: ballot.get(key) for key in ("voter", "choice", "rating", "reason", "salt")}
    return sha256(canonical({"vote": vote_id, **parts})).hexdigest()


if __name__ == "__main__":
    sys.exit(main())
