"""Longitudinal diffusion: the spread of a drop, no amount lost, symmetry, order in time, where nothing passes."""

import jax
import numpy as np
import pytest

import jaxsim as js
from jaxsim.model.geometry import volumes
from tests.agreement.cells import SCHEMES, measured

D = 2.0  # um2/ms
LENGTH = 200.0  # um
LITTLE = 1e-15  # mM, where there is nothing yet


def cable(n: int, d: float = D) -> js.Cell:
    """A cylinder with calcium that does nothing but diffuse."""
    cell = js.Cell(js.cylinder(LENGTH, 1.0), js.PerBranch(n)).insert(js.Leak()).insert(js.Calcium(inside=LITTLE))
    return cell.insert(js.Diffusion(d=d))


def everywhere(cell: js.Cell) -> js.Cell:
    """Calcium recorded in each compartment."""
    at = cell.cable
    return cell.record([cell.loc(int(b), float(x)) for b, x in zip(at.branch, at.x, strict=True)], "ca.inside")


def dropped(cell: js.Cell, comp: int) -> js.Model:
    """An amount of one in one compartment."""
    model = everywhere(cell).compile()
    inside = np.full(model.layout.n_comp, LITTLE)
    volume = np.asarray(volumes(model.geometry, model.radius_scale, model.length_scale))
    inside[comp] = 1.0 / volume[comp]
    return model.set("ca.inside", inside)


def amounts(model: js.Model, recording: js.Recording) -> np.ndarray:
    """(n_comp, n_time) in each compartment."""
    volume = np.asarray(volumes(model.geometry, model.radius_scale, model.length_scale))
    return volume[:, None] * np.asarray(recording["ca.inside"])


