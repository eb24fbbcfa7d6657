"""`ordercue doctor`."""

from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from typing import Annotated

import typer
from sqlalchemy.ext.asyncio import AsyncSession

from cli.output import Json, cell, print_json
from cli.session import in_transaction
from core.settings import read_settings
from store.doctor import Finding, examine


def doctor(
    *,
    minutes: Annotated[float, typer.Option(min=0, help="Age from which a message being sent counts as stuck.")] = 10,
    seconds: Annotated[
        int | None, typer.Option(min=0, help="Age from which the rest counts; default: the sweeper had its time.")
    ] = None,
    days: Annotated[int, typer.Option(min=1, max=3650, help="How far back events are looked at.")] = 7,
    json: Json = False,
) -> None:
    """Look for what was accepted and not carried out. Exit code 1 when there is something, and what to do next."""
    settings = read_settings()
    usual = settings.sweep_after_seconds + 2 * settings.sweep_seconds
    patience = timedelta(seconds=usual if seconds is None else seconds)

    async def work(session: AsyncSession) -> list[Finding]:
        return await examine(
            session,
            now=datetime.now(UTC),
            patience=patience,
            long_patience=timedelta(minutes=minutes),
            window=timedelta(days=days),
        )

    findings = in_transaction(work)
    healthy = all(one.count == 0 for one in findings)
    if json:
        print_json({"healthy": healthy, "findings": [asdict(one) for one in findings]})
    else:
        _tell(findings)
    if not healthy:
        raise typer.Exit(1)


def _tell(findings: list[Finding]) -> None:
    for one in findings:
        print(f"{one.count:>8}  {one.title}")
        if one.count:
            for example in one.examples:
                print(f"          {example['id']}  {example['name']}  since {cell(example['since'])}")
            print(f"          Why:  {one.why}")
            print(f"          Next: {one.next_step}")
