"""What was there before must stay apart from what is made beside it."""

from collections.abc import Mapping

from components.rules.errors import ConfigError
from components.rules.facts import selects
from components.rules.problem import Problem


def refuse_selecting_ours(path: str, selector: Mapping[str, str], ours: Mapping[str, str]) -> None:
    """The selector of what was there before must not find pods of ours. Raises ConfigError.

    `ours` are the labels that every pod of ours has, whatever its release.
    """
    if selects(selector, ours):
        raise ConfigError(
            [
                Problem(
                    f"{path}.adopt.selector",
                    f"{dict(selector)} finds the pods of new releases too: they carry {dict(ours)}",
                    "the first release beside the adopted one would take a share of its traffic before any gate",
                    "give the pods of the existing Deployment one more label, and the Service's selector after them",
                )
            ]
        )
