"""The language of automations, pure and deterministic: no clock, no random, no I/O, no environment.

Workflows, backtests and tests run the same code on the same facts and get the same answers.
"""
