"""`ordercue automations test` and `simulate`: an automation tried on one order or event."""

import asyncio
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any, TypeVar

import typer
from pydantic import ValidationError
from rich.console import Console

from api.simulation import simulate_on
from api.test_launch import TestLaunched, launch_test
from api.trial_body import SimulateIn, TestIn, TrialIn
from automation.definition import definition_json, load_definition
from cli.actor import cli_actor
from cli.automations import app
from cli.output import Json, print_json, print_rows
from cli.session import in_transaction
from core.document import load_json
from core.errors import InvalidError
from core.settings import read_settings
from core.temporal import connect
from store.session import open_database

T = TypeVar("T", bound=TrialIn)
Order = Annotated[str | None, typer.Option(help="externalOrderId of a stored order.")]
EventFile = Annotated[
    Path | None,
    typer.Option(exists=True, dir_okay=False, help='JSON of an event: {"type": …, "params": {…}, "order": {…}}.'),
]


@app.command("test")
def launch(
    name: Annotated[str, typer.Argument(help="Name or id of the automation.")],
    *,
    order: Order = None,
    event: EventFile = None,
    to: Annotated[str | None, typer.Option(help="Where all messages go; default: the contact's own address.")] = None,
    skip_waits: Annotated[bool, typer.Option("--skip-waits", help="Waits are shown and passed at once.")] = False,
    version: Annotated[int | None, typer.Option(min=1, help="Default: the live one.")] = None,
    json: Json = False,
) -> None:
    """Launch one run as a test: real messages, marked TEST everywhere and counted nowhere."""
    wanted = _body(TestIn, order=order, event=read_event(event), to=to, skip_waits=skip_waits, version=version)

    async def work() -> TestLaunched:
        settings = read_settings()
        database = open_database(settings.database_url, pool_size=1)
        try:
            client = await connect(settings)
            return await launch_test(database, client, name, wanted, actor=cli_actor())
        finally:
            await database.close()

    launched = asyncio.run(work())
    if json:
        print_json(launched.document)
        return
    print(f"TEST run {launched.run_id} is started; follow it with: ordercue runs show {launched.run_id}")
    if launched.note:
        print(f"Note: {launched.note}.")


@app.command("simulate")
def walk(
    automation: Annotated[str, typer.Argument(help="A YAML or JSON file, or the name or id of an automation.")],
    *,
    order: Order = None,
    event: EventFile = None,
    at: Annotated[datetime | None, typer.Option(help="When it begins, in UTC.")] = None,
    assume: Annotated[
        list[str] | None, typer.Option(help="STEP=then or STEP=else: the branch of a wait_for or check_message.")
    ] = None,
    version: Annotated[int | None, typer.Option(min=1, help="Default: the live one.")] = None,
    json: Json = False,
) -> None:
    """Walk an automation in virtual time: its way, what decided, due moments, messages. Sends and writes nothing."""
    path = Path(automation)
    draft = definition_json(load_definition(path.read_text())) if path.is_file() else None
    wanted = _body(
        SimulateIn,
        order=order,
        event=read_event(event),
        at=at.replace(tzinfo=UTC) if at else None,
        assume=dict(pair.partition("=")[::2] for pair in assume or ()),
        version=version,
        definition=draft,
    )
    settings = read_settings()
    answer = in_transaction(lambda session: simulate_on(session, settings, automation, wanted))
    if json:
        print_json(answer)
        return
    console = Console()
    console.print(f"{answer['automation']}: {answer['sentence']}", markup=False)
    rows = [{"at": one["at"], "step": one["step"], "told": _told(one)} for one in answer["steps"]]
    print_rows(rows, {"at": "at (UTC)", "step": "step", "told": "what happens"}, empty="No run would begin.")
    for note in answer["notes"]:
        console.print(f"Supposed: {note}.", markup=False)


def _told(entry: dict[str, Any]) -> str:  # JSON
    message = entry.get("message", {})
    more = [*entry.get("notes", ()), *(message[key] for key in ("error", "subject", "text") if message.get(key))]
    return "\n".join([entry["sentence"], *map(str, more)])


def read_event(path: Path | None) -> Any:  # JSON
    """The event of a file. Raises InvalidError."""
    if path is None:
        return None
    try:
        return load_json(path.read_bytes())
    except ValueError as error:
        raise InvalidError(f"{path} is not JSON: {error}") from error


def _body(model: type[T], **values: Any) -> T:  # Any: what the command was given
    try:
        return model.model_validate({key: value for key, value in values.items() if value is not None})
    except ValidationError as error:
        lines = (f"{'.'.join(map(str, each['loc'])) or 'options'}: {each['msg']}" for each in error.errors())
        raise InvalidError("\n".join(lines)) from error
