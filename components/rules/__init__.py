"""Pure rules of a release, standard library only: names, labels, digests, surge arithmetic, quantities and errors."""
