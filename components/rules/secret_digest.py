"""The digest in the name of a Secret: stable for one content, and slow to guess a weak value by (docs/adr/0010).

A name is no secret: whoever may list Secrets' names, pods or the state's URNs sees it. From a plain hash of one
password a laptop tries a billion guesses a second; from this one some twenty, and for each service anew (the salt).
"""

import functools
import hashlib
import json
from collections.abc import Mapping

_COST, _BLOCK, _PARALLEL = 2**14, 8, 1  # about 50 ms and 16 MiB for each guess
_LENGTH = 10


def secret_digest(values: Mapping[str, str], salt: tuple[str, ...]) -> str:
    """Ten hexadecimal digits for values by name; `salt` says whose they are: project, namespace, service."""
    return _digest(json.dumps(values, sort_keys=True), json.dumps(salt))


@functools.cache  # both colors of a service often have the same values
def _digest(values: str, salt: str) -> str:
    made = hashlib.scrypt(values.encode(), salt=salt.encode(), n=_COST, r=_BLOCK, p=_PARALLEL, dklen=_LENGTH // 2)
    return made.hex()
