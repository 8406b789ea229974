"""What the ORM works out about our models at each opening, kept for the process and the engine.

Tests open a database each: looking through all fields and filters again, and putting together the statements
that insert, took a third of a small test.
"""

from typing import Any

from tortoise.apps import Apps
from tortoise.backends.base import executor
from tortoise.models import Model

from deliberate.live import database

# What depends on the engine, of all that is set when querysets are built; the rest stays as it was.
OF_ENGINE = (
    *("filters", "db_default_fields", "db_complex_fields", "db_native_fields"),
    *("basetable", "basequery", "basequery_all_fields"),
)
build = Apps._build_initial_querysets
kept: dict[tuple[type[Model], type], dict[str, Any]] = {}


class Statements(dict[Any, Any]):
    """Tortoise keeps statements by the name of a connection. Those of another engine are put by, not lost."""

    def __init__(self) -> None:
        self.engine: type | None = None
        self.put_by: dict[type | None, dict[Any, Any]] = {}

    def clear(self) -> None:
        """What the product does for fear of another engine's: here, `use` sees to it."""

    def use(self, engine: type) -> None:
        if engine is not self.engine:
            self.put_by[self.engine] = dict(self)
            super().clear()
            self.engine = engine
            self.update(self.put_by.get(engine, {}))


def build_once(apps: Apps) -> None:
    models = [model for app in apps.apps.values() for model in app.values()]
    engine = models[0]._meta.db.executor_class
    if all((model, engine) in kept for model in models):
        for model in models:
            for name, value in kept[model, engine].items():
                setattr(model._meta, name, value)
    else:
        for model in models:  # it writes into what it finds, and that may be kept for another engine
            model._meta.filters = {}
            for name in ("db_default_fields", "db_complex_fields", "db_native_fields"):
                setattr(model._meta, name, type(getattr(model._meta, name))())
        build(apps)
        if models[0].__module__.startswith("deliberate."):  # migrations make models of their own
            kept.update(
                {
                    (model, engine): {name: getattr(model._meta, name) for name in OF_ENGINE}
                    for model in models
                }
            )
    if isinstance(executor.EXECUTOR_CACHE, Statements):
        executor.EXECUTOR_CACHE.use(engine)


def keep_finalised() -> None:
    """From now on, in this process."""
    Apps._build_initial_querysets = build_once  # type: ignore
    executor.EXECUTOR_CACHE = vars(database)["EXECUTOR_CACHE"] = Statements()
