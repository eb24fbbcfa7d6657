"""When things happen. Deterministic: contracts, automation and activity classes, nothing else."""
