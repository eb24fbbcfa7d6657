"""Undo and redo: the texts that a document had."""

_MOST = 200


class History:
    """Where one is among the versions of a text. A change after an undo forgets what was undone."""

    def __init__(self, text: str) -> None:
        self._texts = [text]
        self._at = 0

    @property
    def text(self) -> str:
        """The text as it is now."""
        return self._texts[self._at]

    @property
    def can_undo(self) -> bool:
        """Whether there is an earlier text."""
        return self._at > 0

    @property
    def can_redo(self) -> bool:
        """Whether something was undone."""
        return self._at < len(self._texts) - 1

    def change(self, text: str) -> bool:
        """Go on with another text. Returns whether it is another one."""
        if text == self.text:
            return False
        self._texts = [*self._texts[: self._at + 1], text][-_MOST:]
        self._at = len(self._texts) - 1
        return True

    def undo(self) -> str:
        """One text back."""
        self._at = max(self._at - 1, 0)
        return self.text

    def redo(self) -> str:
        """One text forward."""
        self._at = min(self._at + 1, len(self._texts) - 1)
        return self.text
