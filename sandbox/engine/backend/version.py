"""The version this engine answers with: that of the SDK whose contract it speaks, marked as what it is."""

VERSION = "v3.272.0+cutover.sandbox"
