"""What docs/intake.md shows works as it says."""

import re
import shlex
from pathlib import Path
from typing import NamedTuple

from api.wire.answer import FieldErrorOut
from store.keys import DEFAULT_SCOPES, Scope
from tests.intake.access import authorization
from tests.product import Product

_PAGE = Path(__file__).parents[2] / "docs" / "intake.md"
_EXAMPLE = re.compile(r"^(curl .*?)\n# (\d{3})([^\n]*)", re.MULTILINE | re.DOTALL)


class _Call(NamedTuple):
    method: str
    address: str
    user: str
    headers: dict[str, str]
    body: str | None


def _read(command: str) -> _Call:
    """The few options of curl that the page uses."""
    words = iter(shlex.split(command, comments=True)[1:])
    method, address, user, body = "GET", "", "", None
    headers: dict[str, str] = {}
    for word in words:
        match word:
            case "-u":
                user = next(words)
            case "-H":
                name, _, value = next(words).partition(": ")
                headers[name] = value
            case "-d":
                method, body = "POST", next(words)
            case "-X":
                method = next(words)
            case _:
                address = word
    return _Call(method, address.removeprefix("$HOST"), user, headers, body)


async def test_every_example_of_the_page_gets_the_answer_that_it_shows(product: Product) -> None:
    keys = {
        ":$KEY": await authorization(product, *DEFAULT_SCOPES),
        ":$IMPORT_KEY": await authorization(product, Scope.ORDERS_IMPORT),
    }
    examples = _EXAMPLE.findall(_PAGE.read_text())
    assert len(examples) == 11
    for command, status, shown in examples:
        call = _read(command)
        response = await product.http.request(
            call.method, call.address, headers=call.headers | keys[call.user], content=call.body
        )
        assert response.status_code == int(status), f"{command}\n{response.text}"
        for code in re.findall(r'"code": "(\w+)"', shown):
            assert f'"code":"{code}"' in response.text.replace('": "', '":"')


def test_the_page_names_every_code_that_an_order_can_fail_with() -> None:
    told = FieldErrorOut.model_json_schema()["properties"]["code"]["description"]
    for code in re.findall(r"[a-z]+_[a-z_]+", told):
        assert f"`{code}`" in _PAGE.read_text()
