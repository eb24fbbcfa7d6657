"""`ordercue mailbox`."""

from typing import Annotated, Any

import httpx
import typer

from cli.output import Json, print_json, print_rows
from core.errors import UnavailableError

_PATIENCE_SECONDS = 30


def mailbox(
    *,
    to: Annotated[str, typer.Option(help="Part of the address.")] = "",
    subject: Annotated[str, typer.Option(help="Part of the subject.")] = "",
    limit: Annotated[int, typer.Option(min=1, max=1000)] = 50,
    url: Annotated[
        str, typer.Option(envvar="ORDERCUE_MAILBOX_URL", help="Where its pages are.")
    ] = "http://127.0.0.1:8025",
    json: Json = False,
) -> None:
    """List the mails of the local mailbox, the newest first. `ordercue dev` runs it."""
    found = _messages(url, {"to": to, "subject": subject, "limit": limit})
    if json:
        print_json(found)
        return
    rows = [
        {"received": one["received_at"][:19].replace("T", " "), "to": one["to"], "subject": one["subject"]}
        for one in found["messages"]
    ]
    columns = {"received": "received (UTC)", "to": "to", "subject": "subject"}
    print_rows(rows, columns, empty=f"No such mail among {found['total']}; look at them at {url}")


def _messages(url: str, query: dict[str, str | int]) -> dict[str, Any]:  # Any: JSON of the mailbox
    try:
        answer = httpx.get(f"{url.rstrip('/')}/api/messages", params=query, timeout=_PATIENCE_SECONDS, trust_env=False)
        answer.raise_for_status()
        found: dict[str, Any] = answer.json()
        found["messages"], found["total"]  # another server may listen there
    except (httpx.HTTPError, httpx.InvalidURL, ValueError, KeyError, TypeError) as error:
        raise UnavailableError(
            f"no mailbox answers at {url}: start it with ordercue dev, or name it by --url"
        ) from error
    return found
