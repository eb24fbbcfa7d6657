"""The `ordercue` command. Exit codes: 0 done, 1 it failed and one clear line says why, 2 wrong usage."""

import gc
import os
import sys
from importlib import import_module
from importlib.metadata import version as installed_version
from typing import NoReturn

import typer
from rich.console import Console

from cli.output import Json, print_json
from core.errors import OrdercueError

_COMMANDS = {
    "dev": "cli.dev:dev",
    "demo": "cli.demo:demo",
    "api": "cli.servers:api",
    "worker": "cli.servers:worker",
    "console": "cli.servers:console",
    "migrate": "cli.servers:migrate",
    "keys": "cli.keys:app",
    "users": "cli.users:app",
    "automations": "cli.trials:app",
    "backtest": "cli.backtest:backtest",
    "templates": "cli.templates:app",
    "orders": "cli.orders:app",
    "runs": "cli.runs:app",
    "replay": "cli.replay:replay",
    "messages": "cli.messages:app",
    "suppressions": "cli.suppressions:app",
    "stores": "cli.stores:app",
    "providers": "cli.stores:providers",
    "doctor": "cli.doctor:doctor",
    "contacts": "cli.contacts:app",
    "audit": "cli.audit:audit",
    "mailbox": "cli.mailbox_list:mailbox",
    "rfm": "cli.rfm:rfm",
    "recalculate": "cli.recalculate:recalculate",
    "segments": "cli.segments:app",
    "reports": "cli.figures:reports",
}
"""Where each command is. Only the one that is called is imported: all of them together take seconds."""


def ordercue() -> None:
    """Order events become timely messages, durably."""


def version(*, json: Json = False) -> None:
    """Print the installed version."""
    number = installed_version("ordercue")
    if json:
        print_json({"version": number})
    else:
        print(number)


def main() -> None:
    """Entry of the console script."""
    gc.set_threshold(20_000)  # a start makes objects and no garbage: looking for it was a tenth of its time
    leave(run(sys.argv[1:]))


def leave(code: int) -> NoReturn:
    """End the process."""
    sys.stdout.flush()
    sys.stderr.flush()
    # Threads of Temporal's client can call into the interpreter while it is taken down, which aborts the process
    # after its work is done; nothing here needs that taking down.
    os._exit(code)


def run(arguments: list[str]) -> int:
    """The exit code of one command; what it has to say is written."""
    try:
        _app_for(arguments)(args=arguments, prog_name="ordercue")
    except OrdercueError as error:
        Console(stderr=True, soft_wrap=True).print(f"ordercue: {error}", markup=False, highlight=False)
        return 1
    except SystemExit as done:
        return done.code if isinstance(done.code, int) else int(done.code is not None)
    return 0


def _app_for(arguments: list[str]) -> typer.Typer:
    """With the command that is called, or with all of them for the help and for a name that is unknown."""
    app = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False, rich_markup_mode=None)
    app.callback()(ordercue)
    app.command()(version)
    wanted = next((one for one in arguments if not one.startswith("-")), None)
    names = [wanted] if wanted in _COMMANDS else [] if wanted == "version" else list(_COMMANDS)
    for name in names:
        module, _, attribute = _COMMANDS[name].partition(":")
        found = getattr(import_module(module), attribute)
        if isinstance(found, typer.Typer):
            app.add_typer(found, name=name)
        else:
            app.command(name)(found)
    return app
