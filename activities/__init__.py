"""Effects: each method does one thing to the outside, and can run twice."""
