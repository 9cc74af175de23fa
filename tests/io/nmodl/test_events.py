"""NET_RECEIVE and what stands in it."""

from jaxsim.io.nmodl import tree
from tests.io.nmodl.parsed import body, item, statement, value

EVENT = "NET_RECEIVE (w)"


def test_net_receive():
    found = item("NET_RECEIVE (weight (uS), last (ms)) { g = g + weight }")
    assert found.arguments == (tree.Argument("weight", "uS"), tree.Argument("last", "ms"))
    assert found.body == (statement("g = g + weight"),)


def test_initial_of_a_connection():
    first, *_ = body("INITIAL { last = -1e9 } x = 1", EVENT)
    assert first == tree.Initial((statement("last = -1e9"),))


def test_watch():
    found = statement("WATCH (v > -20 (mV)) 2", EVENT)
    assert found.conditions == (tree.WatchCondition(">", value("v"), value("-20 (mV)"), tree.Number(2.0)),)


def test_watch_several():
    found = statement("WATCH (v + 1 < a * b) 2, (v > 0) 3", EVENT)
    assert [(one.operator, one.flag.value) for one in found.conditions] == [("<", 2.0), (">", 3.0)]
    assert found.conditions[0].left == value("v + 1")
    assert found.conditions[0].right == value("a * b")


def test_for_netcons():
    found = statement("FOR_NETCONS (w, t1 (ms)) { w = w * 2 }", EVENT)
    arguments = (tree.Argument("w"), tree.Argument("t1", "ms"))
    assert found == tree.ForNetcons(arguments, (statement("w = w * 2"),))


def test_events_are_calls():
    names = ["net_send", "net_event", "net_move", "state_discontinuity", "at_time"]
    text = "net_send(1, 1) net_event(t) net_move(t + 1) state_discontinuity(g, g + w) at_time(2)"
    assert [one.call.function for one in body(text, EVENT)] == names
