"""What the ORM works out about our models at each opening, kept for the process and the engine.

Tests open a database each: looking through all fields and filters again took a third of a small test.
"""

from typing import Any

from tortoise.models import MetaInfo

# What depends on the engine, of all that `finalise_model` sets; the rest stays as it was.
OF_ENGINE = ("filters", "db_default_fields", "db_complex_fields", "db_native_fields")
finalise = MetaInfo.finalise_model
kept: dict[tuple[type, type], dict[str, Any]] = {}


def finalise_once(meta: MetaInfo) -> None:
    key = (meta._model, meta.db.executor_class)
    if key in kept:
        for name, value in kept[key].items():
            setattr(meta, name, value)
        return
    for name in OF_ENGINE:  # it writes into what it finds, and that may be kept for another engine
        setattr(meta, name, type(getattr(meta, name))())
    finalise(meta)
    if meta._model.__module__.startswith("deliberate."):  # migrations make models of their own
        kept[key] = {name: getattr(meta, name) for name in OF_ENGINE}


def keep_finalised() -> None:
    """From now on, in this process."""
    MetaInfo.finalise_model = finalise_once  # type: ignore
