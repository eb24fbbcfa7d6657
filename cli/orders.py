"""`ordercue orders`."""

from pathlib import Path
from typing import Annotated, Any

import httpx
import typer
from rich.console import Console

from cli.importing.command import import_
from cli.output import Json, print_json, print_rows
from core.errors import ConfigurationError, OrdercueError, UnavailableError

app = typer.Typer(no_args_is_help=True, help="Orders: one request over HTTP, or a file of any size.")
app.command("import")(import_)
_SECONDS = 60.0


class RequestFailedError(OrdercueError):
    """The API answered with an error."""


@app.command()
def post(
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help='JSON: {"orders": [ … ]}.')],
    *,
    url: Annotated[
        str, typer.Option(envvar="ORDERCUE_PUBLIC_URL", help="Address of the API.")
    ] = "http://localhost:8080",
    key: Annotated[str | None, typer.Option(envvar="ORDERCUE_API_KEY", help="An API key.")] = None,
    json: Json = False,
) -> None:
    """Send a file of orders. Exit code 1 when an order failed."""
    if not key:
        msg = "no API key: set ORDERCUE_API_KEY or pass --key; make one with: ordercue keys create"
        raise ConfigurationError(msg)
    answer = post_orders(url, key, file.read_bytes())
    if json:
        print_json(answer)
    else:
        _show(answer)
    if answer.get("failedOrders"):
        raise typer.Exit(1)


def post_orders(url: str, key: str, body: bytes) -> dict[str, Any]:
    """The API's answer. Raises UnavailableError, RequestFailedError."""
    try:
        with httpx.Client(timeout=_SECONDS, trust_env=False) as http:
            response = http.post(
                f"{url.rstrip('/')}/api/v1/orders",
                content=body,
                headers={"Authorization": f"Bearer {key}", "Content-Type": "application/json"},
            )
    except httpx.HTTPError as error:
        msg = f"the API does not answer at {url} ({error}); check --url or ORDERCUE_PUBLIC_URL"
        raise UnavailableError(msg) from error
    if not response.is_success:
        problem = response.json()
        msg = f"{response.status_code} {problem.get('code')}: {problem.get('detail')}; {problem.get('remedy')}"
        raise RequestFailedError(msg)
    answer: dict[str, Any] = response.json() if response.content else {}
    return answer


def _show(answer: dict[str, Any]) -> None:
    console = Console()
    console.print(f"{answer.get('accepted', 'All')} orders accepted.")
    columns = {"externalOrderId": "order", "field": "field", "code": "code", "message": "message"}
    if answer.get("failedOrders"):
        console.print("Failed:")
        print_rows([{"externalOrderId": None} | one for one in answer["failedOrders"]], columns, empty="")
    if answer.get("warnings"):
        console.print("Warnings:")
        print_rows(answer["warnings"], columns, empty="")
