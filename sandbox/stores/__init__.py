"""Real servers that keep the states of stacks, each of a test's own: a database, an object store.

with postgres(report) as store:
    os.environ.update(store.environment)

Both listen on the loopback address alone, and are ended with the block.
"""

from sandbox.stores.object_store import object_store
from sandbox.stores.postgres import postgres
from sandbox.stores.server import Store

__all__ = ["Store", "object_store", "postgres"]
