"""Paths of objects at the API server."""


def all_of(api_version: str, kind: str, namespace: str) -> str:
    """The path of all objects of a kind in a namespace; that of one is this, a slash and its name."""
    group = f"apis/{api_version}" if "/" in api_version else f"api/{api_version}"
    return f"/{group}/namespaces/{namespace}/{kind.lower()}s"
