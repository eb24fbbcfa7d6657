"""`ordercue recalculate`."""

import asyncio
from typing import Annotated

import typer
from rich.console import Console

from cli.output import Json, print_json
from core.errors import OrdercueError
from core.recalculation import PassProgress, recalculation_progress, start_recalculation
from core.settings import read_settings
from core.temporal import connect

_EVERY_SECONDS = 0.5


class RecalculationFailedError(OrdercueError):
    """The pass ended before its end."""


def recalculate(
    *,
    status: Annotated[bool, typer.Option("--status", help="Only tell how the pass is getting on.")] = False,
    wait: Annotated[bool, typer.Option(help="Wait for the end.")] = True,
    json: Json = False,
) -> None:
    """Bring every contact's cell and segments up to date, and wait for the end."""
    found = asyncio.run(_progress() if status else _recalculate(wait=wait))
    if json:
        print_json(found.document())
    else:
        print(_sentence(found))
    if found.state not in {"none", "running", "completed"} and not status:
        raise RecalculationFailedError(f"the pass is {found.state}; the next one begins anew")


async def _progress() -> PassProgress:
    return await recalculation_progress(await connect(read_settings()))


async def _recalculate(*, wait: bool) -> PassProgress:
    client = await connect(read_settings())
    await start_recalculation(client)
    found = await recalculation_progress(client)
    with Console(stderr=True).status("recalculating") as shown:
        while wait and found.state == "running":
            await asyncio.sleep(_EVERY_SECONDS)
            found = await recalculation_progress(client)
            shown.update(_sentence(found))
    return found


def _sentence(found: PassProgress) -> str:
    so_far = found.so_far
    if found.state == "none":
        return "No pass has been asked for."
    if so_far is None:
        return f"The pass is {found.state}" + ("; no worker answers." if found.state == "running" else ".")
    counted = f"{so_far.contacts}" + (f" of {so_far.total}" if found.state == "running" else "")
    return f"{counted} contacts: {so_far.moved} moved, {so_far.entered} entered segments, {so_far.left} left."
