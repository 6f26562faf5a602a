"""docs/errors.md, held against the tables that it is made from."""

from pathlib import Path

import providers
from providers.codes import tables
from providers.codes_page import page
from tests.test_docs import page as read


def test_the_page_is_what_the_tables_say() -> None:
    """`python -m providers.codes_page > docs/errors.md` writes it anew."""
    assert read("docs/errors.md") == page()


def test_the_page_has_every_code_of_every_file() -> None:
    told = page()
    root = Path(providers.__path__[0])
    files = [*sorted(root.glob("*/codes.toml")), root / "sip.toml"]
    rows = 0
    for file in files:
        package = "providers" if file.name == "sip.toml" else f"providers.{file.parent.name}"
        for table in tables(package, file.name).values():
            rows += len(table.codes)
            assert all(
                f"| `{code}` | `{known.kind}` |" in told for code, known in table.codes.items()
            )

    assert told.count("\n| `") == rows
