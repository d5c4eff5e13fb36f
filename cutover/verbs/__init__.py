"""One module per verb; each holds a function of the verb's name, whose parameters are its options."""
