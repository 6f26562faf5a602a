"""`python -m simulator`: the providers' HTTP APIs and a handset page, on this machine."""

import sys

from pydantic import ValidationError

from simulator.server import create_server
from simulator.settings import NEEDED, Settings


def main() -> int:
    try:
        settings = Settings()
    except ValidationError as problem:
        return _refuse(_explained(problem))
    if not settings.providers:
        missing = "; ".join(f"{name}: {', '.join(settings.missing(name))}" for name in NEEDED)
        return _refuse(f"no provider is configured. Missing for {missing}")
    try:
        settings.check_keys()
        server = create_server(settings)
    except ValueError as problem:
        return _refuse(str(problem))
    _warn_of_halves(settings)
    server.greeting = _greeting(settings)
    server.run()
    return 0


def _explained(problem: ValidationError) -> str:
    faults = problem.errors()
    missing = [str(fault["loc"][0]).upper() for fault in faults if fault["type"] == "missing"]
    wrong = [
        f"{str(fault['loc'][0]).upper()}: {fault['msg']}"
        for fault in faults
        if fault["type"] != "missing"
    ]
    return "; ".join([f"missing: {', '.join(missing)}"] * bool(missing) + wrong)


def _refuse(reason: str) -> int:
    sys.stderr.write(f"simulator: {reason}\n")
    return 2


def _greeting(settings: Settings) -> str:
    where = f"http://{settings.simulator_host}:{settings.simulator_port}"
    return f"Handset page: {where}  (plays {', '.join(settings.providers)})\n"


def _warn_of_halves(settings: Settings) -> None:
    """A provider with some of its variables is not played, which is easily overlooked."""
    for name in NEEDED:
        missing = settings.missing(name)
        if 0 < len(missing) < len(NEEDED[name]):
            sys.stderr.write(f"simulator: does not play {name}, missing {', '.join(missing)}\n")


if __name__ == "__main__":
    sys.exit(main())
