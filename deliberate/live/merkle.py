"""The RFC 6962 tree over the journal: its root, its proofs. Pure: bytes in, bytes or verdict out."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from hashlib import sha256

HASH_BYTES = 32
EMPTY_ROOT = sha256(b"").digest()


def leaf_hash(data: bytes) -> bytes:
    return sha256(b"\x00" + data).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """Another first byte than a leaf, so that no entry can pass for an inner node."""
    return sha256(b"\x01" + left + right).digest()


@dataclass(frozen=True, slots=True)
class Frontier:
    """All that an append needs of the tree: the roots of its perfect subtrees, the largest first."""

    size: int = 0
    peaks: tuple[bytes, ...] = ()

    def __post_init__(self) -> None:
        if self.size < 0 or len(self.peaks) != self.size.bit_count():
            raise ValueError(
                f"A tree of {self.size} leaves does not have {len(self.peaks)} perfect subtrees."
            )

    def append(self, leaf_hash: bytes) -> Frontier:
        """The tree with one leaf more. Takes a leaf's hash, as every function below."""
        return self.extend((leaf_hash,))

    def extend(self, leaf_hashes: Iterable[bytes]) -> Frontier:
        """The tree with all these leaves, as if appended one by one."""
        size, peaks = self.size, list(self.peaks)
        for node in leaf_hashes:
            if len(node) != HASH_BYTES:
                raise ValueError("A leaf hash has 32 bytes.")
            merged, above = size, node
            while merged & 1:
                above = node_hash(peaks.pop(), above)
                merged >>= 1
            peaks.append(above)
            size += 1
        return Frontier(size, tuple(peaks))

    def root(self) -> bytes:
        if not self.peaks:
            return EMPTY_ROOT
        node = self.peaks[-1]
        for peak in reversed(self.peaks[:-1]):
            node = node_hash(peak, node)
        return node

    def to_text(self) -> str:
        """For one database column: `size:peaks`, the peaks in hex."""
        return f"{self.size}:{b''.join(self.peaks).hex()}"

    @classmethod
    def from_text(cls, text: str) -> Frontier:
        """The inverse of `to_text`, which refuses every other spelling with ValueError."""
        size, _, peaks = text.partition(":")
        raw = bytes.fromhex(peaks)
        frontier = cls(int(size), tuple(raw[at : at + HASH_BYTES] for at in range(0, len(raw), HASH_BYTES)))
        if len(raw) % HASH_BYTES or frontier.to_text() != text:
            raise ValueError(
                "This is not the text of a tree: decimal size, a colon, 64 hex digits per subtree."
            )
        return frontier


def root_of(leaf_hashes: Sequence[bytes]) -> bytes:
    level = leaf_hashes
    while len(level) > 1:
        above = [node_hash(left, right) for left, right in zip(level[::2], level[1::2], strict=False)]
        if len(level) % 2:
            above.append(level[-1])  # a last node without a neighbour rises unchanged, as in RFC 6962
        level = above
    return level[0] if level else EMPTY_ROOT


def inclusion_proof(index: int, leaf_hashes: Sequence[bytes]) -> list[bytes]:
    """The hashes beside the way from leaf `index` (from 0) up to the root, the lowest first."""
    size = len(leaf_hashes)
    if not 0 <= index < size:
        raise ValueError(f"There is no leaf {index} in a tree of {size}.")
    if size == 1:
        return []
    split = _split(size)
    left, right = leaf_hashes[:split], leaf_hashes[split:]
    if index < split:
        return [*inclusion_proof(index, left), root_of(right)]
    return [*inclusion_proof(index - split, right), root_of(left)]


def verify_inclusion(index: int, size: int, leaf_hash: bytes, proof: Sequence[bytes], root: bytes) -> bool:
    """Whether `proof` leads from the leaf at `index` to the root of a tree of `size` (RFC 9162, 2.1.3.2)."""
    if not 0 <= index < size or any(len(node) != HASH_BYTES for node in (leaf_hash, *proof)):
        return False
    at, last, node = index, size - 1, leaf_hash
    for sibling in proof:
        if last == 0:
            return False
        if at & 1 or at == last:
            node = node_hash(sibling, node)
            at, last = _rise(at, last)
        else:
            node = node_hash(node, sibling)
        at, last = at >> 1, last >> 1
    return last == 0 and node == root


def consistency_proof(old_size: int, leaf_hashes: Sequence[bytes]) -> list[bytes]:
    """The hashes that show the tree of the first `old_size` leaves in the whole; none for equal sizes."""
    if not 0 < old_size <= len(leaf_hashes):
        raise ValueError(f"Nothing shows a tree of {old_size} leaves inside one of {len(leaf_hashes)}.")
    return _consistency(old_size, leaf_hashes, known=True)


def verify_consistency(
    old_size: int, size: int, old_root: bytes, root: bytes, proof: Sequence[bytes]
) -> bool:
    """Whether the tree of `size` only added to the tree of `old_size` (RFC 9162, 2.1.4.2).

    An empty old tree is refused: everything would be consistent with it, so the answer would mean nothing.
    """
    if not 0 < old_size <= size or any(len(node) != HASH_BYTES for node in proof):
        return False
    if old_size == size:
        return not proof and old_root == root
    # A perfect old tree is itself the first node of the way, and the proof leaves it out.
    way = [old_root, *proof] if old_size.bit_count() == 1 else list(proof)
    at, last = old_size - 1, size - 1
    while at & 1:
        at, last = at >> 1, last >> 1
    if len(way) < 2:  # between different sizes there is always a node to add
        return False
    old_node = node = way[0]
    for sibling in way[1:]:
        if last == 0:
            return False
        if at & 1 or at == last:
            old_node, node = node_hash(sibling, old_node), node_hash(sibling, node)
            at, last = _rise(at, last)
        else:
            node = node_hash(node, sibling)
        at, last = at >> 1, last >> 1
    return last == 0 and old_node == old_root and node == root


def _split(size: int) -> int:
    """The largest power of two below `size`: how many leaves stand on the left."""
    return 1 << (size - 1).bit_length() - 1


def _rise(at: int, last: int) -> tuple[int, int]:
    """Past the levels at which a right-most node rose unchanged: no hash of them is in a proof."""
    while at and not at & 1:
        at, last = at >> 1, last >> 1
    return at, last


def _consistency(old_size: int, leaf_hashes: Sequence[bytes], *, known: bool) -> list[bytes]:
    """`known`: the root of these leaves is the old root, which the reader has and the proof leaves out."""
    size = len(leaf_hashes)
    if old_size == size:
        return [] if known else [root_of(leaf_hashes)]
    split = _split(size)
    left, right = leaf_hashes[:split], leaf_hashes[split:]
    if old_size <= split:
        return [*_consistency(old_size, left, known=known), root_of(right)]
    return [*_consistency(old_size - split, right, known=False), root_of(left)]
