"""`--pin`: the content that a tag names at its registry, written beside the tag."""

from cutover.errors import UsageError
from cutover.operations.command.run import Run
from cutover.registry.client import Unanswered, resolve
from cutover.registry.reference import parse


def pinned(run: Run, image: str) -> str:
    """The image with the digest that its registry gives; as it is, with a warning, where none answers.

    Raises UsageError for what is no image with a tag, and where the registry says that it has none.
    """
    reference = parse(image)
    if reference.digest:
        return image
    if not reference.tag:
        raise UsageError(f"{image} names no tag, so there is nothing to ask for", f"write {image}:<tag>")
    try:
        digest = resolve(reference)
    except Unanswered as problem:
        run.report.say(f"{image} is not pinned, the tag stays as it is: {problem}", "warning")
        run.note(pinned=False)
        return image
    run.report.say(f"{image} is {digest}")
    run.note(pinned=True)
    return reference.at(digest)
