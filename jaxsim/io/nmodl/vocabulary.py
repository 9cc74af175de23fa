"""The words of the language: reserved ones, and those that only older translators knew."""

# Reserved everywhere: none of them can name a variable.
KEYWORDS = frozenset({
    "AFTER", "ARTIFICIAL_CELL", "ASSIGNED", "BBCOREPOINTER", "BEFORE", "BREAKPOINT", "BY", "CHARGE", "COMMENT",
    "COMPARTMENT", "CONDUCTANCE", "CONSERVE", "CONSTANT", "CONSTRUCTOR", "DEFINE", "DEL", "DEL2", "DEPEND",
    "DERIVATIVE", "DESTRUCTOR", "DISCRETE", "ELECTRODE_CURRENT", "ELSE", "EQUATION", "EXTERNAL", "FOR_NETCONS",
    "FROM", "FUNCTION", "FUNCTION_TABLE", "GLOBAL", "IF", "INCLUDE", "INDEPENDENT", "INITIAL", "INT", "KINETIC",
    "LAG", "LINEAR", "LOCAL", "LONGITUDINAL_DIFFUSION", "METHOD", "MUTEXLOCK", "MUTEXUNLOCK", "NET_RECEIVE", "NEURON",
    "NONLINEAR", "NONSPECIFIC_CURRENT", "PARAMETER", "POINTER", "POINT_PROCESS", "PROCEDURE", "PROTECT", "RANDOM",
    "RANGE", "READ", "REPRESENTS", "SOLVE", "SOLVEFOR", "START", "STATE", "STEADYSTATE", "STEP", "SUFFIX", "SWEEP",
    "TABLE", "THREADSAFE", "TITLE", "TO", "UNITS", "UNITSOFF", "UNITSON", "USEION", "VALENCE", "VERBATIM", "VS",
    "WATCH", "WHILE", "WITH", "WRITE",
})  # fmt: skip

LOWER_CASE = {"if": "IF", "else": "ELSE", "while": "WHILE"}  # the three that may be written small

# Words that begin something at the level of the file: inside braces one of them means that a brace is missing.
BLOCKS = frozenset({
    "AFTER", "ASSIGNED", "BEFORE", "BREAKPOINT", "CONSTANT", "CONSTRUCTOR", "DEFINE", "DERIVATIVE", "DESTRUCTOR",
    "DISCRETE", "EQUATION", "FUNCTION", "FUNCTION_TABLE", "INCLUDE", "INDEPENDENT", "KINETIC", "LINEAR",
    "NET_RECEIVE", "NEURON", "NONLINEAR", "PARAMETER", "PROCEDURE", "STATE", "TITLE", "UNITS",
})  # fmt: skip

# Words of the NEURON block that a list of names follows.
NAME_LISTS = frozenset({
    "BBCOREPOINTER", "ELECTRODE_CURRENT", "EXTERNAL", "GLOBAL", "NONSPECIFIC_CURRENT", "POINTER", "RANDOM", "RANGE",
})  # fmt: skip

# Not reserved: names of variables today, statements or blocks of older translators where no name can stand.
OBSOLETE_BLOCKS = frozenset({"MATCH", "PARTIAL", "PLOT", "TERMINAL"})
OBSOLETE_STATEMENTS = frozenset({"MATCH", "RESET", "SENS"})

# Words of Arbor's dialect, for messages.
ARBOR = frozenset({"JUNCTION_PROCESS", "POST_EVENT", "REVERSAL_POTENTIAL", "VOLTAGE_PROCESS", "WHITE_NOISE"})
