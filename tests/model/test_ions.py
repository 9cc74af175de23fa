"""Ions in a model: where a channel follows one, what is refused, and that a pool's place in memory changes nothing."""

import jax.numpy as jnp
import numpy as np
import pytest

import jaxsim as js

E = 100.0  # mV, of the channels where there is no calcium


def cell(n: int = 4) -> js.Cell:
    """A soma and a dendrite of n compartments."""
    return js.Cell(js.ball_and_stick(10.0, 100.0, 1.0), js.PerBranch([1, n]), ra=100.0, v=-50.0).insert(js.Leak())


def pooled(where: object = None) -> js.Cell:
    """Calcium channels everywhere; calcium and its pool in a region."""
    made = cell().insert(js.Ca_HVA(gbar=1e-3, e=E))
    region = js.everywhere() if where is None else where
    made.at(region).insert(js.Calcium(celsius=34.0)).insert(js.CaDynamics_E2())
    return made


def test_a_channel_follows_an_ion_only_where_it_is(x64):
    """In the soma calcium's reversal potential, in the dendrite the channel's own, whatever the layout."""
    made = pooled("soma")
    made.record([made.loc(0), made.loc(1, 0.1)], "Ca_HVA.i").record([made.loc(0), made.loc(1, 0.1)])
    made.record(made.loc(0), "ca.e")
    recording = js.simulate(made.compile(), 1.0, method=js.BackwardEuler())
    v, i = np.array(recording.v)[:, 0], np.array(recording["Ca_HVA.i"])[:, 0]
    rates = js.Ca_HVA().rates(jnp.asarray(v))
    g = 1e-3 * np.array(rates["m"].x_inf) ** 2 * np.array(rates["h"].x_inf)
    np.testing.assert_allclose(i, g * (v - [float(recording["ca.e"][0, 0]), E]), rtol=1e-12)


def test_a_parameter_that_follows_an_ion_is_no_parameter():
    model = pooled().compile()
    assert "Ca_HVA.e" not in model.parameters()
    with pytest.raises(KeyError, match=r"It follows the ion 'ca': set 'ca.inside' or 'ca.outside'"):
        model.set("Ca_HVA.e", 80.0)
    assert "Ca_HVA.e" in pooled("soma").compile().parameters()


def test_gathered_pools_are_those_that_are_everywhere(x64):
    """Of many compartments with few pools, and of few with as many, the same voltages come."""
    few, many = pooled("soma"), pooled()
    many.at("basal").set("Ca_HVA.gbar", 0.0)
    few.at("basal").set("Ca_HVA.gbar", 0.0)
    runs = []
    for made in (few, many):
        made.record([made.loc(0), made.loc(1, 0.9)]).record(made.loc(0), "ca.inside")
        runs.append(js.simulate(made.compile(), 5.0))
    np.testing.assert_allclose(runs[0].v, runs[1].v, rtol=0, atol=1e-11)
    np.testing.assert_allclose(runs[0]["ca.inside"], runs[1]["ca.inside"], rtol=1e-12)


def test_pools_of_two_kinds_share_an_ion(x64):
    """Each region's pool gives what it gives alone."""
    both = cell().insert(js.Ca_HVA(gbar=1e-4)).insert(js.Calcium())
    both.at("soma").insert(js.CaDynamics_E2(decay=20.0), name="soma_pool")
    both.at("basal").insert(js.CaDynamics_E2(decay=300.0), name="dendrite_pool")
    one = cell().insert(js.Ca_HVA(gbar=1e-4)).insert(js.Calcium()).insert(js.CaDynamics_E2(decay=300.0))
    one.at("soma").set("CaDynamics_E2.decay", 20.0)
    runs = []
    for made in (both, one):
        places = [made.loc(0), made.loc(1, 0.9)]
        runs.append(js.simulate(made.record(places).record(places, "ca.inside").compile(), 5.0))
    np.testing.assert_allclose(runs[0]["ca.inside"], runs[1]["ca.inside"], rtol=1e-12)
    np.testing.assert_allclose(runs[0].v, runs[1].v, rtol=0, atol=1e-11)


def test_a_constant_ion_needs_no_pool(x64):
    """Without one, the reversal potential is Nernst's of the ion's parameters, and changes with them."""
    made = cell().insert(js.K(gbar=1e-3)).insert(js.Potassium(outside=5.0))
    made.record(made.loc(0), "k.e")
    model = made.compile()
    for outside in (5.0, 10.0):
        e = js.simulate(model.set("k.outside", outside), 1.0)["k.e"]
        np.testing.assert_allclose(e, float(js.nernst(jnp.asarray(54.4), jnp.asarray(outside), 1, 6.3)), rtol=1e-12)


