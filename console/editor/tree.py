"""The flow as a tree of cards: a plus between any two, branches indented, everything by keyboard too."""

import json
from collections.abc import Callable

from nicegui import ui

from automation.flow import each_step
from automation.outline import Body, Branch, Path, branches, node_at
from automation.part import Part
from automation.picture import says
from automation.problems import place_of
from automation.rules import Start, StopOnEvent, StopOnUnsubscribe
from automation.steps import STEPS
from console.editor.document import Slot, dropped, inserted, moved, removed, value_at, with_value
from console.editor.form import form, options
from console.editor.work import Work
from console.markup import icon
from console.plain_button import plain_button
from console.shell import failed
from console.text import tr

_ICONS = {
    "get_order": "receipt_long", "send": "mail", "wait": "schedule", "wait_for": "hourglass_empty", "if": "call_split",
    "switch": "alt_route", "split": "shuffle", "check_message": "mark_email_read", "update_contact": "person",
    "add_to_segment": "group_add", "remove_from_segment": "group_remove", "emit": "bolt", "webhook": "link",
    "stop": "stop_circle",
}  # fmt: skip
_NEW: dict[str, Body] = {
    "if": {"where": {"field": "order.totalCost", "op": "gte", "value": 100}, "then": [{"stop": {}}]},
    "wait": {"for": "1d"},
    "wait_for": {"event": "orderDELIVERED", "timeout": "3d"},
    "send": {"channel": "email", "template": ""},
    "switch": {"cases": [{"where": {"field": "order.totalCost", "op": "gte", "value": 100}, "then": []}]},
    "split": {"arms": [{"weight": 50, "steps": []}, {"weight": 50, "steps": []}]},
    "check_message": {"state": "opened", "then": [{"stop": {}}]},
}
"""What a new step of a kind begins with."""
_SAYS, _FORM = '[data-place="{}"] .oc-says', '[data-place="{}"] :is(.oc-form input, .oc-form select)'
"""Where the focus goes: to the title of a card, to the first field of its form."""


class _Named(Part):
    """What stands above the start."""

    name: str
    """What it is called in lists and reports; a published one keeps its name."""


