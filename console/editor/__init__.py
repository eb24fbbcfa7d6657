"""The editor of automations, piece by piece."""
