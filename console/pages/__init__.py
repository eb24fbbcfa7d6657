"""One page a module; importing them registers them."""