def test_the_variance_grows_as_2_d_t_under_refinement(x64):
    errors = []
    for n in (51, 101, 201):
        model = dropped(cable(n), n // 2)
        recording = js.simulate(model, 100.0, 0.1)
        x = (np.arange(n) + 0.5) * LENGTH / n
        amount, t = amounts(model, recording), np.asarray(recording.t)
        mean = (x[:, None] * amount).sum(0) / amount.sum(0)
        variance = (x[:, None] ** 2 * amount).sum(0) / amount.sum(0) - mean**2
        np.testing.assert_allclose(mean, LENGTH / 2, atol=1e-7)
        errors.append(np.abs(variance - 2.0 * D * t).max())
    measured(f"variance of a drop after 100 ms, off 2 D t = {2 * D * 100:.0f} um2 by {errors}")
    assert max(errors) < 1e-4 * 2.0 * D * 100.0


def test_the_profile_is_gaussian(x64):
    n = 401
    model = dropped(cable(n), n // 2)
    recording = js.simulate(model, 100.0, 0.1)
    x = (np.arange(n) + 0.5) * LENGTH / n - LENGTH / 2
    profile = np.asarray(recording["ca.inside"])[:, -1]
    exact = np.exp(-(x**2) / (4.0 * D * 100.0)) / (np.sqrt(4.0 * np.pi * D * 100.0) * np.pi)
    np.testing.assert_allclose(profile, exact, rtol=0, atol=2e-3 * exact.max())


@pytest.mark.parametrize("scheme", [*SCHEMES, "Adaptive"])
def test_no_amount_is_lost_in_a_tree(x64, scheme):
    cell = js.Cell(js.binary_tree(3, 60.0, 3.0), js.PerBranch(3)).insert(js.Leak()).insert(js.Calcium(inside=LITTLE))
    cell.insert(js.Diffusion(d=D))
    model = dropped(cell, 4)
    recording = js.simulate(model, 50.0, 0.25, method=SCHEMES.get(scheme, js.Adaptive()))
    amount = amounts(model, recording)
    np.testing.assert_allclose(amount.sum(0), amount.sum(0)[0], rtol=1e-10)
    assert amount[4, -1] < 0.6
    assert amount[:, -1].min() > 0.0


def test_what_one_place_gives_another_it_would_get(x64):
    """Reciprocity: a drop at a gives at b the concentration that a drop at b gives at a."""
    ends = {}
    for a, b in ((1, 17), (17, 1)):
        cell = (
            js.Cell(js.binary_tree(3, 60.0, 3.0), js.PerBranch(3)).insert(js.Leak()).insert(js.Calcium(inside=LITTLE))
        )
        model = dropped(cell.insert(js.Diffusion(d=D)), a)
        ends[a] = np.asarray(js.simulate(model, 50.0, 0.25)["ca.inside"])[b]
    np.testing.assert_allclose(ends[1][-100:], ends[17][-100:], rtol=1e-9)


@pytest.mark.default_first
@pytest.mark.parametrize(("scheme", "order"), [("BackwardEuler", 1), ("DampedCrankNicolson", 2), ("TRBDF2", 2)])
def test_order_in_time(x64, scheme, order):
    """With a pool that decays at the same time."""
    cell = cable(41).insert(js.CaDynamics_E2(decay=20.0))
    model = dropped(cell, 12)
    end = lambda dt: np.asarray(js.simulate(model, 20.0, dt, method=SCHEMES[scheme])["ca.inside"])[:, -1]  # noqa: E731
    fine = end(0.0125)
    errors = [np.abs(end(dt) - fine).max() for dt in (0.4, 0.2, 0.1)]
    orders = np.log2(np.divide(errors[:-1], errors[1:]))
    measured(f"{scheme}: order of diffusion with a pool {orders.round(2)}")
    assert orders[-1] > order - 0.2


def test_nothing_passes_where_the_ion_does_not_diffuse(x64):
    cell = js.Cell(js.ball_and_stick(10.0, 100.0, 1.0), js.PerBranch([1, 9])).insert(js.Leak())
    cell.insert(js.Calcium(inside=LITTLE))
    cell.at(js.path_distance() > 50.0).insert(js.Diffusion(d=D))
    inside = np.asarray(js.simulate(dropped(cell, 9), 100.0, 0.5)["ca.inside"])
    untouched = cell.cable.distance <= 50.0
    assert untouched.sum() > 3
    np.testing.assert_array_equal(inside[untouched], LITTLE)
    assert inside[8, -1] > 1e-6


def test_the_coefficient_has_a_gradient(x64):
    model = dropped(cable(21), 10)
    far = lambda d: js.simulate(model.set("Diffusion.d", d), 20.0, 0.5)["ca.inside"][14, -1]  # noqa: E731
    slope = float(jax.jit(jax.grad(far))(D))
    np.testing.assert_allclose(slope, (far(D + 1e-4) - far(D - 1e-4)) / 2e-4, rtol=1e-6)


def test_a_batch_diffuses_as_its_members(precision):
    model = dropped(cable(21), 10)
    run = lambda d: js.simulate(model.set("Diffusion.d", d), 10.0, 0.5)["ca.inside"]  # noqa: E731
    several = np.array([0.5, 1.0, 2.0], precision)
    together = jax.jit(jax.vmap(run))(several)
    for k, d in enumerate(several):
        np.testing.assert_allclose(
            together[k], jax.jit(run)(d), rtol=0, atol=1e-6 if precision == np.float32 else 1e-13
        )


def test_an_ion_must_be_there_to_diffuse():
    cell = js.Cell(js.cylinder(10.0, 1.0)).insert(js.Leak()).insert(js.Diffusion(ion="k"))
    with pytest.raises(ValueError, match="Diffusion moves 'k', which is not in 1 of its compartments"):
        cell.compile()


def test_one_coefficient_in_one_place():
    cell = cable(3).insert(js.Diffusion(d=1.0), name="again")
    with pytest.raises(ValueError, match="both move 'ca' in the same compartments"):
        cell.compile()
