"""Compiled templates, kept for the run: tests make an application each, and compiling costs a second."""

import os
from functools import partial
from pathlib import Path
from types import CodeType

from jinja2 import Environment, FileSystemBytecodeCache
from jinja2.bccache import Bucket

from deliberate.web import answers
from tests.support.postgres_server import RUN


class Kept(FileSystemBytecodeCache):
    """In this process, and on disk for the other processes of the run."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(mode=0o700, exist_ok=True)
        super().__init__(str(folder))
        self.kept: dict[tuple[str, str], CodeType] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        bucket.code = self.kept.get((bucket.key, bucket.checksum))
        if bucket.code is None:
            super().load_bytecode(bucket)
            self.keep(bucket)

    def dump_bytecode(self, bucket: Bucket) -> None:
        super().dump_bytecode(bucket)
        self.keep(bucket)

    def keep(self, bucket: Bucket) -> None:
        if bucket.code is not None:
            self.kept[bucket.key, bucket.checksum] = bucket.code


def keep_compiled() -> None:
    """From now on, in this process. What changed is compiled again: its checksum is compared."""
    if vars(answers)["Environment"] is Environment:
        cache = Kept(Path(os.environ[RUN]) / "templates")
        vars(answers)["Environment"] = partial(Environment, bytecode_cache=cache)
