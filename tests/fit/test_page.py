"""The page on fitting runs as it stands."""

import re
from pathlib import Path
from typing import Any

import pytest

PAGE = Path(__file__).parents[2] / "docs" / "fitting.md"


@pytest.mark.slow
def test_the_page_runs_and_its_fit_gets_better() -> None:
    blocks = re.findall(r"```python\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    names: dict[str, Any] = {}
    exec("\n".join(blocks), names)
    first, more = names["result"], names["more"]
    assert first.loss < 0.05 * first.history.loss[0]
    assert more.loss < first.loss
    assert str(names["free"]) in PAGE.read_text(encoding="utf-8")
