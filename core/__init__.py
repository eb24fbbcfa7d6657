"""What every part shares: settings, contracts across Temporal, errors, the connection. Imports nothing of ours."""
