"""`ordercue automations`."""

import asyncio
from pathlib import Path
from typing import Annotated, Any

import typer
from sqlalchemy.ext.asyncio import AsyncSession

from automation.checking import check
from automation.definition import Definition, definition_json, load_definition
from automation.problems import DefinitionError
from automation.runnable import not_runnable
from automation.template import CompiledTemplate, Template
from channels.registry import CHANNELS
from cli.output import Json, print_json, print_rows
from cli.session import in_transaction
from core.contracts import QUEUE, RESUME_WORKFLOW, AutomationRef, resume_automation_id
from core.errors import InvalidError
from core.settings import read_settings
from core.temporal import connect
from store import automations, templates
from store.automations import Applied
from store.tables import Automation
from store.tables.automation import AutomationState

app = typer.Typer(no_args_is_help=True, help="What marketers write.")
Name = Annotated[str, typer.Argument(help="Name or id of the automation.")]


@app.command()
def apply(
    paths: Annotated[list[Path], typer.Argument(exists=True, dir_okay=False, help="YAML or JSON files.")],
    *,
    json: Json = False,
) -> None:
    """Publish automations: new ones go live, changed ones get their next version, equal ones stay."""
    definitions = [_read(path) for path in paths]

    async def work(session: AsyncSession) -> list[Applied]:
        await _check(session, dict(zip(paths, definitions, strict=True)))
        return [await automations.publish(session, one.name, definition_json(one)) for one in definitions]

    rows = [
        {"name": one.automation.name, "version": one.number, "changed": one.changed, "state": one.automation.state}
        for one in in_transaction(work)
    ]
    if json:
        print_json(rows)
        return
    for row in rows:
        print(f"{row['name']}: version {row['version']}" + (" published" if row["changed"] else ", unchanged"))


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
def pause(name: Name) -> None:
    """Hold new launches and sends; runs wait."""
    changed, found = _set_state(name, AutomationState.PAUSED)
    print(f"{found.name} is paused." if changed else f"{found.name} was paused already.")


@app.command()
def resume(name: Name) -> None:
    """Let launches and sends that were held go on; each late send follows its own not_after."""
    changed, found = _set_state(name, AutomationState.LIVE)
    asyncio.run(_release(found))
    print(f"{found.name} is live again." if changed else f"{found.name} was live already.")


def _set_state(name: str, state: AutomationState) -> tuple[bool, Automation]:
    async def work(session: AsyncSession) -> tuple[bool, Automation]:
        found = await automations.find(session, name)
        return await automations.set_state(session, found, state), found

    return in_transaction(work)


async def _release(found: Automation) -> None:
    client = await connect(read_settings())
    await client.execute_workflow(
        RESUME_WORKFLOW,
        AutomationRef(automation_id=found.id),
        id=resume_automation_id(found.id),
        task_queue=QUEUE,
    )


def _read(path: Path) -> Definition:
    try:
        return load_definition(path.read_text())
    except DefinitionError as error:
        msg = "\n".join(f"{path}: {problem}" for problem in error.problems)
        raise InvalidError(msg) from error
    except UnicodeDecodeError:
        msg = f"{path} is not UTF-8 text"
        raise InvalidError(msg) from None


async def _check(session: AsyncSession, definitions: dict[Path, Definition]) -> None:
    """Templates and channels exist, and what a template needs is loaded before it. Raises InvalidError."""
    known = {
        one.name: CompiledTemplate(Template.model_validate(one.content)).names
        for one in await templates.list_templates(session)
    }
    problems = [
        f"{path}: {problem}"
        for path, definition in definitions.items()
        for problem in (*check(definition, templates=known, channels=CHANNELS), *not_runnable(definition))
    ]
    if problems:
        raise InvalidError("\n".join([*problems, "templates are published with: ordercue templates apply FILES"]))


def _public(one: Automation) -> dict[str, Any]:
    return {"id": one.id, "name": one.name, "state": one.state, "version": one.live_number}
