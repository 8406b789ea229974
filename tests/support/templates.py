"""Compiled templates, kept for the process: tests make an application each, and compiling costs a second."""

from functools import partial

from jinja2 import BytecodeCache, Environment
from jinja2.bccache import Bucket

from deliberate.web import answers


class Kept(BytecodeCache):
    def __init__(self) -> None:
        self.kept: dict[str, bytes] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        if bucket.key in self.kept:
            bucket.bytecode_from_string(self.kept[bucket.key])

    def dump_bytecode(self, bucket: Bucket) -> None:
        self.kept[bucket.key] = bucket.bytecode_to_string()


def keep_compiled() -> None:
    """From now on, in this process. The key holds a hash of the text: what changed is compiled again."""
    if vars(answers)["Environment"] is Environment:
        vars(answers)["Environment"] = partial(Environment, bytecode_cache=Kept())
