"""What can be done with many runs, after a look at how many they are: stop them, skip or move their waits."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlencode

from markupsafe import Markup
from nicegui import ui

from api.run_work import MOST_AT_ONCE, MOST_MOVED, RunWork
from console.asking import Field, Given, asking
from console.markup import put
from console.run_actions import moment_of, reason_of, work_of
from console.text import number, tr
from console.told import go
from console.visit import Visit
from store.run_list import RunFilter
from store.tables.run import OPEN_STATES, RunState
from store.tables.user import Role

Do = Callable[[RunWork, Given, int], Awaitable[int]]


@dataclass(frozen=True, slots=True)
class _Kind:
    """One thing to do with many: its texts, with which runs it can be done, and how."""

    would: Callable[[str, str], str]
    """Of how many runs, and whose."""
    means: str
    label: Callable[[str], str]
    done: Callable[[str], str]
    among: Sequence[RunState]
    most: int
    fields: Mapping[str, Field]
    do: Do


def links(query: Mapping[str, str]) -> Markup:
    """The way to a dry run of each kind, for the runs of this list."""
    kept = {name: value for name, value in query.items() if name != "cursor"}
    offered = {"skip": tr("Skip their waits…"), "move": tr("Move their waits…"), "stop": tr("Stop all of these…")}
    return Markup('<div class="oc-row">{}</div>').format(
        Markup("").join(
            Markup('<a class="oc-button" href="{}">{}</a>').format(f"/runs?{urlencode({**kept, 'bulk': name})}", label)
            for name, label in offered.items()
        )
    )


async def offer_all(visit: Visit, wanted: RunFilter, query: Mapping[str, str]) -> None:
    """The dry run that `bulk` in the address asks for, and the button that does what it told."""
    kept = {name: value for name, value in query.items() if name not in ("bulk", "cursor")}
    back = f"/runs?{urlencode(kept)}".rstrip("?")
    user = await visit.acting(Role.OPERATOR)
    kind = _kind(visit, wanted, query["bulk"])
    work = RunWork(visit.services.database, visit.services.client, f"user:{user.email}")
    count = await work.count(wanted, kind.among, most=kind.most)
    whom = tr("automation {name}", name=wanted.automation) if wanted.automation else tr("all automations")
    if not 0 < count <= kind.most:
        said = tr("There is no such run.") if not count else tr("These are more than {most} runs: narrow them down.")
        put(Markup('<div class="oc-note oc-warn"><p>{}</p><p><a href="{}">{}</a></p></div>').format(
            said.format(most=number(kind.most)), back, tr("Back")))  # fmt: skip
        return

    async def do(given: Given) -> str:
        done = await kind.do(await work_of(visit), given, count)
        return go(visit, back, kind.done(number(done)))

    put(Markup('<div class="oc-note oc-bad"><p><strong>{}</strong></p><p>{} {}</p></div>').format(
        kind.would(number(count), whom), tr("Nothing has happened yet."), kind.means))  # fmt: skip
    with ui.element("div").classes("oc-row"):
        confirmed = {"count": Field(tr("Write {count} to confirm", count=count), must_be=str(count))}
        asking(kind.label(number(count)), kind.means, do, {**kind.fields, **confirmed}, danger=True)
        put(Markup('<a class="oc-button" href="{}">{}</a>').format(back, tr("Leave them alone")))


def _kind(visit: Visit, wanted: RunFilter, name: str) -> _Kind:
    zone = visit.services.settings.zone
    if name == "skip":
        return _Kind(
            would=lambda count, whom: tr("This would end the wait of {count} runs of {whom}.", count=count, whom=whom),
            means=tr("They go on at once, and may send what comes next; this cannot be taken back."),
            label=lambda count: tr("Skip the waits of these {count} runs", count=count),
            done=lambda count: tr("The waits of {count} runs are over; the runs go on.", count=count),
            among=(RunState.WAITING,),
            most=MOST_MOVED,
            fields={},
            do=lambda work, _given, count: work.move_all(wanted, None, most=count),
        )
    if name == "move":
        soon = f"{datetime.now(zone):%Y-%m-%d %H:%M}"
        return _Kind(
            would=lambda count, whom: tr("This would move the wait of {count} runs of {whom}.", count=count, whom=whom),
            means=tr("All of them go on at the same moment; what is due then counts as due then."),
            label=lambda count: tr("Move the waits of these {count} runs", count=count),
            done=lambda count: tr("The waits of {count} runs are moved.", count=count),
            among=(RunState.WAITING,),
            most=MOST_MOVED,
            fields={"to": Field(tr("Goes on at, on the clock of {zone}", zone=zone.key), value=soon)},
            do=lambda work, given, count: work.move_all(wanted, moment_of(given, zone), most=count),
        )
    return _Kind(
        would=lambda count, whom: tr("This would stop {count} runs of {whom}.", count=count, whom=whom),
        means=tr("They send nothing more once you confirm; this cannot be taken back."),
        label=lambda count: tr("Stop these {count} runs", count=count),
        done=lambda count: tr("{count} runs are stopped; they send nothing more.", count=count),
        among=OPEN_STATES,
        most=MOST_AT_ONCE,
        fields={"reason": Field(tr("Reason, kept with the runs"), value=tr("by an operator"))},
        do=lambda work, given, count: work.stop_all(wanted, reason_of(given), most=count),
    )
