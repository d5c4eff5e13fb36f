"""Runs one Pulumi program: `python launcher.py SETTINGS_FD ENGINE_PID`.

Started as a script by the engine in the program's own interpreter; imports nothing of the sandbox. The SDK is loaded
before the settings arrive, while the engine itself still loads.
"""

import asyncio
import ctypes
import json
import logging
import os
import runpy
import signal
import sys
import threading
import traceback
from concurrent.futures import ThreadPoolExecutor

REPORTED = 32  # the exit code for "failed, and the user has been told why"


def _die_with_engine(engine_pid: int) -> None:
    """Have the kernel kill this process when the engine's thread that started it ends."""
    parent_death_signal = 1
    ctypes.CDLL(None).prctl(parent_death_signal, signal.SIGKILL)
    if os.getppid() != engine_pid:  # it died before the line above
        os._exit(1)


def _watch(pipe: int) -> None:
    """Kill the whole process group, children of the program included, when the engine's end of the pipe closes."""
    while os.read(pipe, 1):
        pass
    os.killpg(0, signal.SIGKILL)


def _user_trace(error: BaseException, entry: str) -> str:
    """Format a traceback from the program's first own frame on."""
    trace, found = error.__traceback__, error.__traceback__
    while found is not None and found.tb_frame.f_code.co_filename != entry:
        found = found.tb_next
    return "".join(traceback.format_exception(type(error), error, found or trace))


def main() -> int:
    """Run the program and return its exit code."""
    pipe, engine_pid = int(sys.argv[1]), int(sys.argv[2])
    _die_with_engine(engine_pid)
    os.set_inheritable(pipe, False)
    import pulumi
    import pulumi.runtime as runtime

    with os.fdopen(os.dup(pipe), "rb", buffering=0) as source:
        line = source.readline()
    if not line:
        return 1
    told = json.loads(line)
    threading.Thread(target=_watch, args=(pipe,), daemon=True).start()
    entry: str = told["entry"]
    sys.argv = [entry]
    sys.path[0] = os.path.dirname(entry)  # in place of this script's own folder

    runtime.set_all_config(runtime.get_config_env(), runtime.get_config_secret_keys_env())
    runtime.configure(runtime.Settings(**told["settings"]))
    loop = asyncio.new_event_loop()
    asyncio.set_event_loop(loop)
    executor = ThreadPoolExecutor(max_workers=told["settings"]["parallel"] * 4)
    loop.set_default_executor(executor)
    # Futures that nobody awaits are normal in a program that ends early.
    logging.getLogger("asyncio").setLevel(logging.CRITICAL)

    def program() -> None:
        runpy.run_path(entry, run_name="__main__")

    try:
        loop.run_until_complete(runtime.run_in_stack(program))
    except pulumi.RunError as error:
        pulumi.log.error(str(error))
        return 1
    except SystemExit as error:
        return error.code if isinstance(error.code, int) else int(error.code is not None)
    except Exception as error:
        text = _user_trace(error, entry)
        pulumi.log.error(f"Program failed with an unhandled exception:\n{text}")
        return REPORTED
    return 0


if __name__ == "__main__":
    try:
        code = main()
    except KeyboardInterrupt:  # the engine has said why it ends the run
        code = 1
    sys.stdout.flush()
    sys.stderr.flush()
    # Threads may still wait for answers that will not come.
    os._exit(code)
