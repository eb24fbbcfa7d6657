"""`ordercue automations`."""

import asyncio
from collections.abc import Sequence
from typing import Annotated, Any

import typer
from sqlalchemy.ext.asyncio import AsyncSession

from api.automation_answers import change_document
from api.automation_publishing import Published, carry_out, publish
from api.automation_states import StateChanged, change_state
from automation.definition import Definition
from automation.revision import Change, changes
from cli.actor import cli_actor
from cli.automation_files import Paths, graph, read_files, refuse_problems, validate
from cli.automation_looks import looks
from cli.output import Json, print_done, print_json, print_rows
from cli.session import in_transaction
from core.errors import InvalidError, UnavailableError
from core.settings import read_settings
from core.temporal import connect
from store import automations
from store.revising import Running
from store.session import open_database
from store.tables import Automation
from store.tables.automation import AutomationState

app = typer.Typer(no_args_is_help=True, help="What marketers write.")
app.command()(validate)
app.command()(graph)
app.command()(looks)
_NOT_TOLD = "it is stored, but Temporal does not answer and running runs were not told; do it again"
Name = Annotated[str, typer.Argument(help="Name or id of the automation.")]


@app.command()
def apply(
    paths: Paths,
    *,
    running: Annotated[Running, typer.Option(help="What becomes of runs that are under way.")] = Running.PINNED,
    json: Json = False,
) -> None:
    """Publish automations: new ones go live, changed ones get their next version, equal ones stay."""
    files = read_files(paths)

    async def work(session: AsyncSession) -> list[Published]:
        await refuse_problems(session, files)
        return [await publish(session, file.definition, running, actor=cli_actor()) for file in files]

    done = in_transaction(work)
    _tell(done)
    if json:
        print_json([_applied(one) for one in done])
        return
    for one in done:
        made = one.applied
        print(f"{made.automation.name}: version {made.number}" + (" published" if made.changed else ", unchanged"))
        for change in one.changes:
            print(f"  {change.sentence}")


@app.command("list")
def list_(*, json: Json = False) -> None:
    """Show every automation."""
    rows = [_public(one) for one in in_transaction(automations.list_all)]
    if json:
        print_json(rows)
    else:
        columns = {"name": "name", "state": "state", "version": "version", "id": "id"}
        print_rows(
            rows,
            columns,
            empty="No automations yet: ordercue automations apply FILES; there are some in examples/automations",
        )


@app.command()
def show(name: Name, *, version: Annotated[int | None, typer.Option(help="Default: the live one.")] = None) -> None:
    """Print a version's definition as JSON."""

    async def work(session: AsyncSession) -> dict[str, Any]:
        found = await automations.find(session, name)
        one = await automations.version(session, found.id, version or found.live_number or 0)
        return _public(found) | {"version": one.number, "definition": one.definition}

    print_json(in_transaction(work))


@app.command()
def versions(name: Name, *, limit: Annotated[int, typer.Option(min=1, max=1000)] = 50, json: Json = False) -> None:
    """Show the published versions, newest first."""

    async def work(session: AsyncSession) -> list[dict[str, Any]]:
        found = await automations.find(session, name)
        return [
            {
                "version": one.number,
                "live": one.number == found.live_number,
                "published_at": one.published_at,
                "drained_at": one.drained_at,
            }
            for one in await automations.list_versions(session, found.id, before=None, limit=limit)
        ]

    rows = in_transaction(work)
    if json:
        print_json(rows)
    else:
        columns = {"version": "version", "live": "live", "published_at": "published (UTC)", "drained_at": "drained"}
        print_rows(rows, columns, empty="Only a draft yet.")


@app.command()
def diff(
    name: Name,
    old: Annotated[int, typer.Argument(min=1, help="A version.")],
    new: Annotated[int | None, typer.Argument(min=1, help="Another; default: the live one.")] = None,
    *,
    json: Json = False,
) -> None:
    """Show what changed between two versions, step by step."""

    async def work(session: AsyncSession) -> tuple[Change, ...]:
        found = await automations.find(session, name)
        one = await automations.version(session, found.id, old)
        other = await automations.version(session, found.id, new or found.live_number or 0)
        return changes(Definition.model_validate(one.definition), Definition.model_validate(other.definition))

    found = in_transaction(work)
    if json:
        print_json([change_document(one) for one in found])
    else:
        print("\n".join(one.sentence for one in found) or "No difference.")


@app.command()
def pause(name: Name, *, json: Json = False) -> None:
    """Hold new launches and sends; runs wait."""
    _change(name, AutomationState.PAUSED, now="is paused", before="was paused already", json=json)


@app.command()
def resume(name: Name, *, json: Json = False) -> None:
    """Let launches and sends that were held go on, so many a second; each late send follows its own not_after."""
    _change(name, AutomationState.LIVE, now="is live again", before="was live already", json=json)


@app.command()
def archive(
    name: Name,
    *,
    yes: Annotated[bool, typer.Option("--yes", help="It cannot be taken back; its runs end.")] = False,
    json: Json = False,
) -> None:
    """End an automation and its runs, for good."""
    if not yes:
        raise InvalidError("an archived automation stays so and its runs end; say --yes to do it")
    _change(name, AutomationState.ARCHIVED, now="is archived; its runs end", before="was archived already", json=json)


def _change(name: str, state: AutomationState, *, now: str, before: str, json: bool) -> None:
    """Raises UnavailableError when Temporal is away: what was stored stays stored."""

    async def work() -> StateChanged:
        settings = read_settings()
        database = open_database(settings.database_url, pool_size=1)
        try:
            client = await connect(settings, lazy=True)
            return await change_state(database, client, name, state, actor=cli_actor())
        finally:
            await database.close()

    done = asyncio.run(work())
    if done.told is False:
        raise UnavailableError(_NOT_TOLD)
    name = done.automation.name
    facts = {"name": name, "state": state, "changed": done.changed}
    print_done(f"{name} {now if done.changed else before}.", facts, json=json)


def _tell(done: Sequence[Published]) -> None:
    """Carry the edit to runs. Raises UnavailableError when Temporal is away: what was stored stays stored."""

    async def work() -> bool:
        return await carry_out(await connect(read_settings(), lazy=True), done)

    if not asyncio.run(work()):
        raise UnavailableError(_NOT_TOLD)


def _applied(one: Published) -> dict[str, Any]:
    made = one.applied
    return {
        "name": made.automation.name,
        "version": made.number,
        "changed": made.changed,
        "state": made.automation.state,
        "changes": [change_document(change) for change in one.changes],
    }


def _public(one: Automation) -> dict[str, Any]:
    return {"id": one.id, "name": one.name, "state": one.state, "version": one.live_number}
