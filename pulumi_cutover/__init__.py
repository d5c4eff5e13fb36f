"""Zero-downtime releases on Kubernetes as Pulumi components: the library under the name that it is installed by.

    from pulumi_cutover import BlueGreenService, Release

What is public is what `components` lists. It is loaded with the first name that is asked for: the command `cutover` is
below this package too, and starts in a fraction of the time that the components take to import.
"""

import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from components import *  # noqa: F403 - the type checkers' view of what __getattr__ gives
else:

    def __getattr__(name: str) -> object:
        if name == "__all__" or not name.startswith("_"):
            from components import __all__ as public
            from components import __name__ as components

            if name == "__all__":
                return public
            if name in public:
                return getattr(sys.modules[components], name)
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    from components import __all__ as public

    return [*globals(), *public]
