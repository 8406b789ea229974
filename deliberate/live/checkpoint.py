"""What a journal says of itself in writing: signed checkpoints, and proofs on them. Pure but for the key.

The formats are those of C2SP, to the letter, so that other people's witnesses and verifiers can read them:
c2sp.org/signed-note, c2sp.org/tlog-checkpoint and c2sp.org/tlog-proof@v1. What is refused raises ValueError.
"""

from __future__ import annotations

import re
from base64 import b64decode, b64encode
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from hashlib import sha256

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

ED25519 = b"\x01"  # the signature type of C2SP signed notes
PROOF_HEADER = "c2sp.org/tlog-proof@v1"
MOST_SIGNATURES = 100
_CONTROL = re.compile(r"[\x00-\x09\x0b-\x1f]")
_NUMBER = re.compile(r"0|[1-9][0-9]{0,15}")


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """The signed statement that the journal `origin` had `size` entries under this root."""

    origin: str
    size: int
    root: bytes


@dataclass(frozen=True, slots=True)
class Proof:
    """The way from the entry at `index` (from 0) to the root of a checkpoint, which is not yet verified."""

    index: int
    hashes: tuple[bytes, ...]
    checkpoint: str


class CheckpointSigner:
    """Signs for one journal. The caller answers for the sizes: never a smaller or a divergent one."""

    def __init__(self, origin: str, private_key: Ed25519PrivateKey) -> None:
        self.origin = _checked_name(origin)
        self.public_key = private_key.public_key()
        self._private_key = private_key

    @property
    def vkey(self) -> str:
        return write_vkey(self.origin, self.public_key)

    def sign(self, size: int, root: bytes) -> str:
        if size < 0 or len(root) != 32:
            raise ValueError("A checkpoint has a size from 0 and a root of 32 bytes.")
        return self.sign_note(f"{self.origin}\n{size}\n{_to_base64(root)}\n")

    def sign_note(self, text: str) -> str:
        if not text.endswith("\n") or _CONTROL.search(text):
            raise ValueError("The text of a note ends in a line break and has no other control character.")
        signature = key_id(self.origin, self.public_key) + self._private_key.sign(text.encode())
        return f"{text}\n— {self.origin} {_to_base64(signature)}\n"


def read_checkpoint(text: str, key_name: str, public_key: Ed25519PublicKey) -> Checkpoint:
    """What `text` states, once the signature of `key_name` on it has been verified."""
    lines = open_note(text, key_name, public_key).split("\n")
    if len(lines) != 4:
        raise ValueError("A checkpoint has three lines before its empty line: origin, size and root.")
    origin, size, root, _ = lines
    if origin != key_name:
        raise ValueError(f"This checkpoint belongs to the journal {origin!r}, not to {key_name!r}.")
    return Checkpoint(origin, _number(size, "The size"), _hash(root, "The root"))


def open_note(note: str, key_name: str, public_key: Ed25519PublicKey) -> str:
    """The text of a signed note. Lines of unknown keys (witnesses) are passed over; one of ours must hold."""
    if _CONTROL.search(note):
        raise ValueError("A signed note has no control characters but line breaks.")
    body, gap, signatures = note.rpartition("\n\n")
    if not gap or not body or not signatures.endswith("\n"):
        raise ValueError(
            "A signed note is a text, an empty line and signature lines, each with its line break."
        )
    text, ours = body + "\n", key_id(key_name, public_key)
    found = [
        signature[4:]
        for name, signature in _signature_lines(signatures)
        if name == key_name and signature[:4] == ours
    ]
    if not found:
        raise ValueError(f"No signature line of this note belongs to the key {key_name!r}.")
    try:
        for signature in found:
            public_key.verify(signature, text.encode())
    except (InvalidSignature, UnicodeEncodeError) as cause:
        raise ValueError(
            f"The signature of {key_name!r} does not fit the text: one of them was altered."
        ) from cause
    return text


def write_proof(index: int, hashes: Sequence[bytes], checkpoint: str) -> str:
    """An inclusion proof that can be verified alone, its signed checkpoint included verbatim."""
    return "\n".join([PROOF_HEADER, f"index {index}", *map(_to_base64, hashes), "", checkpoint])


