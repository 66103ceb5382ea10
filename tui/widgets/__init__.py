"""One file a thing that is seen."""
