"""`ordercue demo`: the way of an order on this machine, from HTTP to the mailbox, and back down again."""

import asyncio
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import orjson
import typer
from rich.console import Console
from rich.live import Live
from rich.markup import escape
from rich.table import Table

from cli.dev import cancel_on_signals
from cli.embedded_process import find_command, read_output
from cli.orders import post_orders
from cli.stack import Stack, product_environment
from cli.stack_ready import Ready
from core.errors import ConfigurationError, UnavailableError

_AUTOMATIONS = ("order-status", "delivered-review")
_PATIENCE_SECONDS = 45.0
_POLL_SECONDS = 0.2
_TABLE_WIDTH = 150
_SETTLED_RUNS = {"waiting", "done", "stopped", "failed"}
_OPEN_MESSAGES = {"pending", "sending"}

Story = dict[str, Any]  # Any: the JSON of an order's timeline


def demo() -> None:
    """Start everything in a temporary folder, post examples/orders.json, show what came of it, stop everything."""
    examples = _examples()
    raise typer.Exit(asyncio.run(_run(examples)))


async def _run(examples: Path) -> int:
    """Exit code."""
    console = Console()
    received = cancel_on_signals()
    try:
        with _folder() as folder, console.status("Starting") as status:
            stack = Stack(folder, progress=lambda part: status.update(f"Starting {part}"))
            async with stack:
                status.stop()
                await _show(console, stack.ready, examples)
                status.update("Stopping")
                status.start()
    except asyncio.CancelledError:
        if not received:
            raise
        return 128 + received[0]
    console.print("Everything is stopped. Keep it running with: [bold]make run[/]")
    return 0


@contextmanager
def _folder() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="ordercue-demo-") as folder:
        Path(folder).chmod(0o711)  # PostgreSQL passes through as another user when this runs as root
        yield Path(folder) / "data"


async def _show(console: Console, ready: Ready, examples: Path) -> None:
    await _publish(ready, examples)
    body = (examples / "orders.json").read_bytes()
    order_ids = [order["externalOrderId"] for order in orjson.loads(body)["orders"]]
    answer = await asyncio.to_thread(post_orders, ready.api_url, ready.api_key, body)
    console.print(
        f"POST {ready.api_url}/api/v1/orders → 200, {answer['accepted']} accepted, "
        f"{len(answer['failedOrders'])} failed, {len(answer['warnings'])} warnings"
    )
    stories = await _watch(console, ready, list(dict.fromkeys(order_ids)))
    console.print(_table(stories), width=max(console.width, _TABLE_WIDTH), crop=False)
    mails = await _mails(ready)
    sent = sum(entry["state"] == "sent" for story in stories for entry in _of(story, "message"))
    console.print(f"{len(mails)} mails lie in the mailbox, the ledger says sent {sent} times.")
    if len(mails) != sent or not sent:
        msg = "the mailbox and the ledger differ; look at both with: make run"
        raise UnavailableError(msg)
    for story in stories:
        for run in _of(story, "run"):
            if run["state"] == "waiting":
                console.print(
                    f"Order {escape(story['externalOrderId'])}: {escape(run['automation'])} sleeps at "
                    f"{escape(run['step'])} and goes on at [bold]{run['dueAt']}[/]"
                )


async def _publish(ready: Ready, examples: Path) -> None:
    environment = product_environment(ready, Path.cwd())
    files = [examples / "automations" / f"{name}.yaml" for name in _AUTOMATIONS]
    for command in (["templates", "apply", examples / "templates"], ["automations", "apply", *files]):
        await read_output(
            f"ordercue {command[0]} apply", [find_command("ordercue"), *map(str, command)], environment=environment
        )


async def _watch(console: Console, ready: Ready, order_ids: Sequence[str]) -> list[Story]:
    """Live progress until every event is decided and every mail is on its way. Raises UnavailableError."""
    headers = {"Authorization": f"Bearer {ready.api_key}"}
    stories: list[Story] = []
    async with httpx.AsyncClient(base_url=ready.api_url, headers=headers, trust_env=False) as http:
        with Live(console=console, refresh_per_second=8, transient=True) as live:
            try:
                async with asyncio.timeout(_PATIENCE_SECONDS):
                    while True:
                        stories = [await _story(http, order_id) for order_id in order_ids]
                        live.update(_progress(stories))
                        if all(map(_is_settled, stories)):
                            return stories
                        await asyncio.sleep(_POLL_SECONDS)
            except TimeoutError:
                msg = f"after {_PATIENCE_SECONDS:g} s not everything was sent:\n{orjson.dumps(stories).decode()[:2000]}"
                raise UnavailableError(msg) from None


async def _story(http: httpx.AsyncClient, order_id: str) -> Story:
    response = await http.get(f"/api/v1/orders/{order_id}/timeline")
    response.raise_for_status()
    found: Story = response.json()
    return found


async def _mails(ready: Ready) -> list[Any]:  # Any: JSON of the mailbox
    async with httpx.AsyncClient(trust_env=False) as http:
        found: list[Any] = (await http.get(f"{ready.mailbox_url}/api/messages")).json()["messages"]
    return found


def _of(story: Story, kind: str) -> list[Story]:
    return [entry for entry in story["entries"] if entry["kind"] == kind]


def _is_settled(story: Story) -> bool:
    """Each event that acts is decided, no run is on its way, no message is open."""
    decided = {decision["eventId"] for decision in _of(story, "decision")}
    return (
        all(event["id"] in decided for event in _of(story, "event") if event["effect"] == "acts")
        and all(run["state"] in _SETTLED_RUNS for run in _of(story, "run"))
        and not any(message["state"] in _OPEN_MESSAGES for message in _of(story, "message"))
    )


def _progress(stories: Sequence[Story]) -> Table:
    table = Table("order", "events", "decisions", "runs", "messages", title="What comes of the orders")
    for story in stories:
        counts = (str(len(_of(story, kind))) for kind in ("event", "decision", "run", "message"))
        table.add_row(escape(story["externalOrderId"]), *counts)
    return table


def _table(stories: Sequence[Story]) -> Table:
    table = Table("order", "event", "automation", "decision", "why", "message")
    for story in stories:
        events = {event["id"]: event["type"] for event in _of(story, "event")}
        for decision in _of(story, "decision"):
            messages = [one for one in _of(story, "message") if one["runId"] == decision["runId"] is not None]
            table.add_row(
                escape(story["externalOrderId"]),
                events[decision["eventId"]],
                escape(decision["automation"]),
                decision["outcome"],
                escape(decision["sentence"]),
                "\n".join(escape(f"{one['template']}: {one['state']}") for one in messages),
            )
    return table


def _examples() -> Path:
    for root in (Path.cwd(), Path(__file__).parent.parent):
        if (root / "examples" / "orders.json").exists():
            return root / "examples"
    msg = "the folder examples/ is not here; run this in a checkout of Ordercue"
    raise ConfigurationError(msg)
