"""Order webhooks of shop platforms, each in a module of its own: who sent it, and what it means as an order."""
