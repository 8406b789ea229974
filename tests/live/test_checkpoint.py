"""Checkpoints, keys and proofs as text: the vectors of other implementations, and all that is refused."""

import base64

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from deliberate.live.checkpoint import (
    Checkpoint,
    CheckpointSigner,
    Proof,
    fingerprint,
    in_groups,
    key_id,
    open_note,
    read_checkpoint,
    read_proof,
    read_vkey,
    write_proof,
    write_vkey,
)

# From the tests of golang.org/x/mod/sumdb/note, the first implementation of signed notes.
GO_VKEY = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
GO_SECRET = "AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz"
GO_TEXT = (
    "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n"
)
GO_SIGNATURE = "x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM="
GO_NOTE = f"{GO_TEXT}\n— PeterNeumann {GO_SIGNATURE}\n"

NAME = "deliberate.example/assessment-3"
KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
SIGNER = CheckpointSigner(NAME, KEY)
ROOT = bytes(range(100, 132))
NOTE = SIGNER.sign(42, ROOT)
WITNESS = f"— witness.example/w1 {base64.b64encode(b'abcd' + bytes(72)).decode()}\n"


def test_the_go_implementation_would_read_us_and_we_read_it():
    secret = base64.b64decode(GO_SECRET)[1:]
    peter = CheckpointSigner("PeterNeumann", Ed25519PrivateKey.from_private_bytes(secret))
    assert peter.vkey == GO_VKEY
    assert peter.sign_note(GO_TEXT) == GO_NOTE
    name, key = read_vkey(GO_VKEY)
    assert open_note(GO_NOTE, name, key) == GO_TEXT


def test_a_checkpoint_has_the_c2sp_form_and_is_read_back():
    lines = NOTE.split("\n")
    assert lines[:4] == [NAME, "42", base64.b64encode(ROOT).decode(), ""]
    assert lines[4].startswith(f"— {NAME} ") and lines[5:] == [""]
    assert base64.b64decode(lines[4].split(" ")[2])[:4] == key_id(NAME, SIGNER.public_key)
    assert read_checkpoint(NOTE, NAME, SIGNER.public_key) == Checkpoint(NAME, 42, ROOT)


def test_lines_of_witnesses_are_passed_over_before_and_after_ours():
    text, ours = NOTE.split("\n\n")
    for signatures in (ours + WITNESS, WITNESS + ours, WITNESS * 20 + ours):
        assert read_checkpoint(f"{text}\n\n{signatures}", NAME, SIGNER.public_key).size == 42


def test_a_line_with_our_name_and_another_key_is_passed_over_too():
    other = CheckpointSigner(NAME, Ed25519PrivateKey.from_private_bytes(bytes(32))).sign(42, ROOT)
    both = NOTE + other.split("\n\n")[1]
    assert read_checkpoint(both, NAME, SIGNER.public_key).size == 42
    with pytest.raises(ValueError, match="No signature line"):
        read_checkpoint(other, NAME, SIGNER.public_key)


def test_every_altered_character_is_refused():
    for at, sign in enumerate(NOTE):
        for other in {chr(ord(sign) ^ 1), "A", "\n", " "} - {sign}:
            with pytest.raises(ValueError, match=r"\.$"):
                read_checkpoint(NOTE[:at] + other + NOTE[at + 1 :], NAME, SIGNER.public_key)


def test_every_cut_is_refused():
    for at in range(len(NOTE)):
        with pytest.raises(ValueError, match=r"\.$"):
            read_checkpoint(NOTE[:at], NAME, SIGNER.public_key)


@pytest.mark.parametrize(
    "text",
    [
        f"{NAME}\n042\n{base64.b64encode(ROOT).decode()}\n",
        f"{NAME}\n+42\n{base64.b64encode(ROOT).decode()}\n",
        f"{NAME}\n-1\n{base64.b64encode(ROOT).decode()}\n",
        f"{NAME}\n٤٢\n{base64.b64encode(ROOT).decode()}\n",
        f"{NAME}\n{'9' * 20}\n{base64.b64encode(ROOT).decode()}\n",
        f"{NAME}\n42\n{base64.b64encode(ROOT[:31]).decode()}\n",
        f"{NAME}\n42\n{base64.b64encode(ROOT).decode()[:-2]}d=\n",
        f"{NAME}\n42\n{base64.b64encode(ROOT).decode()}\nan extension\n",
        f"{NAME}\n42\n",
        f"another.example/log\n42\n{base64.b64encode(ROOT).decode()}\n",
    ],
)
def test_what_we_signed_but_is_no_checkpoint_of_ours_is_refused(text):
    assert open_note(SIGNER.sign_note(text), NAME, SIGNER.public_key) == text
    with pytest.raises(ValueError, match=r"\.$"):
        read_checkpoint(SIGNER.sign_note(text), NAME, SIGNER.public_key)


