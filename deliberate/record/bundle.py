"""The signed bundle of a record: one file, every byte of which the verifier covers. Pure but for the key.

What it holds and how it is checked stands in TRUST.md section 3. `verifier` writes the archive, since it has
to rebuild it byte for byte.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from hashlib import sha256
from importlib.resources import files as resources

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from deliberate.live.checkpoint import CheckpointSigner, fingerprint, read_vkey, write_proof
from deliberate.live.merkle import inclusion_proof, leaf_hash, root_of
from deliberate.record import verifier

WRITTEN_HERE = {"README.txt", "verify.py", "manifest.json", "manifest.sig"}
README = """\
CE QUE CONTIENT CE FICHIER
Le relevé signé d'une évaluation (record.json, et record.html pour la lecture), le journal complet de la
procédure (journal.jsonl), le point de contrôle signé de ce journal (checkpoint), la preuve que le relevé y a
été scellé (proof) et le programme qui vérifie le tout hors ligne (verify.py, qui demande Python 3.11 ou plus
récent et le paquet cryptography) :

    python verify.py RELEVE.zip --fingerprint EMPREINTE --checkpoint ANCIEN_POINT_DE_CONTROLE

L'empreinte est imprimée dans les comptes rendus : ne la prenez jamais dans ce fichier. Prenez de préférence
verify.py à une source de confiance : qui falsifie un relevé peut aussi falsifier le programme joint.

WHAT THIS FILE CONTAINS
The signed record of an assessment (record.json, and record.html for reading), the whole journal of its
proceedings (journal.jsonl), the signed checkpoint of that journal (checkpoint), the proof that the record was
sealed in it (proof) and the program that verifies all of this offline (verify.py, which needs Python 3.11 or
later and the package cryptography):

    python verify.py RECORD.zip --fingerprint FINGERPRINT --checkpoint OLDER_CHECKPOINT

The fingerprint is printed in the minutes: never take it from this file. Prefer a verify.py from a source you
trust: whoever forges a record can also forge the program that comes with it.
"""


def journal_files(lines: Sequence[bytes], sealed: int, signer: CheckpointSigner) -> dict[str, bytes]:
    """Journal, checkpoint, proof and keys for a bundle.

    `lines` are the canonical bytes of all entries, the data of the tree's leaves; `sealed` is the number of
    the entry that seals the record.
    """
    leaves = [leaf_hash(line) for line in lines]
    checkpoint = signer.sign(len(leaves), root_of(leaves))
    proof = write_proof(sealed - 1, inclusion_proof(sealed - 1, leaves), checkpoint)
    keys = {"fingerprint": fingerprint(signer.public_key), "vkeys": [signer.vkey]}
    return {
        "journal.jsonl": b"".join(line + b"\n" for line in lines),
        "checkpoint": checkpoint.encode(),
        "proof": proof.encode(),
        "keys.json": verifier.canonical(keys),
    }


def write_bundle(files: Mapping[str, bytes], private_key: Ed25519PrivateKey) -> bytes:
    """The bundle of `files`, to which it adds read-me, verifier, manifest and signature."""
    _check_files(files, private_key)
    content = {
        **files,
        "README.txt": README.encode(),
        "verify.py": resources("deliberate.record").joinpath("verifier.py").read_bytes(),
    }
    listed = {name: {"sha256": sha256(raw).hexdigest(), "size": len(raw)} for name, raw in content.items()}
    manifest = verifier.canonical({"format": verifier.FORMAT, "members": listed})
    content["manifest.json"] = manifest
    content["manifest.sig"] = private_key.sign(manifest).hex().encode() + b"\n"
    data = b"".join(
        verifier.archive_parts({name: content[name] for name in verifier.MEMBERS if name in content})
    )
    if len(data) > verifier.MOST_BYTES:
        raise ValueError("A bundle has at most 1 GiB, for a verifier reads no larger one.")
    return data


def read_bundle(data: bytes) -> dict[str, bytes]:
    """The files of a bundle whose archive is sound. Nothing else is checked: `verifier.verify` does that."""
    members, _ = verifier.read_archive(data)
    return members


def _check_files(files: Mapping[str, bytes], private_key: Ed25519PrivateKey) -> None:
    expected = set(verifier.MEMBERS) - WRITTEN_HERE
    if wrong := (files.keys() ^ expected) - (verifier.OPTIONAL - files.keys()):
        raise ValueError(f"A bundle has too little or too much here: {', '.join(sorted(wrong))}.")
    vkeys: list[str] = json.loads(files["keys.json"])["vkeys"]
    _, key = read_vkey(vkeys[0])
    if fingerprint(key) != fingerprint(private_key.public_key()):
        raise ValueError("The key that signs a bundle is the one that keys.json names first.")
