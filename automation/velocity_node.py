"""What an expression of Velocity is on its way to Liquid."""

from dataclasses import dataclass

_OPPOSITE = {"==": "!=", "!=": "==", "<": ">=", ">=": "<", ">": "<=", "<=": ">"}
COMPARISONS = tuple(_OPPOSITE)


class UnknownVelocityError(Exception):
    """Liquid has nothing for this; the text says why, for the author of the template."""


@dataclass(frozen=True, slots=True)
class Value:
    """A value, and the filters that it goes through."""

    text: str
    filters: tuple[str, ...] = ()
    is_text: bool = False

    def __str__(self) -> str:
        return " | ".join((self.text, *self.filters))


@dataclass(frozen=True, slots=True)
class Test:
    """A condition of one part; `opposite` is None where Liquid cannot say it."""

    text: str
    opposite: str | None = None


@dataclass(frozen=True, slots=True)
class Group:
    """Conditions that hold together (`and`) or of which one is enough (`or`)."""

    word: str
    parts: tuple["Test | Group", ...]


Node = Value | Test | Group


def value(node: Node) -> Value:
    """A value; raises UnknownVelocityError for a condition."""
    if isinstance(node, Value):
        return node
    raise UnknownVelocityError("Liquid compares in conditions only")


def plain(node: Node) -> str:
    """A value without filters, for the places that take none."""
    found = value(node)
    if found.filters:
        raise UnknownVelocityError("Liquid computes in outputs and assignments only: set a variable first")
    return found.text


def tested(node: Node) -> Test | Group:
    """As a condition: a value holds when it is neither missing nor false."""
    return Test(plain(node)) if isinstance(node, Value) else node


def comparison(left: Node, mark: str, right: Node) -> Test:
    """Two values, compared."""
    one, other = plain(left), plain(right)
    return Test(f"{one} {mark} {other}", f"{one} {_OPPOSITE[mark]} {other}")


def negated(node: Test | Group) -> Test | Group:
    """The opposite, which Liquid has no word for."""
    if isinstance(node, Group):
        return group("and" if node.word == "or" else "or", [negated(part) for part in node.parts])
    if node.opposite is not None:
        return Test(node.opposite, node.text)
    if " " in node.text.partition(" contains ")[1]:
        raise UnknownVelocityError("Liquid has no opposite of contains: use unless")
    return Group("or", (Test(f"{node.text} == nil", f"{node.text} != nil"),
                        Test(f"{node.text} == false", f"{node.text} != false")))  # fmt: skip


def group(word: str, parts: list[Test | Group]) -> Group:
    """Conditions joined; a group of the same word is taken apart."""
    flat: list[Test | Group] = []
    for part in parts:
        flat += part.parts if isinstance(part, Group) and part.word == word else [part]
    return Group(word, tuple(flat))


def said(node: Test | Group) -> str:
    """Liquid reads conditions from the right and has no parentheses: the one part that is a group goes last."""
    if isinstance(node, Test):
        return node.text
    groups = [part for part in node.parts if isinstance(part, Group)]
    if len(groups) > 1:
        raise UnknownVelocityError("Liquid has no parentheses: write it as two conditions, one in the other")
    alone = [part for part in node.parts if isinstance(part, Test)]
    return f" {node.word} ".join([part.text for part in alone] + [said(part) for part in groups])
