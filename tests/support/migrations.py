"""New migrations for what changed in the models, of one package or of all: `make migrations`.

The command of Tortoise goes through packages in the order of the alphabet, lets migrations depend on those of
other packages, and removes and alters; ours add, and the story is their order. Unique indexes are written by
hand, as SQL.
"""

import asyncio
import sys
from collections.abc import Iterable, Iterator

from tortoise import Tortoise
from tortoise.connection import get_connection
from tortoise.migrations.autodetector import MigrationAutodetector
from tortoise.migrations.operations import AddField, CreateModel, Operation, RemoveField
from tortoise.migrations.schema_generator.state import State
from tortoise.migrations.writer import MigrationWriter

from deliberate.live.database import APPS, InStoryOrder, config


class Detector(MigrationAutodetector):
    async def _project_state(self) -> State:
        executor = InStoryOrder(get_connection("default"), self.apps_config)
        executor.loader = self.loader
        return await executor._project_state(set(self.loader.graph.nodes))

    def _dependencies_for_app(self, app_label: str, new_state: State) -> list[tuple[str, str]]:
        return [(key.app_label, key.name) for key in self._leaf_nodes(app_label)]


async def missing() -> list[MigrationWriter]:
    """The tables and columns that the migrations lack, package by package."""
    found = config("sqlite://:memory:")
    async with await Tortoise.init(config=found, init_connections=False) as context:
        assert context.apps
        writers = await Detector(context.apps, found["apps"]).changes()
    for writer in writers:
        writer.operations = list(additions(writer.operations))
    return [writer for writer in writers if writer.operations]


def additions(operations: Iterable[Operation]) -> Iterator[Operation]:
    removed = {(each.model_name, each.name) for each in operations if isinstance(each, RemoveField)}
    for each in operations:
        is_new_column = isinstance(each, AddField) and (each.model_name, each.name) not in removed
        if is_new_column or isinstance(each, CreateModel):
            yield each


if __name__ == "__main__":
    wanted = sys.argv[1:] or APPS
    for writer in asyncio.run(missing()):
        if writer.app_label in wanted:
            print(writer.write())