class Tree:
    """Shows the document of a work; one card is open with its form."""

    def __init__(self, work: Work) -> None:
        self._work = work
        self._open: Path | None = None
        self._browser = ui.context.client  # the button that was pressed is gone when its card is shown anew
        self._box = ui.element("div").classes("oc-tree")
        self._text = ""
        self.build()
        work.shown.append(self._follow)

    def build(self) -> None:
        """Show the document anew."""
        self._text = self._work.history.text
        self._box.clear()
        document = self._work.document
        with self._box:
            if document is None:
                ui.label(tr("The text cannot be read; correct it first.")).classes("oc-empty")
                return
            form(self._work, (), _Named)
            self._rule(("start",), tr("Starts"), _sentence(document.get("start")), Start)
            rules = document.get("stop")
            for number, rule in enumerate(rules if isinstance(rules, list) else []):
                model = StopOnUnsubscribe if isinstance(rule, dict) and "unsubscribed" in rule else StopOnEvent
                self._rule(("stop", number), tr("Stops"), _sentence(rule), model)
            count = len(rules) if isinstance(rules, list) else 0
            with ui.element("div").classes("oc-row"):
                plain_button(tr("Add a stop by an event"), lambda: self._add_rule(count, {"event": "orderCANCELLED"}))
                plain_button(
                    tr("Add a stop by unsubscribing"), lambda: self._add_rule(count, {"unsubscribed": "email"})
                )
            self._steps(document.get("steps"), ("steps",))

    def _follow(self) -> bool:
        """A form changes its own field; any other change needs new cards."""
        if self._work.in_form:
            self._text = self._work.history.text
        elif self._text != self._work.history.text:
            self.build()
        return True

    def _rule(
        self, place: Path, title: str, sentence: str, model: type[Start | StopOnEvent | StopOnUnsubscribe]
    ) -> None:
        with ui.element("div").classes("oc-step").props(f'data-place="{_written(place)}"'):
            with ui.row().classes("items-center"):
                plain_button(f"{title}: {sentence}", lambda: self._toggle(place)).classes("oc-says")
                if place[0] == "stop":
                    plain_button("✕", lambda: self._remove(place), tr("Remove this rule"))
            if self._open == place:
                form(self._work, place, model)

    def _steps(self, steps: object, path: Path) -> None:
        entries = steps if isinstance(steps, list) else []
        for index, step in enumerate(entries):
            self._plus(Slot(path, index))
            self._card(step, (*path, index))
        self._plus(Slot(path, len(entries)))

    def _plus(self, slot: Slot) -> None:
        async def chosen(event: object) -> None:
            kind = str(getattr(event, "args", ""))
            if kind in STEPS:
                step = {kind: _NEW.get(kind, {})}
                place = (*slot.steps, slot.index)
                await self._do(lambda document: (inserted(document, slot, step), place), _FORM.format(_written(place)))

        async def fallen(event: object) -> None:
            place = _place(str(getattr(event, "args", "")))
            await self._do(lambda document: (dropped(document, place, slot)[0], None))

        where = f"{place_of(slot.steps)} {slot.index + 1}"
        words = options({kind: kind.replace("_", " ") or "+" for kind in ("", *STEPS)}, "")
        select = ui.html(words, sanitize=False, tag="select").classes("oc-plus")
        place = _written((*slot.steps, slot.index))
        select.props(f'aria-label="{tr("Add a step at")} {where}" data-slot="{place}"')
        select.on("change", chosen, js_handler="(e) => emit(e.target.value)")
        select.on("dragover.prevent", js_handler="() => {}")
        select.on("drop.prevent", fallen, js_handler="(e) => emit(e.dataTransfer.getData('text/plain'))")

    def _card(self, step: object, place: Path) -> None:
        node = node_at(step, place, 1)
        wrong = any(one.place.startswith(place_of(place)) for one in self._work.problems)
        with ui.element("div").classes("oc-step").props(f'draggable=true data-place="{_written(place)}"') as card:
            said = f"e.dataTransfer.setData('text/plain', '{_written(place)}')"
            card.on("dragstart", js_handler=f"(e) => {{ e.stopPropagation(); {said}; }}")  # not for the card around it
            with ui.row().classes("items-center"):
                title = self._says(step)
                # Where a mouse takes the card: not every browser carries what a button in it begins.
                grip = icon("drag_indicator") + icon(_ICONS.get(node.kind if node else "", "help"))
                ui.html(grip, sanitize=False, tag="span").classes("oc-grip")
                plain_button(f"{'⚠ ' if wrong else ''}{title}", lambda: self._toggle(place)).classes("oc-says")
                plain_button("↑", lambda: self._move(place, -1), f"{tr('Move up')}: {title}").classes("oc-up")
                plain_button("↓", lambda: self._move(place, 1), f"{tr('Move down')}: {title}").classes("oc-down")
                plain_button("✕", lambda: self._remove(place), f"{tr('Remove')}: {title}")
            if node and node.kind in STEPS:
                if self._open == place:
                    form(self._work, (*place, node.kind), STEPS[node.kind])
                for branch in branches(node):
                    self._branch(branch)

    def _branch(self, branch: Branch) -> None:
        with ui.element("div").classes("oc-branch"):
            way = value_at(self._work.document, branch.path[:-1])
            name = way.get("name") if isinstance(way, dict) else None
            ui.label(str(name or branch.path[-1])).classes("oc-soft")
            if branch.ends:
                ui.label(tr("Those in it get nothing more."))
            else:
                self._steps(branch.steps, branch.path)

    def _says(self, step: object) -> str:
        if not isinstance(step, dict) or len(step) != 1:
            return tr("This is no step")
        kind, body = next(iter(step.items()))
        step_id = body.get("id") if isinstance(body, dict) else None
        definition = self._work.definition
        known = {one.id: one for one in each_step(definition.steps)} if definition else {}
        said = says(known[step_id]) if step_id in known else str(kind).replace("_", " ")
        return f"{step_id}: {said}"

    async def _toggle(self, place: Path) -> None:
        self._open = None if self._open == place else place
        self.build()
        self._focus(_SAYS.format(_written(place)))

    async def _add_rule(self, count: int, rule: Body) -> None:
        place: Path = ("stop", count)
        await self._do(lambda document: (with_value(document, place, rule), place), _FORM.format(_written(place)))

    async def _move(self, place: Path, by: int) -> None:
        document = self._work.document
        if document is not None:
            new, now = moved(document, place, by)
            way = "up" if by < 0 else "down"
            await self._do(lambda _document: (new, None), f'[data-place="{_written(now)}"] .oc-{way}')

    async def _remove(self, place: Path) -> None:
        left = _SAYS.format("start") if place[0] == "stop" else f'[data-slot="{_written(place)}"]'
        await self._do(lambda document: (removed(document, place), None), left)

    def _focus(self, selector: str) -> None:
        """Cards that are shown anew would lose it: whoever works by keyboard would begin at the top of the page."""
        self._browser.run_javascript(f"document.querySelector({json.dumps(f'.oc-tree {selector}')})?.focus()")

    async def _do(self, change: Callable[[Body], tuple[Body, Path | None]], focus: str = "") -> None:
        """Change the document; the card at the place that comes with it is open then, and `focus` has the focus."""
        document = self._work.document
        if document is None:
            return
        try:
            new, self._open = change(document)
            await self._work.change(new)
        except Exception as error:  # noqa: BLE001 - told to the person and the log
            ui.notify(failed(error), type="negative")
        self.build()
        if focus:
            self._focus(focus)


def _written(place: Path) -> str:
    return "/".join(map(str, place))


def _place(text: str) -> Path:
    return tuple(int(part) if part.isdigit() else part for part in text.split("/"))


def _sentence(rule: object) -> str:
    """A rule in words; empty while it is none."""
    if not isinstance(rule, dict):
        return ""
    if "unsubscribed" in rule:
        return tr("unsubscribed from {channel}", channel=rule["unsubscribed"])
    event = rule.get("event") or rule.get("segment") or ""
    text = " or ".join(map(str, event)) if isinstance(event, list) else str(event)
    return f"{text} {tr('of the same contact')}" if rule.get("match") == "contact" else text
