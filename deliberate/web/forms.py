"""Reading what a person sent. Bad input gets one sentence for each field, keeps what was typed, changes
nothing.
"""

import unicodedata
from collections.abc import Awaitable, Callable, Mapping
from datetime import UTC, datetime
from functools import wraps
from typing import Annotated, Any, TypeVar, get_origin

from pydantic import AfterValidator, BaseModel, ValidationError
from starlette.datastructures import FormData, UploadFile
from starlette.requests import Request
from starlette.responses import Response

from deliberate.errors import Invalid, NotFound, Refusal
from deliberate.web.answers import wants_json
from deliberate.web.i18n import local
from deliberate.web.slots import fill

Form = TypeVar("Form", bound=BaseModel)
Handler = Callable[[Request], Awaitable[Response]]


def typed_here(at: datetime) -> datetime:
    """A day and time without a zone is meant as people here read it."""
    return (at if at.tzinfo else at.replace(tzinfo=local(datetime.now(UTC)).tzinfo)).astimezone(UTC)


Moment = Annotated[datetime, AfterValidator(typed_here)]

# pydantic's words are English only and meant for programmers; these are for whoever typed.
SENTENCES = {
    "missing": "This is needed.",
    "string_too_short": "This is needed.",
    "string_too_long": "This is too long: at most {max_length} characters.",
    "too_short": "Choose at least {min_length}.",
    "too_long": "Choose at most {max_length}.",
    "literal_error": "Choose one of the answers offered.",
    "enum": "Choose one of the answers offered.",
    "int_parsing": "Write a whole number.",
    "int_type": "Write a whole number.",
    "greater_than_equal": "Write a number of at least {ge}.",
    "less_than_equal": "Write a number of at most {le}.",
    "datetime_parsing": "Write a day and a time, such as 2026-11-23T10:00.",
    "datetime_from_date_parsing": "Write a day and a time, such as 2026-11-23T10:00.",
    "date_from_datetime_parsing": "Write a day, such as 2026-11-23.",
    "value_error": "This cannot be read. Look at the example beside the field.",
}
OTHER = "This cannot be read. Look at the example beside the field."


async def raw(request: Request) -> dict[str, Any]:
    """Everything typed, as strings and lists of strings: to fill the form again. Files are left out."""
    form = await parsed(request)
    values: dict[str, Any] = {}
    for name in form:
        texts = [value for value in form.getlist(name) if isinstance(value, str)]
        if texts:
            values[name] = texts if len(texts) > 1 else texts[0]
    return values


async def parsed(request: Request) -> FormData:
    """The form, read once; Starlette closes its files at the end of the request.

    Raises:
        Invalid: too many fields or parts.
    """
    from starlette.exceptions import HTTPException

    try:
        return await request.form(max_files=5, max_fields=2_000, max_part_size=3 * 1024 * 1024)
    except HTTPException as error:
        raise Invalid("This form is too large or cannot be read. Shorten it and send it again.") from error


async def read(request: Request, model: type[Form]) -> Form:
    """The form as `model`: names of its fields only, NFC, trimmed; an empty optional field is None.

    Raises:
        Invalid: with a sentence for every field that is wrong.
    """
    form = await parsed(request)
    values: dict[str, Any] = {}
    for name, field in model.model_fields.items():
        sent = [clean(value) for value in form.getlist(name)]
        if get_origin(field.annotation) in (list, tuple, set, frozenset):
            values[name] = [value for value in sent if value != ""]
        elif sent and not (sent[-1] == "" and not field.is_required()):
            values[name] = sent[-1]
    try:
        return model.model_validate(values)
    except ValidationError as error:
        raise Invalid("Some answers are missing or cannot be read.", problems=in_words(error)) from None


def clean(value: str | UploadFile) -> Any:
    if not isinstance(value, str):
        return value
    text = unicodedata.normalize("NFC", value.replace("\r\n", "\n")).strip()
    return "".join(letter for letter in text if letter in "\n\t" or unicodedata.category(letter) != "Cc")


def in_words(error: ValidationError) -> dict[str, Refusal]:
    problems: dict[str, Refusal] = {}
    for problem in error.errors(include_url=False, include_input=False):
        name = str(problem["loc"][0]) if problem["loc"] else ""
        context: Mapping[str, Any] = problem.get("ctx") or {}
        cause = context.get("error")
        found = (
            cause
            if isinstance(cause, Refusal)
            else Invalid(SENTENCES.get(problem["type"], OTHER), **places(context))
        )
        problems.setdefault(name, found)
    return problems


def places(context: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in context.items() if isinstance(value, str | int)}


def again(show: Callable[..., Awaitable[Response]]) -> Callable[[Handler], Handler]:
    """On a refusal, shows the page the form stood on again, with the sentence and everything that was
    typed.
    """

    def decorate(handler: Handler) -> Handler:
        @wraps(handler)
        async def answer(request: Request) -> Response:
            try:
                return await handler(request)
            except NotFound:
                raise
            except Refusal as refusal:
                if wants_json(request):
                    raise
                await fill(request, "refused", request.scope.get("user"), refusal)
                return await show(request, refusal=refusal, typed=await raw(request))

        return answer

    return decorate
