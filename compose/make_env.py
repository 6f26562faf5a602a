"""`python -m compose.make_env`: writes the `.env` with which docker compose runs the simulator.

It is `.env.example` with the credentials of accounts that exist in the simulator only. With
`DEMO_ENCRYPTED=1` in the environment there are keys as well, and everything is encrypted.
"""

import os
import re
import secrets
import sys
from collections.abc import Mapping
from pathlib import Path

from starter.sandbox import aimed_at, credentials, encryption

ROOT = Path(__file__).resolve().parent.parent
CODEC = "http://localhost:8500"
_LINE = re.compile(r"#?(?P<name>[A-Z][A-Z0-9_]*)=")


def settings(*, encrypted: bool) -> dict[str, str]:
    """By the names of the compose file: inside its network a service is a host."""
    simulator = "http://simulator:8400"
    return {
        **credentials(),
        **(encryption() if encrypted else {}),
        "COMPOSE_PROFILES": "simulator,codec" if encrypted else "simulator",
        "PUBLIC_BASE_URL": "http://webhooks:8300",
        **aimed_at(simulator),
        "POSTGRES_PASSWORD": secrets.token_hex(16),
    }


def filled_in(template: str, values: Mapping[str, str]) -> str:
    """The template with these values, quoted as a shell, compose and python-dotenv all read it."""
    left, lines = dict(values), []
    for line in template.splitlines():
        found = _LINE.match(line)
        name = found["name"] if found else ""
        lines.append(f"{name}='{_one_line(left.pop(name))}'" if name in left else line)
    if left:
        raise KeyError(f"not in .env.example: {', '.join(left)}")
    return "\n".join(lines) + "\n"


def _one_line(value: str) -> str:
    return value.strip().replace("\n", "\\n")


def main() -> int:
    target = Path(sys.argv[1] if len(sys.argv) > 1 else ".env")
    encrypted = bool(os.environ.get("DEMO_ENCRYPTED"))
    text = filled_in((ROOT / ".env.example").read_text(), settings(encrypted=encrypted))
    try:
        descriptor = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        sys.stderr.write(f"{target} exists, and may hold keys of yours; move it away first\n")
        return 1
    with open(descriptor, "w") as file:
        file.write(text)
    sys.stdout.write(f"{target} is written; next: docker compose up\n")
    if encrypted:
        sys.stdout.write(f"sign in with its CODEC_TOKEN at {CODEC} to read the Web UI\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
