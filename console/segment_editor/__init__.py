"""The editor of segments, piece by piece."""
