"""Who may use a model server right now: the person first, what runs in the background when it is quiet."""
