"""Telling a result to whom it concerns beside the terminal: the receivers of `--notify`."""

from collections.abc import Sequence

from cutover.errors import DriverError, Interrupted, unexpected
from cutover.output.report import Report
from cutover.output.result import Result


def tell(urls: Sequence[str], result: Result, report: Report) -> None:
    """Send the result to each receiver. A notification that fails is said, and fails nothing."""
    from cutover.notify import notify

    for url in urls:
        try:
            delivery = notify(url, result.to_json())
            said = "" if delivery.delivered else delivery.said
        except (Exception, KeyboardInterrupt) as error:
            said = error_of(error).what
        if said:
            report.say(f"the notification was not delivered: {said}", "warning")


def error_of(error: BaseException) -> DriverError:
    """The error of the tree for whatever was raised."""
    if isinstance(error, Exception):
        return unexpected(error)
    return Interrupted("stopped at once by the user", "`cutover status` says what is live")
