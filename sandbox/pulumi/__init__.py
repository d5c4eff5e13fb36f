"""The real Pulumi engine: the reader's own where there is one, else built once from pinned Go modules.

engine = choose(None, print)
subprocess.run([engine.command, "up"], env=os.environ | engine.environment(home))
"""

from sandbox.pulumi.build import ensure
from sandbox.pulumi.engine import Engine, choose

__all__ = ["Engine", "choose", "ensure"]
