"""The tree of a segment as cards: groups within groups, a form for each condition, everything by keyboard too."""

from functools import partial
from typing import Any

from nicegui import ui

from automation.outline import Body, Path
from automation.problems import place_of
from console.editor.document import value_at, with_value
from console.editor.form import form, options
from console.plain_button import plain_button
from console.segment_editor.work import SegmentWork
from console.shell import failed
from console.text import tr
from core.errors import InvalidError
from core.segments.definition import LEAVES, read_condition
from core.segments.phrases import sentence

_GROUPS = {"all": "All of these hold", "any": "At least one of these holds"}
_NEW: dict[str, Body] = {
    "orders": {"orders": "count", "op": "gte", "value": 1},
    "rfm": {"rfm": {"group": ["champions"]}},
    "contact": {"contact": "language", "op": "is_set"},
    "event": {"event": "orderDELIVERED", "within": 30},
    "message": {"message": "opened", "within": 30},
    "segment": {"segment": ""},
    "all": {"all": [{"orders": "count", "op": "gte", "value": 1}]},
    "any": {"any": [{"orders": "count", "op": "gte", "value": 1}]},
}
"""What a new condition of a kind begins with."""
_ASKED = {
    "orders": "figures of orders",
    "rfm": "a cell or group of the RFM",
    "contact": "a field of the contact",
    "event": "an event that happened, or did not",
    "message": "a message that came, or did not",
    "segment": "a member of another segment",
    "all": "a group: all hold",
    "any": "a group: at least one holds",
}


class SegmentTree:
    """Shows the tree of a work; one card is open with its form."""

    def __init__(self, work: SegmentWork) -> None:
        self._work = work
        self._open: Path | None = None
        self._box = ui.element("div").classes("oc-tree")
        self.build()
        work.shown.append(self._follow)

    def build(self) -> None:
        """Show the tree anew."""
        self._box.clear()
        with self._box:
            self._node((), self._work.document)

    def _follow(self) -> bool:
        """A form changes its own field; its card says the new sentence when the form is closed."""
        if not self._work.in_form:
            self.build()
        return True

    def _node(self, place: Path, node: Any) -> None:  # Any: JSON
        kind = _kind(node)
        negated = kind == "not"
        if negated:
            place = (*place, "not")
            node = node["not"]
            kind = _kind(node)
        with ui.element("div").classes("oc-step"):
            with ui.row().classes("items-center"):
                if kind in _GROUPS:
                    self._group_head(place, str(kind), negated=negated)
                else:
                    said = f"{tr('not')}: {_says(node)}" if negated else _says(node)
                    plain_button(said, partial(self._toggle, place))
                if place:
                    words = tr("Do not negate") if negated else tr("Negate")
                    plain_button(words, partial(self._negate, place, node, negated=negated))
                    plain_button("✕", partial(self._remove, place[:-1] if negated else place), tr("Remove"))
            self._faults(place, kind)
            if kind in _GROUPS:
                self._members((*place, kind), node[kind])
            elif kind is not None and kind in LEAVES and self._open == place:
                form(self._work, place, LEAVES[kind])

    def _group_head(self, place: Path, kind: str, *, negated: bool) -> None:
        if negated:
            ui.label(tr("Not:"))
        words = options({name: tr(label) for name, label in _GROUPS.items()}, kind)
        select = ui.html(words, sanitize=False, tag="select").classes("oc-group-kind")
        select.props["aria-label"] = tr("How the group {place} decides", place=place_of(place) or tr("at the top"))

        async def chosen(event: object) -> None:
            other = str(getattr(event, "args", ""))
            if other in _GROUPS and other != kind:
                node = value_at(self._work.document, place)
                await self._put(place, {other: node[kind]})

        select.on("change", chosen, js_handler="(e) => emit(e.target.value)")

    def _members(self, place: Path, nodes: list[Any]) -> None:  # Any: JSON
        with ui.element("div").classes("oc-branch"):
            for number, node in enumerate(nodes):
                self._node((*place, number), node)
            words = options({"": tr("+ add a condition"), **{name: tr(label) for name, label in _ASKED.items()}}, "")
            select = ui.html(words, sanitize=False, tag="select").classes("oc-plus")
            select.props["aria-label"] = tr("Add a condition to {place}", place=place_of(place))

            async def chosen(event: object) -> None:
                kind = str(getattr(event, "args", ""))
                if kind in _NEW:
                    added = (*place, len(nodes))
                    self._open = added
                    await self._put(added, _NEW[kind])

            select.on("change", chosen, js_handler="(e) => emit(e.target.value)")

    def _faults(self, place: Path, kind: str | None) -> None:
        """What is wrong with this very node; a form tells what is wrong with its fields."""
        here, below = place_of(place), kind in _GROUPS
        label = ui.label("").classes("oc-bad").props("role=alert")

        def show() -> bool:
            if label.is_deleted:
                return False
            inside = place_of((*place, kind)) if below and kind else here
            label.text = "; ".join(
                one.message
                for one in self._work.problems
                if one.place in (here, inside)
                or (not below and self._open != place and one.place.startswith((f"{here}.", f"{here}[")))
            )
            return True

        self._work.shown.append(show)
        show()

    async def _toggle(self, place: Path) -> None:
        self._open = None if self._open == place else place
        self.build()

    async def _negate(self, place: Path, node: Any, *, negated: bool) -> None:  # Any: JSON
        self._open = None
        await (self._put(place[:-1], node) if negated else self._put(place, {"not": node}))

    async def _remove(self, place: Path) -> None:
        self._open = None
        siblings = value_at(self._work.document, place[:-1])
        if place[:-1] == (_kind(self._work.document),) and isinstance(siblings, list) and len(siblings) == 1:
            ui.notify(tr("A segment has a condition at least; change it, or add another one first."), type="negative")
            return
        if isinstance(siblings, list) and len(siblings) == 1:  # a group goes with its last condition
            await self._remove(place[:-2])
            return
        await self._put(place, None)

    async def _put(self, place: Path, value: Any) -> None:  # Any: JSON
        try:
            await self._work.change(with_value(self._work.document, place, value) if place else value)
        except Exception as error:  # noqa: BLE001 - told to the person and the log
            ui.notify(failed(error), type="negative")


def _kind(node: object) -> str | None:
    if not isinstance(node, dict):
        return None
    for name in ("all", "any"):
        if isinstance(node.get(name), list):
            return name
    return next((name for name in ("not", *LEAVES) if name in node), None)


def _says(node: object) -> str:
    try:
        return sentence(read_condition(node))
    except InvalidError:
        kind = _kind(node)
        return tr(_ASKED[kind]) if kind in _ASKED else tr("This is no condition")
