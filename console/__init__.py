"""Pages for operators and marketers."""
