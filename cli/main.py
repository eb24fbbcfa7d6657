"""The `ordercue` command. Exit codes: 0 done, 1 it failed and one clear line says why, 2 wrong usage."""

import os
import sys
from importlib.metadata import version as installed_version

import typer
from rich.console import Console

from cli import automations, keys, orders, runs, servers, templates, trials, users
from cli.backtest import backtest
from cli.demo import demo
from cli.dev import dev
from cli.output import Json, print_json
from core.errors import OrdercueError

app = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False, rich_markup_mode=None)
app.command()(dev)
app.command()(demo)
app.command()(servers.api)
app.command()(servers.worker)
app.command()(servers.console)
app.command()(servers.migrate)
app.add_typer(keys.app, name="keys")
automations.app.command("test")(trials.launch)
automations.app.command("simulate")(trials.walk)
app.command()(backtest)
app.add_typer(automations.app, name="automations")
app.add_typer(templates.app, name="templates")
app.add_typer(orders.app, name="orders")
app.add_typer(runs.app, name="runs")
app.add_typer(users.app, name="users")


@app.command()
def version(*, json: Json = False) -> None:
    """Print the installed version."""
    number = installed_version("ordercue")
    if json:
        print_json({"version": number})
    else:
        print(number)


def main() -> None:
    """Entry of the console script."""
    code = _run()
    sys.stdout.flush()
    sys.stderr.flush()
    # Threads of Temporal's client can call into the interpreter while it is taken down, which aborts the process
    # after its work is done; nothing here needs that taking down.
    os._exit(code)


def _run() -> int:
    try:
        app()
    except OrdercueError as error:
        Console(stderr=True, soft_wrap=True).print(f"ordercue: {error}", markup=False, highlight=False)
        return 1
    except SystemExit as done:
        return done.code if isinstance(done.code, int) else int(done.code is not None)
    return 0
