"""Reading forms: every field's own sentence, nothing extra, nothing lost."""

from typing import Annotated, Literal

import pytest
from pydantic import BaseModel, StringConstraints
from starlette.requests import Request

from deliberate.errors import Invalid
from deliberate.web.forms import raw, read


class Opinion(BaseModel):
    position: Annotated[str, StringConstraints(min_length=1, max_length=10)]
    stance: Literal["for", "against"]
    minutes: int = 15
    reason: str | None = None
    items: list[int] = []


def request(body: bytes) -> Request:
    async def receive() -> dict[str, object]:
        return {"type": "http.request", "body": body, "more_body": False}

    headers = [(b"content-type", b"application/x-www-form-urlencoded")]
    return Request({"type": "http", "method": "POST", "headers": headers}, receive)


async def test_fields_are_trimmed_composed_and_freed_of_control_characters() -> None:
    form = await read(request(b"position=+e%CC%81t%C3%A9%00%07+&stance=for"), Opinion)
    assert form.position == "été"


async def test_an_empty_optional_field_is_none_and_an_empty_number_its_default() -> None:
    form = await read(request(b"position=x&stance=for&reason=&minutes="), Opinion)
    assert form.reason is None and form.minutes == 15


async def test_repeated_fields_become_a_list() -> None:
    assert (await read(request(b"position=x&stance=for&items=1&items=2"), Opinion)).items == [1, 2]


async def test_fields_nobody_asked_for_are_not_read() -> None:
    form = await read(request(b"position=x&stance=for&administrator=true&id=9"), Opinion)
    assert not hasattr(form, "administrator")


async def test_every_wrong_field_gets_its_own_sentence() -> None:
    with pytest.raises(Invalid) as refused:
        await read(request(b"position=far+too+long+text&stance=maybe&minutes=soon"), Opinion)
    assert {field: str(problem) for field, problem in refused.value.problems.items()} == {
        "position": "This is too long: at most 10 characters.",
        "stance": "Choose one of the answers offered.",
        "minutes": "Write a whole number.",
    }


async def test_what_was_typed_can_be_shown_again() -> None:
    assert await raw(request(b"position=%3Cb%3E&items=1&items=2")) == {"position": "<b>", "items": ["1", "2"]}
