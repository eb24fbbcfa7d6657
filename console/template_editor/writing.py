"""What is written of a template: subject, body and text, in one language or in several."""

from collections.abc import Callable
from functools import partial

from nicegui import ui
from nicegui.elements.codemirror import CodeMirror

from automation.template_lint import Finding, Severity
from console.asking import Field, Given, asking
from console.shell import action
from console.template_editor.draft import BODIES, Draft
from console.text import tr
from core.errors import InvalidError

_ITSELF = "·"


class Writing:
    """The fields; `changed` is called after each change of the draft."""

    def __init__(self, draft: Draft, changed: Callable[[], None]) -> None:
        self._draft = draft
        self._changed = changed
        self._box = ui.element("div").classes("oc-form w-full")
        self._editors: dict[str, CodeMirror] = {}
        self.build()

    def build(self) -> None:
        """Show the draft anew."""
        self._box.clear()
        with self._box:
            self._languages()
            subject = ui.input(tr("Subject"), value=self._draft.variant.get("subject") or "")
            subject.props("outlined dense stack-label").classes("w-full")
            if self._draft.locale is not None:
                subject.props["hint"] = tr("Empty: that of the template itself.")
            subject.on_value_change(lambda: self._said("subject", subject.value))
            body = self._draft.body()
            kind = ui.select({part: part.upper() for part in BODIES}, value=body, label=tr("Body"))
            kind.props("outlined dense").classes("oc-short")
            kind.on_value_change(lambda: self._use(kind.value))
            self._editor(body, tr("Body of the message"), "oc-editor")
            self._editor("text", tr("Text part; made from the HTML when empty"), "oc-editor oc-low")
            if self._draft.locale is None:
                self._options()

    def show(self, findings: list[Finding]) -> None:
        """Mark the lines that lint speaks of."""
        for part, editor in self._editors.items():
            lines = (editor.value or "").count("\n") + 1
            editor.decorations = [
                {"kind": "line", "line": one.line, "class": _MARKS[one.severity]}
                for one in findings
                if one.part == part and one.locale == self._draft.locale and one.line and one.line <= lines
            ]

    async def go_to(self, finding: Finding) -> None:
        """Bring the place of a finding into view."""
        if finding.locale != self._draft.locale and (finding.locale is None or finding.locale in self._draft.locales):
            self._draft.locale = finding.locale
            self.build()
            self._changed()
        editor = self._editors.get(finding.part)
        if editor is not None and finding.line:
            editor.reveal_line(finding.line)

    def _languages(self) -> None:
        with ui.element("div").classes("oc-row"):
            names = {_ITSELF: self._draft.document.get("language") or tr("the template itself")}
            names |= {locale: locale for locale in self._draft.locales}
            chosen = ui.select(names, value=self._draft.locale or _ITSELF, label=tr("Language"))
            chosen.props("outlined dense").classes("oc-short")
            chosen.on_value_change(lambda: self._speak(None if chosen.value == _ITSELF else str(chosen.value)))
            text = tr("The same message in another language. It begins with what the template itself says.")
            asking(tr("Add a language"), text, self._add, {"language": Field(tr("Its tag, such as uk or de-AT"))})
            if self._draft.locale is not None:
                ui.button(tr("Remove this language"), color=None, on_click=action(self._remove)).props("outline")

    def _editor(self, part: str, label: str, classes: str) -> None:
        ui.label(label).classes("oc-soft")
        with ui.element("div").classes("w-full") as box:
            box.props["data-label"] = label
            said = self._draft.variant.get(part) or ""
            editor = ui.codemirror(said, language="HTML" if part in BODIES else None, line_wrapping=True)
        editor.classes(classes)
        editor.on_value_change(lambda: self._said(self._draft.body() if part in BODIES else part, editor.value))
        self._editors = {one: each for one, each in self._editors.items() if not each.is_deleted} | {part: editor}

    def _options(self) -> None:
        document = self._draft.document
        language = ui.input(tr("Language of the template itself (optional)"), value=document.get("language") or "")
        language.props("outlined dense stack-label").classes("w-full")
        language.on_value_change(lambda: self._set("language", str(language.value or "").strip() or None))
        strict = ui.checkbox(tr("A missing value fails the message"), value=bool(document.get("strict")))
        strict.on_value_change(lambda: self._set("strict", strict.value or None))
        inline = ui.checkbox(tr("Write the rules of <style> into the elements"), value=document.get("inline_css", True))
        inline.on_value_change(lambda: self._set("inline_css", None if inline.value else False))

    def _said(self, part: str, text: str | None) -> None:
        self._draft.say(part, text or "")
        self._changed()

    def _set(self, name: str, value: object) -> None:
        if value is None:
            self._draft.document.pop(name, None)
        else:
            self._draft.document[name] = value
        self._changed()

    def _use(self, body: str) -> None:
        self._draft.use(body)
        self.build()
        self._changed()

    def _speak(self, locale: str | None) -> None:
        self._draft.locale = locale
        self.build()
        self._changed()

    async def _add(self, given: Given) -> str:
        if not given["language"]:
            raise InvalidError(tr("Name a language."), field="language")
        self._draft.add(given["language"])
        ui.timer(0.1, partial(self._speak, given["language"]), once=True)  # the dialog that asks is in what is rebuilt
        return tr("Write the message in {language} now.", language=given["language"])

    async def _remove(self) -> str:
        self._draft.remove()
        self.build()
        self._changed()
        return tr("The variant is gone; publish to make it so.")


_MARKS = {Severity.ERROR: "oc-wrong", Severity.WARNING: "oc-doubt"}
