"""Deep runs: what a question asked in depth is, how it goes on in stages, and what is told on the way."""
