"""A release written down for others: as an in-toto Statement and as a CycloneDX BOM. Plain data, no engine."""
