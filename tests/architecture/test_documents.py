"""The documents name files and folders that are there."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import pi_tui

PACKAGE = Path(pi_tui.__file__).parent
ROOT = PACKAGE.parent
DOCUMENTS = [ROOT / name for name in ("README.md", "ARCHITECTURE.md", "CONTRIBUTING.md", "CHANGELOG.md")]
PAGES = sorted((PACKAGE / "manual").glob("*.md"))

pytestmark = pytest.mark.skipif(not DOCUMENTS[0].exists(), reason="the package was installed without its project")

_LINK = re.compile(r"\]\((?!https?:)([^)#]+)")
_PATH = re.compile(r"`((?:[\w.]+/)+[\w.]*|[\w/]+\.(?:py|toml|md))`")


@pytest.mark.parametrize("document", [*DOCUMENTS, *PAGES], ids=lambda path: path.name)
def test_every_link_leads_somewhere(document: Path) -> None:
    for target in _LINK.findall(document.read_text(encoding="utf-8")):
        assert (document.parent / target).exists(), target


@pytest.mark.parametrize("document", DOCUMENTS[1:3], ids=lambda path: path.name)
def test_every_file_that_is_named_is_there(document: Path) -> None:
    text = document.read_text(encoding="utf-8")
    made = set(re.findall(r"<!-- new: (\S+) -->", text))
    named = set(_PATH.findall(text)) - made
    assert len(named) > 10
    rooms = [ROOT, PACKAGE, *(folder for folder in PACKAGE.iterdir() if folder.is_dir())]
    missing = {name for name in named if not any((place / name).exists() for place in rooms)}
    assert not missing


def test_the_architecture_names_every_room() -> None:
    rooms = {folder.name for folder in PACKAGE.iterdir() if (folder / "__init__.py").exists()}
    text = (ROOT / "ARCHITECTURE.md").read_text(encoding="utf-8")
    assert not {room for room in rooms if f"`{room}`" not in text}
    layers = {folder.name for folder in (PACKAGE / "ui").iterdir() if (folder / "__init__.py").exists()}
    assert not {layer for layer in layers if f"`{layer}/`" not in text}
