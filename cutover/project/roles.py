"""The Roles of a new project: those of docs/, without the rules that only some services need. Pure."""

import re
from collections.abc import Iterator

_COMMENT = "  #"
_ONLY_SOME = re.compile(r"  # only for ")


def narrowed(text: str, namespace: str) -> str:
    """The manifests with each rule that is `only for` some services commented out, as files of the project's folder."""
    return "".join(_lines(text.replace("docs/rbac", "rbac").replace("apply -n shop", f"apply -n {namespace}")))


def _lines(text: str) -> Iterator[str]:
    off = after_comment = False
    for line in text.splitlines(keepends=True):
        comment = line.startswith(_COMMENT)
        if comment:  # several lines of comment may stand above a rule; the first tells what it is for
            off = off if after_comment else bool(_ONLY_SOME.match(line))
        elif not line.startswith("  "):
            off = False
        yield f"  # {line[2:]}" if off and not comment else line
        after_comment = comment
