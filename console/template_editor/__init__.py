"""The editor of templates, piece by piece."""
