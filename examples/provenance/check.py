"""Refuses a release whose statement names another source repository, or uncommitted changes of it."""

import json
import sys
from pathlib import Path

statement = json.loads(Path(sys.argv[1]).read_text())
(image,) = statement["subject"]
definition = statement["predicate"]["buildDefinition"]
(source,) = definition["resolvedDependencies"]
if not source.get("uri", "").startswith(f"git+{sys.argv[2]}@"):
    sys.exit(f"refused: {image['name']} comes from {source.get('uri', 'nobody knows where')}, not {sys.argv[2]}")
if "digest" not in source:
    sys.exit(f"refused: {image['name']} was released with uncommitted changes")
released = definition["externalParameters"]["release"]
print(f"{released}: {image['name']} sha256:{image['digest']['sha256'][:12]}… is of {source['uri']}")
