"""The takeover of others' manifests: as settings of this project, with nothing lost. Pure, but for its command line."""
