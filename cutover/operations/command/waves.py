"""The waves of a command on several stacks: how many stacks are in each, in the order of their names. Pure."""

from collections.abc import Sequence

from cutover.errors import UsageError

REST = "rest"


def waves(text: str | None, names: Sequence[str]) -> list[list[str]]:
    """The stacks by wave; one wave where nothing is asked. A `text` is `1,5,rest`: numbers of stacks, and at the end
    the word for all that are left. Raises UsageError where it is no such text, or leaves stacks over.
    """
    if text is None:
        return [list(names)]
    sizes = [_size(word.strip(), text) for word in text.split(",")]
    if None in sizes[:-1]:
        raise UsageError(
            f"--waves {text}: {REST} is not the last", "name all that are left at the end: --waves 1,5,rest"
        )
    made, left = [], list(names)
    for size in sizes:
        made.append(left[:size])
        left = left[len(made[-1]) :]
    if left:
        raise UsageError(
            f"--waves {text}: {len(left)} of {len(names)} stacks are in no wave: {', '.join(left)}",
            f"add a wave for them: --waves {text},{REST}",
        )
    return [wave for wave in made if wave]


def _size(word: str, text: str) -> int | None:
    """The number of stacks; None for all that are left."""
    if word == REST:
        return None
    if not (word.isascii() and word.isdigit()) or int(word) == 0:
        raise UsageError(
            f"--waves {text}: {word!r} is no number of stacks", "numbers above 0, such as --waves 1,5,rest"
        )
    return int(word)
