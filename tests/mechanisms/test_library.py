"""The library lists every mechanism of the package."""

import importlib
import inspect
import pkgutil

import pytest

import jaxsim.mechanisms
from jaxsim.mechanisms.base import (
    AbstractChannel,
    AbstractClamp,
    AbstractIon,
    AbstractMechanism,
    AbstractPool,
    AbstractStimulus,
)
from jaxsim.mechanisms.library import CHANNELS, CLAMPS, IONS, POOLS, STIMULI


def _final(base: type[AbstractMechanism]) -> set[type[AbstractMechanism]]:
    """The classes under jaxsim.mechanisms that can be made and have no class below them."""
    package = jaxsim.mechanisms
    modules = [importlib.import_module(m.name) for m in pkgutil.walk_packages(package.__path__, package.__name__ + ".")]
    found = {
        cls
        for module in modules
        for _, cls in inspect.getmembers(module, inspect.isclass)
        if issubclass(cls, base) and not inspect.isabstract(cls) and cls.__module__ == module.__name__
    }
    return {cls for cls in found if not found & set(cls.__subclasses__())}


@pytest.mark.parametrize(
    ("base", "library"),
    [
        (AbstractChannel, CHANNELS),
        (AbstractPool, POOLS),
        (AbstractIon, IONS),
        (AbstractStimulus, STIMULI),
        (AbstractClamp, CLAMPS),
    ],
)
def test_library_is_complete_and_goes_by_class_name(base, library) -> None:
    pools = _final(AbstractPool) if base is AbstractChannel else set()  # a pool may have a current too
    assert library == {cls.__name__: cls for cls in _final(base) - pools}


def test_no_name_stands_twice() -> None:
    libraries = CHANNELS, POOLS, IONS, STIMULI, CLAMPS
    assert len({name for library in libraries for name in library}) == sum(map(len, libraries))
