"""The only list of workflows and activities."""
