"""The API server that is asked, and the identity: one reader of kubeconfigs for the program and the driver.

`read` follows client-go's rules, which kubectl and the Kubernetes provider obey. `kubeaccess.client` makes the HTTP
client, and loads httpx2 for it. What cannot be supported is refused by name, and no message quotes a file.
"""

from kubeaccess.access import Access, read
from kubeaccess.errors import KubeconfigError, LoginError
from kubeaccess.identity import Identity

__all__ = ["Access", "Identity", "KubeconfigError", "LoginError", "read"]
