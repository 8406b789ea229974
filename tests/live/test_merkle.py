"""The tree against the known vectors of RFC 6962 implementations, and every proof against its mutations."""

from collections.abc import Iterator, Sequence
from hashlib import sha256

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from deliberate.live.merkle import (
    EMPTY_ROOT,
    Frontier,
    consistency_proof,
    inclusion_proof,
    leaf_hash,
    node_hash,
    root_of,
    verify_consistency,
    verify_inclusion,
)

# Eight leaves, their roots and proofs, with which certificate-transparency and transparency-dev/merkle test.
LEAVES = [
    bytes.fromhex(text)
    for text in [
        "",
        "00",
        "10",
        "2021",
        "3031",
        "40414243",
        "5051525354555657",
        "606162636465666768696a6b6c6d6e6f",
    ]
]
ROOTS = [
    bytes.fromhex(text)
    for text in [
        "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
        "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
        "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
        "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
        "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
        "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
        "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
    ]
]
A = "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7"
B = "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e"
C = "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4"
D = "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b"
E = "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0"
F = "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a"
G = "b08693ec2e721597130641e8211e7eedccb4c26413963eee6c1e2ed16ffb1a5f"
INCLUSION = [  # index, size, proof
    (0, 1, []),
    (0, 8, [A, B, C]),
    (5, 8, [D, E, ROOTS[3].hex()]),
    (2, 3, [ROOTS[1].hex()]),
    (1, 5, [ROOTS[0].hex(), B, D]),
]
CONSISTENCY = [  # old size, size, proof
    (1, 1, []),
    (1, 8, [A, B, C]),
    (6, 8, [F, E, ROOTS[3].hex()]),
    (2, 5, [B, D]),
    (6, 7, [F, G, ROOTS[3].hex()]),
]
MANY = [leaf_hash(str(number).encode()) for number in range(200)]
MANY_ROOTS = [root_of(MANY[:size]) for size in range(201)]
OTHER = sha256(b"something else").digest()

sizes = st.integers(1, 200)


def mutations(proof: Sequence[bytes]) -> Iterator[list[bytes]]:
    """Every way to spoil a proof by one step: a bit, a node less or more, two nodes swapped."""
    for at, node in enumerate(proof):
        yield [*proof[:at], bytes([node[0] ^ 8]) + node[1:], *proof[at + 1 :]]
        yield [*proof[:at], node[:-1], *proof[at + 1 :]]
        yield [*proof[:at], *proof[at + 1 :]]
    for extra in (b"", OTHER, *proof[:1]):
        yield [*proof, extra]
        yield [extra, *proof]
    for at in range(len(proof) - 1):
        yield [*proof[:at], proof[at + 1], proof[at], *proof[at + 2 :]]


def test_the_known_roots_come_out():
    hashes = [leaf_hash(leaf) for leaf in LEAVES]
    assert root_of([]) == EMPTY_ROOT == Frontier().root() == sha256(b"").digest()
    assert [root_of(hashes[:size]) for size in range(1, 9)] == ROOTS


def test_a_leaf_cannot_pass_for_an_inner_node():
    left, right = leaf_hash(b"left"), leaf_hash(b"right")
    assert leaf_hash(left + right) != node_hash(left, right)
    assert node_hash(left, right) != node_hash(right, left)


