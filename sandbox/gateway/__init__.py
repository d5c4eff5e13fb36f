"""A real gateway for the sandbox's cluster: istiod as control plane of both routing APIs, an Envoy that follows it.

gateway = Gateway(cluster)
httpx2.get(gateway.up().gateway_api)
gateway.down()
"""

from sandbox.gateway.gateway import NAME, NAMESPACE, Address, Gateway

__all__ = ["NAME", "NAMESPACE", "Address", "Gateway"]
