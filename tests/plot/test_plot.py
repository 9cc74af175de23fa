"""Pictures show what they are given: to scale, with units, in colours by value."""

import numpy as np
import pytest

import jaxsim as js
from jaxsim.plot import plot_loss, plot_morphology, plot_voltages
from jaxsim.plot.style import new_figure


def axes(n: int = 1):
    return new_figure(4.0, 3.0).subplots(n, 1, squeeze=False)[:, 0]


def polygons(ax) -> list[np.ndarray]:
    return [path.vertices for group in ax.collections if hasattr(group, "get_paths") for path in group.get_paths()]


def test_a_frustum_is_drawn_to_scale() -> None:
    (ax,) = axes()
    plot_morphology(js.cylinder(100.0, 3.0), ax=ax)
    points = np.concatenate(polygons(ax))
    np.testing.assert_allclose(np.ptp(points, axis=0), [100.0, 6.0])
    assert ax.get_aspect() == 1.0


def test_compartments_are_cut_and_coloured_by_value() -> None:
    (ax,) = axes()
    cable = js.discretise(js.cylinder(100.0, 1.0), js.PerBranch(4))
    plot_morphology(cable, [1.0, np.nan, 3.0, 4.0], ax, label="gbar (S/cm2)")
    grey, coloured = ax.collections[:2]
    assert len(grey.get_paths()) == 1
    np.testing.assert_array_equal(coloured.get_array(), [1.0, 3.0, 4.0])
    assert coloured.get_clim() == (1.0, 4.0)
    assert "gbar (S/cm2)" in [other.get_ylabel() for other in ax.figure.axes]


def test_values_by_branch_are_drawn_on_a_cable_too() -> None:
    (ax,) = axes()
    cable = js.discretise(js.binary_tree(2, 50.0, 1.0), js.PerBranch(4))
    plot_morphology(cable, [1.0, 2.0, 3.0], ax)
    np.testing.assert_array_equal(ax.collections[1].get_array(), [1.0, 2.0, 3.0])


def test_regions_have_colours_and_a_legend() -> None:
    (ax,) = axes()
    plot_morphology(js.ball_and_stick(10.0, 100.0, 1.0, tag=7), ax=ax)
    assert [text.get_text() for text in ax.get_legend().get_texts()] == ["soma", "tag7"]


def test_the_two_longest_axes_are_shown() -> None:
    (ax,) = axes()
    xyz = [[0.0, 0.0, 0.0], [5.0, 90.0, 200.0]]
    plot_morphology(js.Morphology(xyz, [1.0, 1.0], [0, 2], [-1], [0.0], [3]), ax=ax, scale_bar=False)
    middle = np.concatenate(polygons(ax)).reshape(-1, 2)
    assert np.ptp(middle[:, 1]) > 195.0
    assert 85.0 < np.ptp(middle[:, 0]) < 95.0


@pytest.mark.parametrize("extent", [3.0, 47.0, 900.0, 12000.0])
def test_scale_bar_is_a_round_number(extent: float) -> None:
    (ax,) = axes()
    plot_morphology(js.cylinder(extent, extent / 50), ax=ax)
    length = np.ptp(ax.lines[0].get_xdata())
    assert ax.texts[0].get_text() == f"{length:g} µm"
    assert f"{length:e}"[0] in "125"
    assert 0.05 * extent < length < 0.3 * extent


def test_wrong_number_of_values_is_refused() -> None:
    with pytest.raises(ValueError, match="1 branches or 4 compartments"):
        plot_morphology(js.discretise(js.cylinder(100.0, 1.0), js.PerBranch(4)), [1.0, 2.0])


def test_loss_is_logarithmic_and_the_best_never_rises() -> None:
    upper, lower = axes(2)
    plot_loss([10.0, 3.0, np.nan, 5.0, 0.01], [1.0, 2.0, 3.0, 2.0, 1.0], upper, unit="mV²", gradient_ax=lower)
    assert upper.get_yscale() == "log"
    assert upper.get_ylabel() == "loss (mV²)"
    assert lower.get_xlabel() == "step"
    np.testing.assert_array_equal(upper.lines[1].get_ydata(), [10.0, 3.0, 3.0, 3.0, 0.01])


def test_loss_that_reaches_zero_is_linear() -> None:
    (ax,) = axes()
    plot_loss([1.0, 0.0], ax=ax)
    assert ax.get_yscale() == "linear"


def test_voltages_have_a_panel_for_each_place() -> None:
    t = np.arange(5.0)
    v = np.zeros((2, 5))
    figure = plot_voltages(t, {"target": v, "before": v + 1.0, "after": v + 2.0}, ["soma(0.5)", "axon(0.9)"])
    assert [ax.get_title(loc="left") for ax in figure.axes] == ["soma(0.5)", "axon(0.9)"]
    assert {ax.get_ylabel() for ax in figure.axes} == {"mV"}
    assert figure.axes[-1].get_xlabel() == "t (ms)"
    assert [text.get_text() for text in figure.legends[0].get_texts()] == ["target", "before", "after"]


def test_voltages_of_different_shapes_are_refused() -> None:
    with pytest.raises(ValueError, match="one shape"):
        plot_voltages(np.arange(3.0), {"a": np.zeros((1, 3)), "b": np.zeros((2, 3))})
