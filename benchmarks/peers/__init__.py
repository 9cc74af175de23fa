"""The peers' side of each case: the same work in NEURON, CoreNEURON, Arbor, Jaxley and plain C."""
