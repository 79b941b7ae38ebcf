"""Training of the neural reader: data, training, export. Needs torch; nothing here is needed to answer questions."""