@pytest.mark.parametrize(
    "extra",
    [
        "- witness AAAAAAAA\n",
        "— witness\n",
        "— wit+ness AAAAAAAA\n",
        "— witness AAAA\n",
        "— witness AAAAAAA\n",
        "\n",
        "— witness AAAAAAB=\n",
        "—  AAAAAAAA\n",
        "— witness AAAAAAAA\r\n",
        WITNESS * 100,
    ],
)
def test_a_malformed_signature_line_spoils_the_note(extra):
    with pytest.raises(ValueError, match=r"\.$"):
        read_checkpoint(NOTE + extra, NAME, SIGNER.public_key)


def test_a_second_line_of_our_key_has_to_hold_as_well():
    altered = SIGNER.sign(43, ROOT).split("\n\n")[1]
    with pytest.raises(ValueError, match="does not fit"):
        read_checkpoint(NOTE + altered, NAME, SIGNER.public_key)


def test_a_signer_refuses_names_sizes_and_texts_that_nobody_could_read():
    for name in ("", "two words", "a+b", "a\u00a0b", "a\nb"):
        with pytest.raises(ValueError, match="name of a key"):
            CheckpointSigner(name, KEY)
    for size, root in ((-1, ROOT), (1, b"short")):
        with pytest.raises(ValueError, match="size from 0"):
            SIGNER.sign(size, root)
    for text in ("no line break", "bell\a\n"):
        with pytest.raises(ValueError, match="line break"):
            SIGNER.sign_note(text)


def test_a_key_as_text_is_read_back_and_every_altered_character_refused():
    name, key = read_vkey(SIGNER.vkey)
    assert (name, fingerprint(key)) == (NAME, fingerprint(SIGNER.public_key))
    assert SIGNER.vkey == write_vkey(NAME, SIGNER.public_key)
    for vkey in (SIGNER.vkey, GO_VKEY):
        for at, sign in enumerate(vkey):
            with pytest.raises(ValueError, match=r".+"):
                read_vkey(vkey[:at] + chr(ord(sign) + 1) + vkey[at + 1 :])
            with pytest.raises(ValueError, match=r".+"):
                read_vkey(vkey[:at])


def test_a_fingerprint_is_read_aloud_in_groups_of_four():
    hexed = fingerprint(SIGNER.public_key)
    assert len(hexed) == 64
    assert in_groups(hexed).replace(" ", "") == hexed and in_groups("0123456789") == "0123 4567 89"


def test_a_proof_is_read_back_with_its_checkpoint_verbatim():
    for hashes in ((), (ROOT, ROOT[::-1])):
        text = write_proof(7, hashes, NOTE)
        assert text.startswith("c2sp.org/tlog-proof@v1\nindex 7\n")
        assert read_proof(text) == Proof(7, hashes, NOTE)


@pytest.mark.parametrize(
    "text",
    [
        "",
        NOTE,
        f"c2sp.org/tlog-proof@v2\nindex 7\n\n{NOTE}",
        f"c2sp.org/tlog-proof@v1\n\n{NOTE}",
        f"c2sp.org/tlog-proof@v1\nextra AAAA\nindex 7\n\n{NOTE}",
        f"c2sp.org/tlog-proof@v1\nindex 07\n\n{NOTE}",
        f"c2sp.org/tlog-proof@v1\nindex 7\nAAAA\n\n{NOTE}",
        f"c2sp.org/tlog-proof@v1\nindex 7\n{'A' * 42}B=\n\n{NOTE}",
        "c2sp.org/tlog-proof@v1\nindex 7\n",
    ],
)
def test_a_malformed_proof_is_refused(text):
    with pytest.raises(ValueError, match=r"\.$"):
        read_proof(text)
