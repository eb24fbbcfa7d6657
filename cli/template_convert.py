"""`ordercue templates convert`."""

from pathlib import Path
from typing import Annotated

import typer
import yaml

from automation.velocity import convert as converted
from cli.output import Json, print_json
from core.errors import InvalidError

_SUBJECT = "Its subject, in Velocity too."


def convert(
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="A template in Velocity: HTML or text.")],
    *,
    subject: Annotated[str | None, typer.Option(help=_SUBJECT)] = None,
    out: Annotated[Path | None, typer.Option(help="Write it there; default: print it.")] = None,
    json: Json = False,
) -> None:
    """Turn a Velocity template of the original platform into Liquid; what could not be converted is listed."""
    try:
        source = file.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        raise InvalidError(f"{file} is not UTF-8 text") from None
    body = converted(source)
    head = converted(subject) if subject is not None else None
    text = body.text
    if head is not None:
        front = yaml.safe_dump({"subject": head.text}, allow_unicode=True, width=10_000)
        text = f"---\n{front}---\n{text}"
    left = [("subject", one) for one in (head.left if head else [])] + [(file.name, one) for one in body.left]
    if out is not None:
        out.write_text(text, encoding="utf-8")
    if json:
        print_json({"template": text, "left": [{"in": part, "line": one.line, "what": one.what} for part, one in left]})
        return
    if out is None:
        typer.echo(text, nl=not text.endswith("\n"))
    for part, one in left:
        typer.echo(f"{part}: {one}", err=True)
    typer.echo(f"{len(left)} left to do by hand." if left else "Everything was converted.", err=True)
