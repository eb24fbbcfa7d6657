"""Intake beside bare baselines of the same run: `python -m bench.intake`."""
