"""Which test runs each command that errors, refusals and the status print as their fix, at each place that prints it.

A place is a function and a command in it. The same command at many places is run once per situation: what it meets is
the same there, and each situation says why. A command that only looks has to show what it should; one that changes
things has to help. What needs the administrator's rights is run by the fixtures of all life-cycle tests, which make the
namespace and its Role from docs/rbac.yaml.
"""

from tests.fixes.driver import DRIVER
from tests.fixes.looks import LOOKS
from tests.fixes.not_run import NOT_RUN
from tests.fixes.program import PROGRAM
from tests.fixes.routes import ROUTES
from tests.fixes.shares import SHARES
from tests.fixes.situation import Place, Situation

__all__ = ["NOT_RUN", "RUN", "Place", "Situation"]
RUN = (*PROGRAM, *ROUTES, *SHARES, *DRIVER, *LOOKS)
