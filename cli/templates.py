"""`ordercue templates`."""

import glob
from dataclasses import asdict, replace
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from sqlalchemy.ext.asyncio import AsyncSession

from api.template_work import Saved, lint_template, preview_template, save_template
from automation.template import Rendered, Template, TemplateError
from automation.template_file import SUFFIXES, lines_before, parse_template, parse_variant
from automation.template_lint import Finding, Severity, lint
from automation.template_model import LANGUAGE
from automation.template_ready import prepare
from cli.actor import cli_actor
from cli.output import Json, print_json, print_rows
from cli.session import in_transaction
from cli.template_convert import convert
from cli.template_test import send_test
from core.errors import InvalidError
from core.settings import read_settings
from store import templates
from store.templates import StoredTemplate

app = typer.Typer(no_args_is_help=True, help="Message templates.")
app.command()(convert)
app.command("test")(send_test)
Paths = Annotated[list[Path], typer.Argument(exists=True, help="Template files, or folders of them.")]
Name = Annotated[str, typer.Argument(help="Name of the template.")]
Version = Annotated[int | None, typer.Option(min=1, help="Default: the newest one.")]


@app.command()
def apply(paths: Paths, *, json: Json = False) -> None:
    """Publish templates with the files of their other languages; one that says the same already stays as it is."""
    found = [read_template(path) for path in _files(paths)]

    async def work(session: AsyncSession) -> list[tuple[Template, Saved, list[Finding]]]:
        return [
            (one, await save_template(session, one, actor=cli_actor()), await lint_template(session, one))
            for one in found
        ]

    done = in_transaction(work)
    if json:
        print_json([{"name": one.name, "version": saved.number, "changed": saved.changed} for one, saved, _ in done])
        return
    for one, saved, findings in done:
        print(f"{one.name}: version {saved.number}" + ("" if saved.changed else ", unchanged"))
        for finding in findings:
            print(f"  {finding}")


@app.command()
def check(
    paths: Paths,
    *,
    offline: Annotated[bool, typer.Option(help="Without a database: who sends a template is not known.")] = False,
    json: Json = False,
) -> None:
    """Look for mistakes: syntax, unknown fields, a missing unsubscribe link. Exit code 1 when there is an error."""
    found = [(path, finding) for path in _files(paths) for finding in _findings(path, offline=offline)]
    if json:
        print_json([{"file": str(path), **asdict(finding)} for path, finding in found])
    else:
        print("".join(f"{path}: {finding}\n" for path, finding in found), end="")
    errors = sum(finding.severity == Severity.ERROR for _, finding in found)
    if errors:
        raise InvalidError(f"{errors} errors")
    if not json:
        print("No error.")


@app.command()
def show(name: Name, *, version: Version = None) -> None:
    """Print a version as JSON."""

    async def work(session: AsyncSession) -> StoredTemplate:
        return await templates.find_template(session, name, version)

    found = in_transaction(work)
    print_json({"version": found.number, "created_at": found.created_at, **found.content})


@app.command()
def preview(
    template: Annotated[str, typer.Argument(help="Name of a template, or a file.")],
    *,
    order: Annotated[str | None, typer.Option(help="externalOrderId; default: a made-up order.")] = None,
    language: Annotated[str | None, typer.Option(help="As if the contact spoke it.")] = None,
    html: Annotated[bool, typer.Option("--html", help="Print the HTML part alone.")] = False,
    version: Version = None,
    json: Json = False,
) -> None:
    """Show the message that a template makes for an order. Sends nothing."""
    path = Path(template)
    file = read_template(path) if path.suffix in SUFFIXES and path.is_file() else None

    async def work(session: AsyncSession) -> Rendered:
        source = file
        if source is None:
            source = Template.model_validate((await templates.find_template(session, template, version)).content)
        return await preview_template(session, read_settings(), source, order=order, language=language)

    made = in_transaction(work)
    if json:
        print_json({"subject": made.subject, "html": made.html, "text": made.text, "locale": made.locale})
    elif html:
        print(made.html or "")
    else:
        Console(soft_wrap=True).print(f"{made.subject}\n\n{made.text}", markup=False, highlight=False)


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
    """A template file that compiles, with the files of its other languages: NAME.uk.html beside NAME.html.

    Raises InvalidError with the file and line.
    """
    template = _parse(path)
    prepare(template)
    return template


def _parse(path: Path) -> Template:
    template = parse_template(path.name, _text(path))
    locales = {
        other.stem.removeprefix(f"{path.stem}."): other
        for suffix in SUFFIXES
        for other in sorted(path.parent.glob(f"{glob.escape(path.stem)}.*{suffix}"))
        if _base(other) == path
    }
    if not locales:
        return template
    read = {tag: parse_variant(template.name, tag, one.name, _text(one)) for tag, one in locales.items()}
    return template.model_copy(update={"locales": read})


def _findings(path: Path, *, offline: bool) -> list[Finding]:
    try:
        template = _parse(path)
    except TemplateError as error:
        return [Finding(Severity.ERROR, "file", error.message, error.part, error.locale, error.line, error.column)]
    if offline:
        found = lint(template, marketing=False)
    else:
        found = in_transaction(lambda session: lint_template(session, template))
    before = lines_before(path.name, _text(path))
    return [
        replace(one, line=one.line + before.get(one.part, 0)) if one.line and one.locale is None else one
        for one in found
    ]


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        msg = f"{path} is not UTF-8 text"
        raise InvalidError(msg) from None


def _files(paths: list[Path]) -> list[Path]:
    """The files of templates; one that is a language of another stands for that one."""
    found: list[Path] = []
    for path in paths:
        inside = sorted(one for one in path.iterdir() if one.suffix in SUFFIXES) if path.is_dir() else [path]
        found += [_base(one) or one for one in inside]
    return list(dict.fromkeys(found))


def _base(path: Path) -> Path | None:
    """The template that this file is a language of: NAME.html of NAME.uk.html, when it is there."""
    stem, _, tag = path.stem.rpartition(".")
    if not stem or not LANGUAGE.fullmatch(tag):
        return None
    beside = (path.with_name(f"{stem}{suffix}") for suffix in SUFFIXES)
    return next((one for one in beside if one.is_file()), None)
