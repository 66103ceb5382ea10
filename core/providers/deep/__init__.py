"""Deep calls: what is asked of a strong model, what may happen on the way, and the one transport for it."""
