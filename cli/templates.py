"""`ordercue templates`."""

from pathlib import Path
from typing import Annotated

import typer
from sqlalchemy.ext.asyncio import AsyncSession

from automation.template import CompiledTemplate, Template, parse_template
from cli.actor import cli_actor
from cli.output import Json, print_json, print_rows
from cli.session import in_transaction
from core.errors import InvalidError
from store import templates
from store.audit import record_audit

app = typer.Typer(no_args_is_help=True, help="Message templates.")


@app.command()
def apply(
    paths: Annotated[list[Path], typer.Argument(exists=True, help="Template files, or folders of them.")],
    *,
    json: Json = False,
) -> None:
    """Publish templates; one that says the same already stays as it is."""
    found = [read_template(path) for path in _files(paths)]

    async def work(session: AsyncSession) -> list[dict[str, object]]:
        rows: list[dict[str, object]] = []
        for template in found:
            content = template.model_dump(exclude_none=True)
            number, changed = await templates.apply_template(session, template.name, content)
            if changed:
                await record_audit(
                    session,
                    actor=cli_actor(),
                    action="template.publish",
                    subject=f"template:{template.name}",
                    details={"version": number},
                )
            rows.append({"name": template.name, "version": number, "changed": changed})
        return rows

    rows = in_transaction(work)
    if json:
        print_json(rows)
        return
    for row in rows:
        print(f"{row['name']}: version {row['version']}" + ("" if row["changed"] else ", unchanged"))


@app.command("list")
def list_(*, json: Json = False) -> None:
    """Show every template."""
    rows: list[dict[str, object]] = [
        {"name": one.name, "version": one.number, "subject": one.content.get("subject")}
        for one in in_transaction(templates.list_templates)
    ]
    if json:
        print_json(rows)
    else:
        columns = {"name": "name", "version": "version", "subject": "subject"}
        print_rows(rows, columns, empty="No templates yet: ordercue templates apply examples/templates")


def read_template(path: Path) -> Template:
    """A template file that compiles. Raises InvalidError with the file and line."""
    try:
        template = parse_template(path.name, path.read_text())
    except UnicodeDecodeError:
        msg = f"{path} is not UTF-8 text"
        raise InvalidError(msg) from None
    CompiledTemplate(template)
    return template


def _files(paths: list[Path]) -> list[Path]:
    found: list[Path] = []
    for path in paths:
        found += sorted([*path.glob("*.html"), *path.glob("*.txt")]) if path.is_dir() else [path]
    return found