def test_a_run_with_ions_is_continued(x64):
    made = pooled()
    model = made.record(made.loc(0)).record(made.loc(0), "ca.inside").compile()
    for method in (js.DampedCrankNicolson(), js.BackwardEuler(), js.TRBDF2()):
        whole, first = js.simulate(model, 4.0, method=method), js.simulate(model, 2.0, method=method)
        second = js.simulate(model, 2.0, method=method, state=first.state)
        for what in ("v", "ca.inside"):
            np.testing.assert_array_equal(second[what], whole[what][:, 80:])


def test_saved_and_loaded_is_the_same(x64, tmp_path):
    made = pooled("soma")
    made.record(made.loc(0), "ca.inside")
    js.save_spec(made.spec(), tmp_path / "cell.npz")
    again = js.compile_model(js.load_spec(tmp_path / "cell.npz"))
    ours = js.simulate(made.compile(), 2.0)["ca.inside"]
    np.testing.assert_array_equal(js.simulate(again, 2.0)["ca.inside"], ours)


def test_a_pool_begins_where_it_says(x64):
    @js.struct
    class Full(js.CaDynamics_E2):
        """A pool that begins at its rest."""

        def initial(self, v):
            return {"cai": self.cai_min + 0.0 * v}

    made = cell().insert(js.Ca_HVA()).insert(js.Calcium()).insert(Full(cai_min=7e-4))
    made.record(made.loc(0), "ca.inside")
    assert float(js.simulate(made.compile(), 1.0)["ca.inside"][0, 0]) == 7e-4


def test_a_pool_needs_its_ion():
    made = cell().insert(js.CaDynamics_E2())
    with pytest.raises(ValueError, match=r"CaDynamics_E2 changes 'ca.inside', but there is no ion 'ca' in 5 of its"):
        made.compile()
    made.at("soma").insert(js.Calcium())
    with pytest.raises(ValueError, match="in 4 of its compartments"):
        made.compile()


def test_one_pool_holds_a_concentration():
    made = pooled().insert(js.CaDynamics_E2(), name="second")
    with pytest.raises(ValueError, match=r"second and CaDynamics_E2 both change 'ca.inside' in 5 compartments"):
        made.compile()


def test_an_ion_has_the_name_of_its_symbol():
    with pytest.raises(ValueError, match="the name of Calcium must be 'ca', got 'calcium'"):
        cell().insert(js.Calcium(), name="calcium").compile()


def _with(**declared: dict[str, str]) -> type[js.AbstractPool]:
    """A pool with other declarations."""
    return type("Odd", (js.CaDynamics_E2,), {"__doc__": "Odd.", **declared})


@pytest.mark.parametrize(
    ("declared", "said"),
    [
        ({"reads": {"icca": "ca.i"}}, "no parameter of Odd (in its reads) 'icca'; did you mean 'ica'"),
        ({"reads": {"ica": "ca.current"}}, "no quantity of an ion (read by Odd) 'ca.current'"),
        ({"writes": {"ca": "ca.inside"}}, "no state of Odd (in its writes) 'ca'; did you mean 'cai'"),
        ({"writes": {"cai": "ca.e"}}, "no concentration of an ion (written by Odd) 'ca.e'"),
    ],
)
def test_a_wrong_declaration_is_explained(declared, said):
    made = cell().insert(js.Calcium())
    made.insert(js.struct(_with(**declared))())
    with pytest.raises(KeyError) as error:
        made.compile()
    assert said in str(error.value.args[0])


def test_a_channel_does_not_read_a_current():
    odd = js.struct(type("Odd", (js.SK_E2,), {"__doc__": "Odd.", "reads": {"cai": "ca.i"}}))
    made = cell().insert(js.Calcium()).insert(odd())
    with pytest.raises(KeyError, match="no quantity of an ion"):
        made.compile()


def test_a_state_belongs_to_its_ions():
    made = pooled()
    state = js.simulate(made.record(made.loc(0)).compile(), 1.0).state
    other = cell().insert(js.Ca_HVA(gbar=1e-3, e=E))
    with pytest.raises(ValueError, match="the same ions"):
        js.simulate(other.record(other.loc(0)).compile(), 1.0, state=state)


@pytest.mark.parametrize("what", ["ca.inner", "ca.v"])
def test_an_unknown_quantity_of_an_ion_lists_the_known(what):
    made = pooled()
    made.record(made.loc(0), what)
    with pytest.raises(KeyError, match=r"'ca.e', 'ca.i', 'ca.inside', 'ca.outside'"):
        made.compile()


def test_an_ion_is_recorded_where_it_is():
    made = pooled("soma")
    made.record(made.loc(1, 0.9), "ca.inside")
    with pytest.raises(ValueError, match="ca is not inserted there"):
        made.compile()
