"""Free parameters: who shares a number with whom, what never moves, gradients through `into`."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from jaxsim.build.cell import Cell
from jaxsim.cable import branches, path_distance
from jaxsim.fit.free import Free, free
from jaxsim.fit.transforms import AbstractTransform, Bounded, Positive, Unbounded
from jaxsim.mechanisms.stimuli import Samples
from jaxsim.model.model import Model
from jaxsim.morphology import cylinder
from tests.fit.cells import REGION, model

WIDE = (1e-5, 1e-3)
HH_COMP = [0, 4, 5, 6]


@pytest.fixture(scope="module")
def cell() -> Model:
    return model()


def spread(found: Free, cell: Model, name: str) -> np.ndarray:
    """The number that each value of a parameter takes: 1, 2, ... written into groups 0, 1, ...; 0 where not free."""
    p = found.parameters[name]
    numbers = jnp.arange(1.0, len(p.labels) + 1.0)
    return np.asarray(p.spread(numbers, jnp.zeros(p.shape)))


@pytest.mark.parametrize(
    ("name", "transform", "groups", "labels"),
    [
        ("Leak.gbar", Bounded(*WIDE), [1] * 7, ["cell"]),
        ("Leak.gbar", Bounded(*WIDE, share="region"), REGION + 1, ["soma", "basal", "apical"]),
        ("Leak.gbar", Bounded(*WIDE, share="branch"), REGION + 1, ["branch 0", "branch 1", "branch 2"]),
        ("Leak.gbar", Bounded(*WIDE, share=[7, 7, 3, 3, 3, 7, 9]), [2, 2, 1, 1, 1, 2, 3], ["3", "7", "9"]),
        ("Leak.gbar", Bounded(*WIDE, share=list("bbaaabb")), [2, 2, 1, 1, 1, 2, 2], ["a", "b"]),
        ("Leak.gbar", Bounded(*WIDE, at="basal"), [0, 1, 1, 1, 0, 0, 0], ["basal"]),
        ("Leak.gbar", Bounded(*WIDE, at="dendrite", share="region"), REGION, ["basal", "apical"]),
        ("Leak.gbar", Bounded(*WIDE, at=branches([2])), [0, 0, 0, 0, 1, 1, 1], ["branches([2])"]),
        ("Leak.gbar", Bounded(*WIDE, at=REGION == 2, share="branch"), [0, 0, 0, 0, 1, 1, 1], ["branch 2"]),
        ("HH.gbar_na", Bounded(0.01, 0.5, share="region"), [1, 2, 2, 2], ["soma", "apical"]),
        ("HH.gbar_na", Bounded(0.01, 0.5, share=[5, 5, 5, 5, 5, 6, 6]), [1, 1, 2, 2], ["5", "6"]),
        ("HH.gbar_na", Bounded(0.01, 0.5, share="branch", at=~branches(0)), [0, 1, 1, 1], ["branch 2"]),
        ("ra", Positive(share="region", at=path_distance() > 0.0), REGION, ["basal", "apical"]),
        ("Pulse.amp", Unbounded(), [1, 1], ["cell"]),
        ("Pulse.amp", Unbounded(share="instance"), [1, 2], ["Pulse[0]", "Pulse[1]"]),
        ("Pulse.amp", Unbounded(share=["late", "early"]), [2, 1], ["early", "late"]),
        ("VoltageClamp.v", Unbounded(share="instance"), [1], ["VoltageClamp[0]"]),
    ],
)
def test_sharing(cell: Model, name: str, transform: AbstractTransform, groups: np.ndarray, labels: list[str]) -> None:
    found = free(cell, {name: transform})
    np.testing.assert_array_equal(spread(found, cell, name), groups)
    assert found.labels(name) == labels


def test_compartments_each_have_a_number(cell: Model) -> None:
    found = free(cell, {"HH.gbar_na": Bounded(0.01, 0.5, share="compartment")})
    np.testing.assert_array_equal(spread(found, cell, "HH.gbar_na"), [1, 2, 3, 4])
    assert found.labels("HH.gbar_na") == ["branch 0(0.5)", "branch 2(0.1667)", "branch 2(0.5)", "branch 2(0.8333)"]


def test_regions_may_have_their_own_bounds(cell: Model) -> None:
    parts = [Bounded(1e-5, 1e-3, at="soma"), Bounded(1e-6, 1e-2, at="dendrite", share="region")]
    found = free(cell, {"Leak.gbar": parts})
    assert found.labels("Leak.gbar") == ["soma", "basal", "apical"]
    np.testing.assert_array_equal(found.bounds("Leak.gbar"), [[1e-5, 1e-3], [1e-6, 1e-2], [1e-6, 1e-2]])
    theta = found.theta({"Leak.gbar": [5e-4, 2e-6, 5e-3]})
    np.testing.assert_allclose(
        found.into(cell, theta).get("Leak.gbar"), np.array([5e-4, 2e-6, 5e-3])[REGION], rtol=1e-6
    )


def everything(cell: Model) -> Free:
    return free(
        cell,
        {
            "Leak.gbar": Bounded(*WIDE, share="region"),
            "HH.gbar_na": Bounded(0.01, 0.5, at="apical"),
            "ra": Positive(share="branch"),
            "Leak.e": Unbounded(10.0, share="compartment", at="dendrite"),
            "Pulse.amp": Unbounded(share="instance"),
        },
    )


def test_into_undoes_read(precision: np.dtype) -> None:
    cell = model()
    found = everything(cell)
    theta = found.read(cell)
    assert {x.dtype for x in theta.values()} == {precision}
    for name in found.names:
        np.testing.assert_allclose(found.into(cell, theta).get(name), cell.get(name), rtol=20 * np.finfo(precision).eps)


def test_theta_undoes_values(precision: np.dtype) -> None:
    found = everything(model())
    theta = {name: 0.3 * jnp.arange(len(found.labels(name)), dtype=precision) for name in found.names}
    back = found.theta(found.values(theta))
    for name in found.names:
        np.testing.assert_allclose(back[name], theta[name], rtol=1e-4, atol=1e-5 if precision == "float32" else 1e-13)


def test_counts_and_units(cell: Model) -> None:
    found = everything(cell)
    assert found.n == 3 + 1 + 3 + 6 + 2
    assert found.units == {
        "Leak.gbar": "S/cm2",
        "HH.gbar_na": "S/cm2",
        "ra": "ohm cm",
        "Leak.e": "mV",
        "Pulse.amp": "nA",
    }


@pytest.mark.parametrize("x", [0.0, 0.3, -1e3])
def test_what_is_not_free_stays_to_the_bit(cell: Model, x: float) -> None:
    found = free(
        cell, {"Leak.gbar": Bounded(*WIDE, at="basal", share="compartment"), "HH.gbar_na": Positive(at="soma")}
    )
    changed = found.into(cell, {"Leak.gbar": jnp.full(3, x), "HH.gbar_na": jnp.full(1, x)})
    for name in cell.parameters():
        before, after = np.asarray(cell.get(name)), np.asarray(changed.get(name))
        kept = {"Leak.gbar": REGION != 1, "HH.gbar_na": np.arange(4) > 0}.get(name, np.ones(len(before), bool))
        assert before[kept].tobytes() == after[kept].tobytes()


def weighted(cell: Model, weight: np.ndarray) -> jax.Array:
    """A nonlinear function of the leak conductances, standing for a simulation."""
    return jnp.sum(jnp.asarray(weight) * jnp.sqrt(cell.get("Leak.gbar")))


@pytest.mark.parametrize("share", ["cell", "region", "compartment"])
def test_gradient_through_into_is_the_central_difference(x64: None, share: str) -> None:
    cell, weight = model(), np.arange(1.0, 8.0)
    found = free(cell, {"Leak.gbar": Bounded(*WIDE, share=share)})
    theta = found.read(cell)["Leak.gbar"]
    f = jax.jit(lambda x: weighted(found.into(cell, {"Leak.gbar": x}), weight))
    h = 1e-6
    difference = [(f(theta + h * unit) - f(theta - h * unit)) / (2 * h) for unit in np.eye(len(theta))]
    np.testing.assert_allclose(jax.grad(f)(theta), difference, rtol=1e-7)


@pytest.mark.parametrize("share", ["cell", "region", [0, 1, 0, 1, 0, 1, 0]])
def test_gradient_of_a_group_is_the_sum_of_its_compartments(x64: None, share: object) -> None:
    cell, weight = model(), np.arange(1.0, 8.0)

    def gradient(share: object) -> tuple[jax.Array, np.ndarray]:
        found = free(cell, {"Leak.gbar": Bounded(*WIDE, share=share)})
        loss = jax.jit(lambda theta: weighted(found.into(cell, theta), weight))
        return jax.grad(loss)(found.read(cell))["Leak.gbar"], found.parameters["Leak.gbar"].group

    shared, group = gradient(share)
    single, _ = gradient("compartment")
    np.testing.assert_allclose(shared, np.bincount(group, single), rtol=1e-12)


def test_batched_into_is_looped_into(cell: Model) -> None:
    found = free(cell, {"Leak.gbar": Bounded(*WIDE, share="region")})
    starts = found.random(3, n=4)
    assert starts["Leak.gbar"].shape == (4, 3)
    batched = jax.vmap(lambda theta: found.into(cell, theta).get("Leak.gbar"))(starts)
    for k in range(4):
        one = found.into(cell, {"Leak.gbar": starts["Leak.gbar"][k]}).get("Leak.gbar")
        np.testing.assert_allclose(batched[k], one, rtol=1e-6)


def test_an_instance_may_have_an_array() -> None:
    built = Cell(cylinder(20.0, 10.0))
    built.stimulate(built.loc(0), Samples(values=np.array([0.1, 0.2, 0.3]), dt=1.0))
    cell = built.compile()
    found = free(cell, {"Samples.values": Unbounded(share="instance")})
    theta = found.read(cell)
    assert found.n == 3
    doubled = found.into(cell, {"Samples.values": 2 * theta["Samples.values"]})
    np.testing.assert_allclose(doubled.get("Samples.values"), [[0.2, 0.4, 0.6]], rtol=1e-6)
    np.testing.assert_array_equal(found.from_json(found.to_json(theta))["Samples.values"], theta["Samples.values"])


# Start values


def test_random_starts_lie_inside_and_follow_the_seed(cell: Model) -> None:
    found = free(cell, {"Leak.gbar": Bounded(*WIDE, share="compartment"), "Leak.e": Bounded(-80.0, -60.0)})
    values = np.asarray(jax.vmap(found.values)(found.random(0, n=200))["Leak.gbar"])
    assert np.all((values > WIDE[0]) & (values < WIDE[1]))
    np.testing.assert_allclose(values.mean(), np.mean(WIDE), rtol=0.05)  # 1400 draws: 3 standard errors are 0.05
    np.testing.assert_array_equal(found.random(0)["Leak.e"], found.random(jax.random.key(0))["Leak.e"])
    assert found.random(0)["Leak.e"] != found.random(1)["Leak.e"]


def test_a_draw_does_not_depend_on_what_else_is_free(cell: Model) -> None:
    alone = free(cell, {"Leak.e": Bounded(-80.0, -60.0)}).random(5)
    both = free(cell, {"Leak.gbar": Bounded(*WIDE), "Leak.e": Bounded(-80.0, -60.0)}).random(5)
    np.testing.assert_array_equal(alone["Leak.e"], both["Leak.e"])


def test_different_values_in_a_group_are_an_error(cell: Model) -> None:
    changed = cell.set("Leak.gbar", 2e-4, at="basal")
    found = free(changed, {"Leak.gbar": Bounded(*WIDE)})
    said = r"Leak.gbar has different values inside the group 'cell', from 0.0001 to 0.0002 \[S/cm2\].*share='region'"
    with pytest.raises(ValueError, match=said):
        found.read(changed)


def test_the_advice_is_the_coarsest_share_that_fits(cell: Model) -> None:
    changed = cell.set("Leak.gbar", jnp.linspace(1e-4, 2e-4, 7))
    with pytest.raises(ValueError, match="share='compartment'"):
        free(changed, {"Leak.gbar": Bounded(*WIDE, share="region")}).read(changed)


def test_the_advice_for_a_stimulus_is_instances(cell: Model) -> None:
    changed = cell.set("Pulse.amp", jnp.asarray([0.1, 0.2]))
    with pytest.raises(ValueError, match=r"different values.*share='instance'"):
        free(changed, {"Pulse.amp": Unbounded()}).read(changed)


def test_rounding_is_no_difference(cell: Model) -> None:
    nearly = cell.set("Leak.gbar", 1e-4 * (1.0 + 1e-7 * jnp.arange(7.0)))
    assert free(nearly, {"Leak.gbar": Bounded(*WIDE)}).read(nearly)["Leak.gbar"].shape == (1,)


# Errors


@pytest.mark.parametrize(
    ("parameters", "error", "said"),
    [
        ({"HH.gbar_nb": Positive()}, KeyError, "no parameter 'HH.gbar_nb'; did you mean 'HH.gbar_na'"),
        ({"HH.gbar_na": Positive(at="somma")}, KeyError, "no region 'somma'; did you mean 'soma'"),
        ({"HH.gbar_na": Positive(at="basal")}, ValueError, "HH is not inserted there"),
        ({"Leak.gbar": Positive(at=path_distance() > 1e4)}, ValueError, "selects no compartment"),
        ({"Leak.gbar": Positive(share=[0, 1])}, ValueError, "one label for each of 7 compartments, got 2"),
        ({"Leak.gbar": Positive(share="instance")}, ValueError, "'instance' is for stimuli and clamps"),
        ({"Pulse.amp": Unbounded(share="compartment")}, ValueError, r"'cell' \(one number\) or 'instance'"),
        ({"Pulse.amp": Unbounded(share="region")}, ValueError, r"'cell' \(one number\) or 'instance'"),
        ({"Pulse.amp": Unbounded(share=[0, 1, 2])}, ValueError, "one label for each of 2 instances, got 3"),
        ({"Pulse.amp": Unbounded(at="soma")}, ValueError, "belongs to 2 instances at locations: leave at= out"),
        ({"ra": [Positive(at="soma"), Positive()]}, ValueError, "ra must be freed once in each compartment"),
        ({"ra": (0.0, 1.0)}, TypeError, r"ra must be given a transform such as Bounded\(low, high\)"),
        ({"ra": Bounded}, TypeError, "ra must be given a transform"),
        ({"ra": []}, TypeError, "ra must be given a transform"),
        ({}, TypeError, "parameters must map names to transforms"),
        (["ra"], TypeError, "parameters must map names to transforms"),
    ],
)
def test_what_cannot_be_freed(cell: Model, parameters: object, error: type[Exception], said: str) -> None:
    with pytest.raises(error, match=said):
        free(cell, parameters)


def test_only_a_compiled_model_has_free_parameters() -> None:
    with pytest.raises(TypeError, match=r"model must be what cell.compile"):
        free("cell", {"ra": Positive()})


def test_a_start_on_its_bound_is_named(cell: Model) -> None:
    found = free(cell, {"Leak.e": Bounded(-70.0, -60.0, share="region")})
    with pytest.raises(ValueError, match=r"Leak.e \(soma\) must lie strictly between -70 and -60, got -70.0"):
        found.read(cell)


def test_read_needs_numbers(cell: Model) -> None:
    found = free(cell, {"ra": Positive()})
    with pytest.raises(TypeError, match=r"the values of ra must be numbers.*Read before jax.jit"):
        jax.jit(lambda x: found.read(cell.set("ra", x)))(100.0)


@pytest.mark.parametrize(
    ("theta", "error", "said"),
    [
        ({}, KeyError, "no values for the free parameters 'ra'"),
        ({"ra": np.zeros(3), "cm": np.zeros(1)}, KeyError, "no free parameter 'cm'"),
        ({"ra": np.zeros(2)}, ValueError, r"ra must have shape \(3,\), one number for each of its groups, got \(2,\)"),
        ({"ra": np.zeros((5, 3))}, ValueError, "For a batch use jax.vmap"),
    ],
)
def test_theta_must_fit(cell: Model, theta: dict[str, np.ndarray], error: type[Exception], said: str) -> None:
    found = free(cell, {"ra": Positive(share="region")})
    with pytest.raises(error, match=said):
        found.into(cell, theta)
