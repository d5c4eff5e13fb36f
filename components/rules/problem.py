"""One problem of a configuration, in the words that its user reads."""

from dataclasses import dataclass

from contract.text import one_line

LONGEST = 2000  # characters of one part of an error: names, reasons and values are foreign text


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong with the configuration.

    `path` is where, in the configuration's own form (`cutover:services.storefront.blue.image`); `what` names the value,
    `why` the harm it would do, `fix` the field or command that repairs it.
    """

    path: str
    what: str
    why: str
    fix: str

    def __str__(self) -> str:
        path, what, why, fix = (one_line(part, LONGEST) for part in (self.path, self.what, self.why, self.fix))
        return f"{path}\n    what: {what}\n    why:  {why}\n    fix:  {fix}"