def read_proof(text: str) -> Proof:
    """The parts of a proof. The optional `extra` line is refused: nothing would authenticate it."""
    head, gap, checkpoint = text.partition("\n\n")
    header, *lines = head.split("\n")
    if header != PROOF_HEADER or not gap:
        raise ValueError(
            f"A proof begins with the line {PROOF_HEADER} and has an empty line before its checkpoint."
        )
    if not lines or not lines[0].startswith("index "):
        raise ValueError("The second line of a proof names the index of its entry.")
    index = _number(lines[0].removeprefix("index "), "The index")
    return Proof(index, tuple(_hash(line, "A line of the proof") for line in lines[1:]), checkpoint)


def write_vkey(key_name: str, public_key: Ed25519PublicKey) -> str:
    """The key as one line of text, as C2SP tools exchange it: name, key id and key, joined by plus signs."""
    raw = ED25519 + public_key.public_bytes_raw()
    return f"{_checked_name(key_name)}+{key_id(key_name, public_key).hex()}+{_to_base64(raw)}"


def read_vkey(vkey: str) -> tuple[str, Ed25519PublicKey]:
    name, _, rest = vkey.partition("+")
    _, _, encoded = rest.partition("+")
    raw = _from_base64(encoded, "The key")
    if len(raw) != 33 or raw[:1] != ED25519:
        raise ValueError(
            "This is not the text of an Ed25519 key: name, key id and key, joined by plus signs."
        )
    public_key = Ed25519PublicKey.from_public_bytes(raw[1:])
    if write_vkey(name, public_key) != vkey:
        raise ValueError("The key id does not belong to this name and key: one of them was altered.")
    return name, public_key


def key_id(key_name: str, public_key: Ed25519PublicKey) -> bytes:
    """Four bytes that tell keys apart. A hint only: what counts is the signature."""
    return sha256(key_name.encode() + b"\n" + ED25519 + public_key.public_bytes_raw()).digest()[:4]


def fingerprint(public_key: Ed25519PublicKey) -> str:
    return sha256(public_key.public_bytes_raw()).hexdigest()


def in_groups(fingerprint: str) -> str:
    """A fingerprint as people read it aloud: groups of four hex digits."""
    return " ".join(fingerprint[at : at + 4] for at in range(0, len(fingerprint), 4))


def _signature_lines(signatures: str) -> Iterator[tuple[str, bytes]]:
    lines = signatures[:-1].split("\n")
    if len(lines) > MOST_SIGNATURES:
        raise ValueError(f"This note has more than {MOST_SIGNATURES} signature lines.")
    for line in lines:
        dash, _, rest = line.partition(" ")
        name, _, encoded = rest.partition(" ")
        if dash != "—":
            raise ValueError("A signature line begins with an em dash and a space.")
        signature = _from_base64(encoded, "A signature")
        if len(signature) < 5:
            raise ValueError("A signature line holds a key id of four bytes and a signature.")
        yield _checked_name(name), signature


def _checked_name(name: str) -> str:
    if not name or "+" in name or any(sign.isspace() for sign in name) or _CONTROL.search(name):
        raise ValueError("The name of a key is not empty and has neither spaces nor plus signs.")
    return name


def _number(text: str, what: str) -> int:
    if not _NUMBER.fullmatch(text):
        raise ValueError(f"{what} is a decimal number without sign or leading zeros, not {text[:40]!r}.")
    return int(text)


def _hash(text: str, what: str) -> bytes:
    raw = _from_base64(text, what)
    if len(raw) != 32:
        raise ValueError(f"{what} is a hash of 32 bytes, not of {len(raw)}.")
    return raw


def _to_base64(raw: bytes) -> str:
    return b64encode(raw).decode()


def _from_base64(text: str, what: str) -> bytes:
    try:
        raw = b64decode(text, validate=True)
    except ValueError as cause:
        raise ValueError(f"{what} is not base64.") from cause
    if _to_base64(raw) != text:  # the same bytes have other spellings, and a signed text has one
        raise ValueError(f"{what} is not in the one spelling that base64 has for its bytes.")
    return raw
