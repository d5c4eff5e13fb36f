"""A real Chromium without a window, driven over a pipe by its own protocol: no driver program, no open port."""

import base64
import json
import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.patience import PATIENCE_SECONDS

NAMES = ("chromium", "chromium-browser", "google-chrome")
FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--hide-scrollbars",
    "--no-first-run",
    "--remote-debugging-pipe",
)
Json = dict[str, Any]


def chromium() -> str | None:
    """The browser of this machine, if it has one."""
    return next((found for name in NAMES if (found := shutil.which(name))), None)


class Tab:
    """One page. `faults` is what the browser complains of: errors in the console, exceptions, refused resources."""

    def __init__(self, read: Any, write: Any) -> None:
        self._read, self._write = read, write
        self._number = 0
        self._session = ""
        self.faults: list[str] = []
        self.requested: list[str] = []
        target = self.send("Target.createTarget", url="about:blank")["targetId"]
        self._session = self.send("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        for domain in ("Page", "Runtime", "Log", "Network"):
            self.send(f"{domain}.enable")

    def send(self, method: str, **params: Any) -> Json:
        """A command; its result."""
        self._number += 1
        message: Json = {"id": self._number, "method": method, "params": params}
        if self._session:
            message["sessionId"] = self._session
        self._write.write(json.dumps(message).encode() + b"\0")
        self._write.flush()
        while True:
            found = self._next()
            if found.get("id") == self._number:
                assert "error" not in found, found
                return dict(found["result"])

    def _next(self) -> Json:
        found = b""
        while not found.endswith(b"\0"):
            part = self._read.read(1)
            assert part, "the browser is gone"
            found += part
        message: Json = json.loads(found[:-1])
        method, params = message.get("method"), message.get("params", {})
        if method == "Runtime.exceptionThrown":
            self.faults.append(json.dumps(params["exceptionDetails"])[:400])
        elif method == "Log.entryAdded" and params["entry"]["level"] in ("error", "warning"):
            self.faults.append(f"{params['entry']['text']} {params['entry'].get('url', '')}")
        elif method == "Runtime.consoleAPICalled" and params["type"] in ("error", "warning", "assert"):
            self.faults.append(json.dumps(params["args"])[:400])
        elif method == "Network.requestWillBeSent":
            self.requested.append(params["request"]["url"])
        return message

    def open(self, address: str, **media: str) -> None:
        """Go to a page. `media`: what it prefers, such as `prefers_color_scheme="dark"`."""
        features = [{"name": name.replace("_", "-"), "value": value} for name, value in media.items()]
        self.send("Emulation.setEmulatedMedia", features=features)
        self.send("Page.navigate", url=address)
        self.wait("document.readyState === 'complete' && document.querySelector('main') !== null")

    def value(self, expression: str) -> Any:
        """What an expression of JavaScript gives in the page; a promise is awaited."""
        found = self.send("Runtime.evaluate", expression=expression, returnByValue=True, awaitPromise=True)
        assert "exceptionDetails" not in found, found
        return found["result"].get("value")

    def wait(self, expression: str) -> None:
        """Until the expression is true."""
        end = time.monotonic() + PATIENCE_SECONDS
        while not self.value(expression):
            assert time.monotonic() < end, f"{expression} is still not so"
            time.sleep(0.1)

    def press(self, key: str) -> None:
        """A key, as a person presses it."""
        codes = {"Tab": 9, "Enter": 13, " ": 32}
        text = {"Enter": "\r", " ": " "}.get(key, "")
        for kind in ("keyDown", "keyUp"):
            more = {"text": text} if text and kind == "keyDown" else {}
            self.send("Input.dispatchKeyEvent", type=kind, key=key, windowsVirtualKeyCode=codes[key], **more)

    def picture(self, path: Path, width: int = 1280, height: int = 0) -> None:
        """A picture of the whole page, or of its first `height` lines of pixels."""
        self.send("Emulation.setDeviceMetricsOverride", width=width, height=900, deviceScaleFactor=1, mobile=False)
        whole = height or self.value("document.documentElement.scrollHeight")
        clip = {"x": 0, "y": 0, "width": width, "height": whole, "scale": 1}
        found = self.send("Page.captureScreenshot", captureBeyondViewport=True, clip=clip)
        path.write_bytes(base64.b64decode(found["data"]))


@contextmanager
def tab(*flags: str) -> Iterator[Tab]:
    """A browser with one page, ended in any case."""
    command = chromium()
    assert command is not None
    to_read, to_write = os.pipe(), os.pipe()
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as home:

        def place() -> None:  # the browser reads from 3 and writes to 4
            commands, answers = os.dup(to_read[0]), os.dup(to_write[1])
            os.dup2(commands, 3)
            os.dup2(answers, 4)

        with subprocess.Popen(
            [command, *FLAGS, f"--user-data-dir={home}", *flags],
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            close_fds=False, preexec_fn=place,
        ) as process:  # fmt: skip
            os.close(to_read[0])
            os.close(to_write[1])
            try:
                with os.fdopen(to_read[1], "wb") as write, os.fdopen(to_write[0], "rb") as read:
                    yield Tab(read, write)
            finally:
                process.terminate()
                try:
                    process.wait(PATIENCE_SECONDS)
                except subprocess.TimeoutExpired:
                    process.kill()
