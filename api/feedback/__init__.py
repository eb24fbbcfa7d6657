"""What message providers tell afterwards, each in a module of its own: who sent it, and what it says of a message."""
