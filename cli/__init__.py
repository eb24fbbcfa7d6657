"""The `ordercue` command and the embedded servers."""
