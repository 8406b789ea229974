"""What builders make of an empty database is made once for each process and engine, and laid anew each time:
the story of a record takes half a second by the real actions, and a hundred tests begin with it.
"""

from collections.abc import Awaitable, Callable
from copy import deepcopy
from functools import wraps
from typing import Any, ParamSpec, TypeVar

from deliberate.live.database import connected, is_writing
from deliberate.live.models import Checkpoint, Entry
from deliberate.people.models import Person
from tests.support.databases import Databases

Given = ParamSpec("Given")
Made = TypeVar("Made")

_states: dict[tuple[str, ...], tuple[Any, Any]] = {}  # what was returned, and the rows behind it


def kept(build: Callable[Given, Awaitable[Made]]) -> Callable[Given, Awaitable[Made]]:
    """For a builder whose arguments say all that it depends on. In a database that is not empty, or not one
    of those that tests are given, it builds as ever.
    """

    @wraps(build)
    async def made(*args: Given.args, **options: Given.kwargs) -> Made:
        url = None if is_writing() else Databases.instance.url_of(connected())
        if url is None or await Person.exists() or await Entry.exists():
            return await build(*args, **options)
        name = f"{build.__module__}.{build.__name__}"
        key = (name, connected().capabilities.dialect, repr(args), repr(sorted(options.items())))
        if key in _states:
            result, rows = _states[key]
            Databases.instance.lay(url, rows)
            again: Made = deepcopy(result)
            return again
        fresh = await build(*args, **options)
        if not await Checkpoint.exists():  # a server has signed meanwhile, with a key of its own
            _states[key] = deepcopy(fresh), Databases.instance.rows_of(url)
        return fresh

    return made
