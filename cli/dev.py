"""`ordercue dev`: the stack of one machine in the foreground."""

import asyncio
import signal
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from cli.ports import Ports, free_port
from cli.stack import Stack
from cli.stack_ready import Ready

_USUAL = Ports(api=8080, temporal=7233, temporal_ui=8233, smtp=1025, mailbox=8025, console=8090)
_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


def _port_option(meaning: str, variable: str, usual: int) -> typer.models.OptionInfo:
    text = f"Port of {meaning}. Default: {usual} when it is free, else any free one; 0 takes any free one."
    option: typer.models.OptionInfo = typer.Option(envvar=variable, min=0, max=65535, help=text, show_default=False)
    return option


def dev(
    *,
    data_dir: Annotated[
        Path, typer.Option(envvar="ORDERCUE_DATA_DIR", help="Folder of all data; the next start finds it again.")
    ] = Path(".ordercue"),
    api_port: Annotated[int | None, _port_option("the API", "ORDERCUE_API_PORT", _USUAL.api)] = None,
    temporal_port: Annotated[int | None, _port_option("Temporal", "ORDERCUE_TEMPORAL_PORT", _USUAL.temporal)] = None,
    temporal_ui_port: Annotated[
        int | None, _port_option("Temporal's Web UI", "ORDERCUE_TEMPORAL_UI_PORT", _USUAL.temporal_ui)
    ] = None,
    smtp_port: Annotated[int | None, _port_option("the mailbox's SMTP", "ORDERCUE_SMTP_PORT", _USUAL.smtp)] = None,
    mailbox_port: Annotated[int | None, _port_option("the mailbox", "ORDERCUE_MAILBOX_PORT", _USUAL.mailbox)] = None,
    console_port: Annotated[int | None, _port_option("the console", "ORDERCUE_CONSOLE_PORT", _USUAL.console)] = None,
    ready_file: Annotated[
        Path | None,
        typer.Option(
            envvar="ORDERCUE_READY_FILE", help="Write addresses, key and pids there as JSON once everything answers."
        ),
    ] = None,
) -> None:
    """Run PostgreSQL, Temporal, a mailbox, the API, the console and a worker here until Ctrl-C; nothing else is needed.

    Exit codes: 0 after Ctrl-C or SIGTERM, 128 + signal when that came before everything answered, 1 when a part failed.
    """
    ports = Ports(
        api=_usual_if_free(api_port, _USUAL.api),
        temporal=_usual_if_free(temporal_port, _USUAL.temporal),
        temporal_ui=_usual_if_free(temporal_ui_port, _USUAL.temporal_ui),
        smtp=_usual_if_free(smtp_port, _USUAL.smtp),
        mailbox=_usual_if_free(mailbox_port, _USUAL.mailbox),
        console=_usual_if_free(console_port, _USUAL.console),
    )
    raise typer.Exit(asyncio.run(_run(data_dir, ports, ready_file)))


async def _run(data_dir: Path, ports: Ports, ready_file: Path | None) -> int:
    """Exit code."""
    console = Console()
    received = cancel_on_signals()
    answered = False
    status = console.status("Starting")
    stack = Stack(
        data_dir,
        ports=ports,
        ready_file=ready_file,
        report=lambda line: console.print(f"[yellow]{escape(line)}[/]", soft_wrap=True),
        progress=lambda part: status.update(f"Starting {part}"),
    )
    status.start()
    try:
        async with stack:
            status.stop()
            answered = True
            _show(console, stack.ready, data_dir, stack.sign_in_link)
            await stack.watch()
    except asyncio.CancelledError:
        if not received:
            raise
    finally:
        status.stop()
    return 0 if answered else 128 + received[0]


def cancel_on_signals() -> list[int]:
    """Cancel the running task at the first of our signals; later ones change nothing. The list is of those received."""
    received: list[int] = []
    loop, task = asyncio.get_running_loop(), asyncio.current_task()

    def on_signal(number: int) -> None:
        if not received and task:
            task.cancel()
        received.append(number)

    for number in _SIGNALS:
        if number != signal.SIGHUP or signal.getsignal(number) != signal.SIG_IGN:  # nohup means to stay
            loop.add_signal_handler(number, on_signal, number)
    return received


def _show(console: Console, ready: Ready, data_dir: Path, link: str) -> None:
    rows = {
        "Console": f"{link} (signs you in once)",
        "API": ready.api_url,
        "API key": ready.api_key,
        "Mailbox": ready.mailbox_url,
        "Temporal's Web UI": ready.temporal_ui_url,
        "Temporal": ready.temporal_address,
        "SMTP": ready.smtp_address,
        "PostgreSQL": ready.database_url,
        "Data and logs": str(data_dir),
    }
    table = Table.grid(padding=(0, 2))
    for name, value in rows.items():
        table.add_row(f"[bold]{name}[/]", escape(value))
    widest = max(map(len, rows)) + max(map(len, rows.values())) + 4
    console.width = max(console.width, widest)  # whole URLs can be copied, even where the terminal wraps them
    console.print(table)
    console.print("Ctrl-C stops everything; the data stays.")


def _usual_if_free(wanted: int | None, usual: int) -> int:
    return free_port(usual) if wanted is None else wanted
