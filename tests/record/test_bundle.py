"""The bundle as a file: one spelling, opened by any tool, complete. What it says: test_verifier.py."""

import io
import json
import shutil
import subprocess
import zipfile
from hashlib import sha256
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from deliberate.live.checkpoint import CheckpointSigner, fingerprint, read_checkpoint, read_proof
from deliberate.live.merkle import leaf_hash, verify_inclusion
from deliberate.record import verifier
from deliberate.record.bundle import journal_files, read_bundle, write_bundle

KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
SIGNER = CheckpointSigner("deliberate.example/assessment-3", KEY)
LINES = [b'{"number":%d}' % number for number in range(1, 12)]
FILES = {
    "record.json": b'{"votes":[]}',
    "record.html": b"<!doctype html>\n<p>Relev\xc3\xa9</p>\n\xff\x00",
    **journal_files(LINES, 9, SIGNER),
}


def test_what_is_written_is_read_back_in_the_fixed_order():
    files = read_bundle(write_bundle(FILES, KEY))
    assert FILES.items() <= files.items()
    assert list(files) == [name for name in verifier.MEMBERS if name != "ballots.json"]


def test_the_same_files_give_the_same_bytes_in_whatever_order_they_come():
    assert write_bundle(FILES, KEY) == write_bundle(dict(reversed(FILES.items())), KEY)


def test_any_unzip_tool_opens_it(tmp_path):
    data = write_bundle(FILES, KEY)
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        assert archive.testzip() is None and not archive.comment
        assert {name: archive.read(name) for name in archive.namelist()} == read_bundle(data)
        for member in archive.infolist():
            assert (member.compress_type, member.date_time) == (zipfile.ZIP_STORED, (1980, 1, 1, 0, 0, 0))
            assert (member.extra, member.comment, member.external_attr >> 16) == (b"", b"", 0o100644)
    if unzip := shutil.which("unzip"):
        (tmp_path / "bundle.zip").write_bytes(data)
        subprocess.run([unzip, "-tqq", "bundle.zip"], cwd=tmp_path, check=True)


def test_the_manifest_lists_every_other_file_and_is_signed():
    files = read_bundle(write_bundle(FILES, KEY))
    manifest = json.loads(files["manifest.json"])
    assert manifest["format"] == "deliberate-bundle/1"
    assert manifest["members"] == {
        name: {"sha256": sha256(content).hexdigest(), "size": len(content)}
        for name, content in files.items()
        if name not in ("manifest.json", "manifest.sig")
    }
    KEY.public_key().verify(bytes.fromhex(files["manifest.sig"].decode()), files["manifest.json"])


def test_the_reader_gets_the_verifier_itself_and_instructions_in_both_languages():
    files = read_bundle(write_bundle(FILES, KEY))
    assert files["verify.py"] == Path(verifier.__file__).read_bytes()
    assert all(
        word in files["README.txt"].decode() for word in ("L'empreinte", "The fingerprint", "--fingerprint")
    )


def test_journal_checkpoint_and_proof_belong_together():
    assert FILES["journal.jsonl"].split(b"\n") == [*LINES, b""]
    checkpoint = read_checkpoint(FILES["checkpoint"].decode(), SIGNER.origin, SIGNER.public_key)
    proof = read_proof(FILES["proof"].decode())
    assert (checkpoint.size, proof.index, proof.checkpoint) == (11, 8, FILES["checkpoint"].decode())
    assert verify_inclusion(8, 11, leaf_hash(LINES[8]), proof.hashes, checkpoint.root)
    assert json.loads(FILES["keys.json"]) == {
        "fingerprint": fingerprint(KEY.public_key()),
        "vkeys": [SIGNER.vkey],
    }


@pytest.mark.parametrize("name", ["record.json", "journal.jsonl", "checkpoint", "proof", "keys.json"])
def test_a_bundle_without_a_necessary_file_is_not_written(name):
    with pytest.raises(ValueError, match=name):
        write_bundle({key: content for key, content in FILES.items() if key != name}, KEY)


@pytest.mark.parametrize("name", ["verify.py", "manifest.json", "record.pdf", "../record.json", ""])
def test_a_bundle_with_a_file_that_has_no_place_in_it_is_not_written(name):
    with pytest.raises(ValueError, match="too little or too much"):
        write_bundle({**FILES, name: b"?"}, KEY)


def test_page_and_lists_may_be_left_out():
    few = {name: content for name, content in FILES.items() if name != "record.html"}
    assert "record.html" not in read_bundle(write_bundle(few, KEY))
    assert read_bundle(write_bundle({**few, "ballots.json": b'{"votes":[]}'}, KEY))["ballots.json"]


def test_another_key_than_the_one_named_does_not_sign():
    with pytest.raises(ValueError, match="names first"):
        write_bundle(FILES, Ed25519PrivateKey.from_private_bytes(bytes(32)))


def test_an_archive_with_another_spelling_is_not_read():
    data = write_bundle(FILES, KEY)
    repacked = io.BytesIO()
    with zipfile.ZipFile(repacked, "w") as archive:
        for name, content in read_bundle(data).items():
            archive.writestr(name, content)
    for other in (repacked.getvalue(), data + b"\0", b"\0" + data, data[:-1], b""):
        with pytest.raises(ValueError, match=r"\.$"):
            read_bundle(other)