@pytest.mark.parametrize(("index", "size", "known"), INCLUSION)
def test_the_known_inclusion_proofs_are_made_and_verified(index, size, known):
    hashes, root = [leaf_hash(leaf) for leaf in LEAVES[:size]], ROOTS[size - 1]
    proof = inclusion_proof(index, hashes)
    assert [node.hex() for node in proof] == known
    assert verify_inclusion(index, size, hashes[index], proof, root)

    wrong_places = [
        (index - 1, size),
        (index + 1, size),
        (index ^ 2, size),
        (index, size * 2),
        (index, size // 2),
    ]
    assert not any(verify_inclusion(i, n, hashes[index], proof, root) for i, n in wrong_places)
    assert not any(verify_inclusion(index, size, leaf, proof, root) for leaf in (b"", b"WrongLeaf", OTHER))
    assert not any(
        verify_inclusion(index, size, hashes[index], proof, wrong) for wrong in (b"", EMPTY_ROOT, OTHER)
    )
    spoilt = [*mutations(proof), [*proof, root], [root, *proof], [*proof[:1], OTHER, *proof[1:]]]
    assert not any(verify_inclusion(index, size, hashes[index], way, root) for way in spoilt)


@pytest.mark.parametrize(("old_size", "size", "known"), CONSISTENCY)
def test_the_known_consistency_proofs_are_made_and_verified(old_size, size, known):
    old_root, root = ROOTS[old_size - 1], ROOTS[size - 1]
    proof = consistency_proof(old_size, [leaf_hash(leaf) for leaf in LEAVES[:size]])
    assert [node.hex() for node in proof] == known
    assert verify_consistency(old_size, size, old_root, root, proof)

    wrong_sizes = [(old_size - 1, size), (old_size + 1, size), (old_size ^ 2, size), (old_size, size // 2)]
    wrong_sizes += [(old_size, size * 2)]
    assert not any(verify_consistency(old, new, old_root, root, proof) for old, new in wrong_sizes)
    wrong_roots = [(b"WrongRoot", root), (old_root, b"WrongRoot"), (OTHER, root), (old_root, OTHER)]
    assert not any(verify_consistency(old_size, size, old, new, proof) for old, new in wrong_roots)
    spoilt = [*mutations(proof), [*proof, old_root], [*proof, root], [old_root, *proof], [root, *proof]]
    assert not any(verify_consistency(old_size, size, old_root, root, way) for way in spoilt)
    if proof:
        assert not verify_consistency(old_size, size, root, old_root, proof)
        assert not verify_consistency(old_size, size, old_root, root, [])


def test_an_empty_old_tree_and_a_journey_to_the_past_are_refused():
    assert not verify_consistency(0, 0, EMPTY_ROOT, EMPTY_ROOT, [])
    assert not verify_consistency(0, 1, EMPTY_ROOT, ROOTS[0], [])
    assert not verify_consistency(2, 1, ROOTS[1], ROOTS[0], [])
    assert not verify_inclusion(0, 0, OTHER, [], EMPTY_ROOT)
    for old_size in (0, 3):
        with pytest.raises(ValueError, match="Nothing shows"):
            consistency_proof(old_size, MANY[:2])
    for index in (-1, 2):
        with pytest.raises(ValueError, match="no leaf"):
            inclusion_proof(index, MANY[:2])


@settings(max_examples=300, deadline=None)
@given(sizes, st.data())
def test_every_inclusion_proof_verifies_and_every_mutated_one_fails(size, data):
    index = data.draw(st.integers(0, size - 1))
    proof, root = inclusion_proof(index, MANY[:size]), MANY_ROOTS[size]
    assert verify_inclusion(index, size, MANY[index], proof, root)
    assert not any(verify_inclusion(index, size, MANY[index], way, root) for way in mutations(proof))
    assert not verify_inclusion(index, size, OTHER, proof, root)
    assert not verify_inclusion(index, size, MANY[index], proof, OTHER)
    elsewhere = data.draw(st.integers(-2, size + 2).filter(lambda other: other != index))
    assert not verify_inclusion(elsewhere, size, MANY[index], proof, root)


@settings(max_examples=300, deadline=None)
@given(sizes, st.data())
def test_every_consistency_proof_verifies_and_every_mutated_one_fails(size, data):
    old_size = data.draw(st.integers(1, size))
    proof, old_root, root = consistency_proof(old_size, MANY[:size]), MANY_ROOTS[old_size], MANY_ROOTS[size]
    assert verify_consistency(old_size, size, old_root, root, proof)
    assert not any(verify_consistency(old_size, size, old_root, root, way) for way in mutations(proof))
    assert not verify_consistency(old_size, size, OTHER, root, proof)
    assert not verify_consistency(old_size, size, old_root, OTHER, proof)
    another = data.draw(st.integers(-2, size + 2).filter(lambda other: other != old_size))
    assert not verify_consistency(another, size, old_root, root, proof)


def test_the_frontier_grows_like_the_whole_tree_and_survives_the_database():
    frontier = Frontier()
    for size in range(201):
        assert (frontier.size, frontier.root()) == (size, MANY_ROOTS[size])
        assert Frontier.from_text(frontier.to_text()) == frontier
        if size < 200:
            frontier = frontier.append(MANY[size])


@pytest.mark.parametrize(
    "text",
    ["", "0", "1:", "0:00", "x:", "-1:", " 0:", "00:", f"1:{'AB' * 32}", f"1:{'ab' * 31}", f"2:{'ab' * 64}"],
)
def test_a_damaged_frontier_is_not_read(text):
    with pytest.raises(ValueError, match=r".+"):
        Frontier.from_text(text)


def test_only_hashes_are_appended():
    with pytest.raises(ValueError, match="32 bytes"):
        Frontier().append(b"an entry")
