"""One GET through the API server's service proxy: within one time limit from its begin to the last byte, and no more
bytes than a check needs.
"""

import asyncio

from components.cluster.beside import beside
from components.cluster.connection import Connection, no_login
from kubeaccess import LoginError

MAX_BYTES = 1024 * 1024


async def get(connection: Connection, url: str, limit_seconds: float) -> tuple[int, str]:
    """HTTP status and the body's first MiB; status 0 and the reason where no whole answer came in time. Tried once.

    The limit is for all of it: a server that sends a byte now and then is as slow as one that sends none.
    """
    return await beside(_get(connection, url, limit_seconds))


async def _get(connection: Connection, url: str, limit_seconds: float) -> tuple[int, str]:
    http = await asyncio.wrap_future(connection.prepare())
    import httpx2

    try:
        async with asyncio.timeout(limit_seconds), http.stream("GET", url, timeout=limit_seconds) as answer:
            body = bytearray()
            async for piece in answer.aiter_bytes():
                body += piece
                if len(body) > MAX_BYTES:
                    break
    except LoginError as error:
        raise no_login(str(error)) from None
    except TimeoutError:
        return 0, f"no whole answer within {limit_seconds:g} s"
    except httpx2.TimeoutException as error:
        return 0, f"no answer within {limit_seconds:g} s ({type(error).__name__})"
    except (httpx2.HTTPError, httpx2.InvalidURL) as error:  # a body in a wrong encoding, too
        return 0, f"no answer ({type(error).__name__})"
    return answer.status_code, bytes(body[:MAX_BYTES]).decode(answer.encoding or "utf-8", errors="replace")
