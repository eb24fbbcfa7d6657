"""`ordercue templates test`: a template in a real mailbox."""

import asyncio
from typing import Annotated, Any

import typer

from api.template_test import TestWanted, send_template_test
from automation.template import Template
from cli.actor import cli_actor
from cli.output import Json, print_json
from core.errors import ConflictError
from core.settings import read_settings
from core.temporal import connect
from core.test_sending import send_test_id
from store import templates
from store.session import open_database
from store.template_tests import find_test

_PATIENCE_SECONDS = 60.0


def send_test(
    name: Annotated[str, typer.Argument(help="Name of the template.")],
    *,
    to: Annotated[str, typer.Option(help="Where it goes.")],
    order: Annotated[str | None, typer.Option(help="externalOrderId; default: a made-up order.")] = None,
    language: Annotated[str | None, typer.Option(help="As if the contact spoke it.")] = None,
    channel: Annotated[str | None, typer.Option(help="Default: by the address, email or sms.")] = None,
    version: Annotated[int | None, typer.Option(min=1, help="Default: the newest one.")] = None,
    json: Json = False,
) -> None:
    """Really send a template to an address, once, marked TEST and counted nowhere. Exit code 1 when it did not go."""

    async def work() -> dict[str, Any]:  # columns
        settings = read_settings()
        database = open_database(settings.database_url, pool_size=1)
        try:
            client = await connect(settings)
            async with database.transaction() as session:
                template = Template.model_validate((await templates.find_template(session, name, version)).content)
            wanted = TestWanted(template, to, channel, order, language)
            sent = await send_template_test(database, client, settings, wanted, actor=cli_actor())
            try:
                async with asyncio.timeout(_PATIENCE_SECONDS):
                    await client.get_workflow_handle(send_test_id(sent.id)).result()
            except TimeoutError:
                pass  # what it is by now is told
            async with database.transaction() as session:
                return await find_test(session, sent.id)
        finally:
            await database.close()

    found = asyncio.run(work())
    if json:
        print_json(found)
    said = (found["reason"] or {}).get("detail")
    if found["state"] != "sent":
        raise ConflictError(f"TEST to {found['address']} is {found['state']}" + (f": {said}" if said else ""))
    if not json:
        print(f"TEST of {name} went to {found['address']} by {found['channel']}.")
