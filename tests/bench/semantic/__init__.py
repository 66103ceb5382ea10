"""How often the cache's decision is right: labelled pairs, and streams of questions."""
