"""Pages for the people who get messages: no login, a signed link."""
