"""Every tutorial and every example of the pages runs, as a reader would run it: from nothing, in a folder of its own.

The page on fitting is slow and has a test of its own; the page on installing changes JAX's precision for good.
"""

import re
import runpy
from pathlib import Path
from typing import Any

import pytest

import jaxsim as js

ROOT = Path(__file__).parents[1]
PAGES = ["index", "quickstart", "morphology", "cable", "mechanisms", "simulate", "gradients", "gpu", "plot"]


def run_page(page: Path) -> dict[str, Any]:
    """Runs the Python blocks of a page one after the other in one namespace, and returns it."""
    blocks = re.findall(r"```python\n(.*?)```", page.read_text(encoding="utf-8"), flags=re.DOTALL)
    assert blocks, f"{page.name} has no Python block"
    names: dict[str, Any] = {"__name__": "page"}
    for block in blocks:
        exec(compile(block, page.name, "exec"), names)
    return names


@pytest.mark.standard_promotion  # optax's transformations mix dtypes
@pytest.mark.parametrize("tutorial", sorted((ROOT / "tutorials").glob("*.py")), ids=lambda p: p.stem)
def test_tutorial_runs(tutorial: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    runpy.run_path(str(tutorial), run_name="__main__")


@pytest.mark.standard_promotion
def test_readme_example_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    run_page(ROOT / "README.md")


@pytest.mark.standard_promotion
@pytest.mark.parametrize("page", PAGES)
def test_page_runs(page: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    js.write_swc(js.ball_and_stick(soma_radius=10.0, length=200.0, radius=1.0), tmp_path / "cell.swc")
    monkeypatch.chdir(tmp_path)
    names = run_page(ROOT / "docs" / f"{page}.md")
    if page == "quickstart":  # it says where its fit ends
        assert float(names["free"].values(names["result"].theta)["HH.gbar_na"][0]) == pytest.approx(0.2, rel=0.05)
    if "plot" in names or "plot_loss" in names:
        import matplotlib.pyplot as plt

        plt.close("all")
