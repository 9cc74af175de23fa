"""What a mechanism has of its compartment: the temperature that all share, the diameter and the area."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import jaxsim as js


@js.struct
class Sized(js.AbstractChannel):
    """A leak whose conductance and reversal potential show the compartment's size."""

    reads = {"diam": "cable.diam", "area": "cable.area"}
    diam: js.units.um = 0.0
    area: js.units.um = 0.0

    def current(self, v, gate):
        return 1e-6 * self.diam * (v + 1e-2 * self.area)


def cone() -> js.Cell:
    branch = js.Branch(points=[0.0, 30.0, 60.0], radius=[4.0, 2.0, 3.0])
    return js.Cell(js.from_branches([branch]), js.PerBranch(2))


def test_a_mechanism_reads_the_mean_diameter_and_the_area_of_its_compartment(x64):
    cell = cone().insert(Sized())
    model = cell.compile()
    cell_area = np.pi * np.array([3.0, 2.5]) * 2 * np.sqrt(30.0**2 + np.array([2.0, 1.0]) ** 2)
    for k, x in enumerate((0.25, 0.75)):
        cell.record(cell.loc(0, x), "Sized.i")
        i = js.simulate(cell.compile(), 0.025)["Sized.i"][k, 0]
        diam = (6.0, 5.0)[k]
        np.testing.assert_allclose(i, 1e-6 * diam * (-65.0 + 1e-2 * cell_area[k]), rtol=1e-12)
    assert "Sized.diam" not in model.parameters()


def test_the_diameter_follows_the_radius_and_is_differentiable(x64):
    cell = cone().insert(Sized())
    model = cell.record(cell.loc(0, 0.25), "Sized.i").compile()

    def current(scale):
        return js.simulate(model.set("radius_scale", scale), 0.025)["Sized.i"][0, 0]

    slope = (current(1.0 + 1e-5) - current(1.0 - 1e-5)) / 2e-5
    np.testing.assert_allclose(jax.grad(current)(1.0), slope, rtol=1e-6)


def test_the_size_of_a_compartment_cannot_be_set():
    with pytest.raises(KeyError, match="size of the compartment: set 'radius_scale'"):
        cone().insert(Sized()).compile().set("Sized.diam", 3.0)


def test_an_unknown_size_is_refused():
    @js.struct
    class Odd(Sized):
        reads = {"diam": "cable.length"}

    with pytest.raises(KeyError, match=r"no size of a compartment \(read by Odd\) 'cable.length'"):
        cone().insert(Odd()).compile()


def warm() -> js.Cell:
    cell = js.Cell(js.ball_and_stick(10.0, 100.0, 1.0), js.MaxLength(50.0))
    cell.insert(js.HH()).insert(js.Calcium()).insert(js.Leak())
    cell.at("soma").insert(js.Im())
    return cell


def test_one_temperature_for_every_mechanism_of_a_region():
    cell = warm()
    cell.at("soma").set("celsius", 30.0)
    cell.at("dendrite").set("celsius", 20.0)
    model = cell.compile()
    np.testing.assert_allclose(model.get("HH.celsius"), [30.0, 20.0, 20.0])
    np.testing.assert_allclose(model.get("ca.celsius"), [30.0, 20.0, 20.0])
    np.testing.assert_allclose(model.get("Im.celsius"), [30.0])


def test_a_model_takes_one_temperature_and_its_gradient(x64):
    cell = warm()
    cell.stimulate(cell.loc("soma"), js.Pulse(amp=0.3, start=1.0))
    model = cell.record(cell.loc("soma")).compile()
    changed = model.set("celsius", 25.0, at="dendrite")
    np.testing.assert_allclose(changed.get("HH.celsius"), [6.3, 25.0, 25.0])
    np.testing.assert_allclose(changed.get("Im.celsius"), model.get("Im.celsius"))

    def loss(celsius):
        return jnp.mean(js.simulate(model.set("celsius", celsius), 5.0).v ** 2)

    slope = (loss(10.0 + 1e-4) - loss(10.0 - 1e-4)) / 2e-4
    np.testing.assert_allclose(jax.grad(loss)(10.0), slope, rtol=1e-5)


def test_a_temperature_that_nothing_has_is_refused():
    cell = js.Cell(js.cylinder(20.0, 10.0)).insert(js.Leak())
    with pytest.raises(KeyError, match="Insert one that has a 'celsius' first"):
        cell.at(js.everywhere()).set("celsius", 30.0)
    with pytest.raises(KeyError, match="No mechanism there has it"):
        cell.compile().set("celsius", 30.0)
