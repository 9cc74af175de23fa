"""Small .mod files that between them hold every construct of the language."""

CHANNEL = """TITLE HH sodium channel ! with a mark
: written for tests
COMMENT
Two lines of
description.
ENDCOMMENT
NEURON {
    SUFFIX nax
    USEION na READ ena WRITE ina VALENCE 1
    NONSPECIFIC_CURRENT il
    RANGE gbar, g
    GLOBAL minf, mtau
    THREADSAFE
}
UNITS { (mV) = (millivolt)  (S) = (siemens)  F = (faraday) (coulomb)  R = 8.314 (joule/degC) }
PARAMETER {
    gbar = .1 (S/cm2) <0, 1e9> : maximal conductance
                               : of the channel
    q10 = 3 ? factor
    table[3] (mV)
}
ASSIGNED { v (mV) ena (mV) ina (mA/cm2) il minf mtau (ms) celsius (degC) }
STATE { m h FROM 0 TO 1 START .5 <1e-4> }
LOCAL shared, list[2]
INITIAL { rates(v) m = minf }
BREAKPOINT {
    SOLVE states METHOD cnexp
    CONDUCTANCE gbar USEION na
    ina = gbar * m^3 * h * (v - ena)
}
DERIVATIVE states { rates(v) m' = (minf - m) / mtau }
UNITSOFF
FUNCTION vtrap(x (mV), y) (1) {
    IF (fabs(x / y) < 1e-6) { vtrap = y * (1 - x / y / 2) } else if (x == 0 && !y) { vtrap = 1 } ELSE {
        vtrap = x / (exp(x / y) - 1) }
}
PROCEDURE rates(v (mV)) (ms) {
    LOCAL q, w
    TABLE minf, mtau DEPEND celsius, q10 FROM -100 TO 100 WITH 200
    q = q10 ^ ((celsius - 6.3 (degC)) / 10)
    minf = 1 / (1 + exp(-(v + 40.) / 10 (mV)))
    mtau = -2^2 + 1E-3 * q
VERBATIM
    /* C with { and ' and " */
    return 0;
ENDVERBATIM
}
UNITSON
"""

SYNAPSE = """NEURON {
    POINT_PROCESS Syn
    POINTER pre
    BBCOREPOINTER rng
    EXTERNAL apc
    RANDOM ran
    ELECTRODE_CURRENT i
    REPRESENTS NCIT:C17145
}
CONSTANT { k = -5 (mV) e = 2.7 }
INDEPENDENT { t FROM 0 TO 1 WITH 1 (ms) }
NET_RECEIVE (weight (uS), tsyn (ms)) {
    INITIAL { tsyn = t }
    LOCAL x
    IF (flag == 1) { net_event(t) } ELSE { WATCH (v > -20 (mV)) 2, (v < k + 1) 3 }
    state_discontinuity(g, g + weight)
    net_send(1, 1)
    FOR_NETCONS(w, ts) { w = w * 2 }
}
BEFORE BREAKPOINT { at_time(1) }
AFTER SOLVE { x = 1 }
CONSTRUCTOR { PROTECT n = n + 1 }
DESTRUCTOR { MUTEXLOCK n = n - 1 MUTEXUNLOCK }
FUNCTION_TABLE tau(v (mV)) (ms)
VERBATIM
static double x;
ENDVERBATIM
BREAKPOINT { printf("%g, %s\\n", x, "text") WHILE (x < 3) { x = x + 1 { LOCAL y y = x } } }
"""

KINETIC = """DEFINE N 4
DEFINE M -1
INCLUDE "nothing.inc"
STATE { ca[N] (mM) <1e-6> pump pumpca (mol/cm2) }
PARAMETER { shells = N }
BREAKPOINT { SOLVE scheme METHOD sparse  SOLVE lin  SOLVE guess STEADYSTATE sparse }
KINETIC scheme SOLVEFOR ca, pump {
    COMPARTMENT i, vol[i] * diam^2 { ca buffer }
    COMPARTMENT 1e10 { pump }
    LONGITUDINAL_DIFFUSION j, D * vol[j] { ca }
    FROM i = 0 TO N - 2 BY 1 { ~ ca[i] <-> ca[i + 1] (f[i], b) }
    ~ ca[0] + 2 pump <-> pumpca (k1 * 2, k2)
    ~ pump -> (k3)
    ~ ca[N - 1] << (-ica * PI / (2 * FARADAY))
    flux = f_flux - b_flux
    CONSERVE pump + 2 pumpca = total * (1)
}
LINEAR lin { ~ a + b = 1  ~+ 2 * a - b = 0 }
NONLINEAR non SOLVEFOR x { ~ x^2 + exp(-x) = ca[INT(x + 1)] }
DISCRETE steps { x = x@1 + y@2[i] }
PROCEDURE old() { LAG x BY tau  m'' = -m'  a = m'0 }
"""

ANCIENT = """PLOT a, b VS t
STEPPED { amp = 1, 2, -3 (nA) }
TERMINAL { x = 1 }
PARTIAL diffusion { ~ DEL2 x = 1 }
EQUATION { SOLVE s METHOD euler IFERROR { error(1) } }
PROCEDURE p() {
    SENS a, b
    RESET
    MATCH { y(1) = 2 }
    FORALL ca { x = 1 }
    RESET = 2
    nrn_pointing(&x)
}
"""

SOURCES = {"channel": CHANNEL, "synapse": SYNAPSE, "kinetic": KINETIC, "ancient": ANCIENT}
