"""Charts that can be read in the light and in the dark; the table of the same figures stands below each."""

from collections.abc import Mapping, Sequence
from typing import Any

from nicegui import ui

from console.text import spoken

_INK, _LINE = "#7d8aa0", "#7d8aa033"
"""Between both grounds: a chart does not know on which one it is drawn."""
COLOURS = ("#4f7cf0", "#2fa36b", "#d08a1f", "#c65b8f")
_SOFT = "#9aa7ba"
_FEW = 8


def bars(
    labels: Sequence[str], series: Mapping[str, Sequence[float]], *, before: Sequence[float] | None = None,
    before_name: str = "", unit: str = "", stacked: bool = False,
) -> None:  # fmt: skip
    """Bars side by side or on top of each other; `before` is a line of what stood at the same place earlier."""
    shown: list[dict[str, Any]] = [
        {
            "type": "bar",
            "name": name,
            "data": list(values),
            "itemStyle": {"borderRadius": 0 if stacked else [3, 3, 0, 0]},
        }
        | ({"stack": "all"} if stacked else {})
        for name, values in series.items()
    ]
    if before is not None:
        line = {"type": "line", "name": before_name, "data": list(before)[: len(labels)], "symbol": "none"}
        shown.append(line | {"lineStyle": {"type": "dashed", "color": _SOFT}, "itemStyle": {"color": _SOFT}})
    _draw(
        {
            "xAxis": {"type": "category", "data": list(labels), **_axis(every=len(labels) <= _FEW)},
            "yAxis": _values() | {"minInterval": 1, "name": unit},
            "series": shown,
            "legend": {"textStyle": {"color": _INK}, "bottom": 0} if len(shown) > 1 else {"show": False},
        }
    )


def levels(labels: Sequence[str], series: Mapping[str, Sequence[float]]) -> None:
    """Bars from the left, the first label on top."""
    _draw(
        {
            "yAxis": {"type": "category", "data": list(labels), "inverse": True, **_axis()},
            "xAxis": _values(),
            "series": [{"type": "bar", "name": name, "data": list(values)} for name, values in series.items()],
            "legend": {"textStyle": {"color": _INK}, "bottom": 0} if len(series) > 1 else {"show": False},
        }
    )


def _axis(*, every: bool = False) -> dict[str, Any]:  # Any: JSON of ECharts
    """With `every` no label is left out."""
    return {
        "axisLabel": {"color": _INK} | ({"interval": 0} if every else {}),
        "nameTextStyle": {"color": _INK},
        "axisLine": {"lineStyle": {"color": _LINE}},
        "axisTick": {"show": False},
    }


def _values() -> dict[str, Any]:  # Any: as above
    """The axis of the figures."""
    axis = _axis()
    return axis | {
        "type": "value",
        "axisLabel": axis["axisLabel"] | {":formatter": _spelt()},
        "splitLine": {"lineStyle": {"color": _LINE}},
    }


def _spelt() -> str:
    """JavaScript that writes a number as the console's locale does."""
    return f"value => value?.toLocaleString({spoken()!r})"


def _draw(options: dict[str, Any]) -> None:  # Any: as above
    common = {
        "color": list(COLOURS),
        "tooltip": {"trigger": "axis", ":valueFormatter": _spelt()},
        "grid": {"left": 12, "right": 16, "top": 34, "bottom": 40, "containLabel": True},
        "aria": {"enabled": True},
        "animation": False,
    }
    ui.echart(common | options).classes("oc-chart").props("role=img")
