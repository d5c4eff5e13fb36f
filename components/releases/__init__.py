"""A release on its way: planned, as checks see it, as what a router sends to, as what takes the traffic."""
