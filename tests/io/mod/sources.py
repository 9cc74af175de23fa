"""Mechanisms in NMODL, one for each thing that files do, small and made up."""

_GATE = """
NEURON {{ SUFFIX {name} USEION k READ ek WRITE ik RANGE gbar }}
PARAMETER {{ gbar = 0.003 (S/cm2) }}
ASSIGNED {{ v (mV) ek (mV) ik (mA/cm2) ninf ntau (ms) }}
STATE {{ n }}
"""
_RATES = """
PROCEDURE rates(v (mV)) {
    ninf = 1 / (1 + exp(-(v + 40) / 9))
    ntau = 2 + 8 / (1 + exp((v + 50) / 12))
}
"""

SOURCES = {
    "delayed": """TITLE Delayed rectifier

: a potassium current with a guarded rate
NEURON { SUFFIX delayed USEION k READ ek WRITE ik RANGE gbar, g GLOBAL ninf, ntau THREADSAFE }
UNITS { (S) = (siemens) (mV) = (millivolt) }
PARAMETER {
    gbar = 0.01 (S/cm2) <0, 1> : the largest conductance
    vhalf = -50 (mV)
    celsius (degC)
}
ASSIGNED { v (mV) ek (mV) ik (mA/cm2) g (S/cm2) ninf ntau (ms) }
STATE { n }
INITIAL { rates(v) n = ninf }
BREAKPOINT { SOLVE states METHOD cnexp  g = gbar * n^4  ik = g * (v - ek) }
DERIVATIVE states { rates(v) n' = (ninf - n) / ntau }
PROCEDURE rates(v (mV)) { LOCAL a, b, q
    TABLE ninf, ntau DEPEND celsius FROM -100 TO 100 WITH 200
    UNITSOFF
    q = 3^((celsius - 6.3) / 10)
    a = 0.02 * trap(vhalf - v, 9)
    b = 0.1 * exp(-(v + 60) / 70)
    ntau = 1 / (q * (a + b))
    ninf = a / (a + b)
    UNITSON
}
FUNCTION trap(x, y) {
    IF (fabs(x / y) < 1e-6) { trap = y * (1 - x / y / 2) } ELSE { trap = x / (exp(x / y) - 1) }
}
""",
    "moved": """
NEURON { SUFFIX moved USEION na READ ena WRITE ina RANGE gbar }
PARAMETER { gbar = 0.02 (mho/cm2) ena = 50 (mV) }
ASSIGNED { v (mV) ina (mA/cm2) am bm ah bh }
STATE { m h }
INITIAL { rates() m = am / (am + bm) h = ah / (ah + bh) }
BREAKPOINT { SOLVE s METHOD cnexp ina = gbar * m * m * m * h * (v - ena) }
DERIVATIVE s { rates() m' = am * (1 - m) - bm * m  h' = ah * (1 - h) - bh * h }
PROCEDURE rates() {
    if (v == -35) { v = v + 0.0001 }
    am = 0.182 * (v + 35) / (1 - exp(-(v + 35) / 9))
    bm = -0.124 * (v + 35) / (1 - exp((v + 35) / 9))
    ah = 0.1 * exp(-(v + 60) / 15)
    IF (v < -30) { bh = 1 / (1 + exp(-(v + 20) / 8)) } ELSE IF (v < 20) { bh = 0.3 } ELSE { bh = 0.001 * (v + 280) }
}
""",
    "flux": """
NEURON { SUFFIX flux USEION ca READ cai, cao WRITE ica RANGE pbar }
UNITS { F = (faraday) (coulomb) R = (k-mole) (joule/degC) PI = (pi) (1) }
PARAMETER { pbar = 2e-5 (cm/s) }
ASSIGNED { v (mV) cai (mM) cao (mM) ica (mA/cm2) celsius (degC) }
STATE { m }
INITIAL { m = 1 / (1 + exp(-(v + 25) / 6)) }
BREAKPOINT { SOLVE s METHOD cnexp  ica = (1e-3) * pbar * m * m * ghk(v, cai, cao) }
DERIVATIVE s { m' = (1 / (1 + exp(-(v + 25) / 6)) - m) / (PI + 1) }
FUNCTION ghk(v (mV), ci (mM), co (mM)) { LOCAL z
    z = 2e-3 * F * v / (R * (celsius + 273.15))
    ghk = 2 * F * (ci * efun(-z) - co * efun(z))
}
FUNCTION efun(z) { if (fabs(z) < 1e-4) { efun = 1 - z / 2 } else { efun = z / (exp(z) - 1) } }
""",
    "emptying": """
NEURON { SUFFIX emptying USEION ca READ ica, cai WRITE cai RANGE depth }
UNITS { FARADAY = (faraday) (coulomb) }
PARAMETER { depth = 0.1 (um) taur = 60 (ms) rest = 1e-4 (mM) }
STATE { cai (mM) }
ASSIGNED { ica (mA/cm2) drive }
INITIAL { cai = rest }
BREAKPOINT { SOLVE s METHOD cnexp }
DERIVATIVE s {
    drive = -1e4 * ica / (2 * FARADAY * depth)
    if (drive <= 0) { drive = 0 }
    cai' = drive + (rest - cai) / taur
}
""",
    "older": _GATE.format(name="older")
    + """
INITIAL { rates(v) n = ninf }
BREAKPOINT { SOLVE states ik = gbar * n * n * (v - ek) }
PROCEDURE states() {
    rates(v)
    n = n + (1 - exp(-dt / ntau)) * (ninf - n)
    VERBATIM
    return 0;
    ENDVERBATIM
}
"""
    + _RATES,
    "held": _GATE.format(name="held")
    + """
INITIAL { rates(v) n = ninf }
BREAKPOINT { SOLVE s METHOD cnexp ik = gbar * n * ninf * (v - ek) }
DERIVATIVE s { rates(v) n' = (ninf - n) / ntau }
"""
    + _RATES,
    "stale": _GATE.format(name="stale")
    + """
INITIAL { rates(v) n = ninf }
BREAKPOINT { rates(v) SOLVE s METHOD cnexp ik = gbar * n * n * (v - ek) }
DERIVATIVE s { n' = (ninf - n) / ntau }
"""
    + _RATES,
    "lasting": """
NEURON { SUFFIX lasting USEION k READ ek WRITE ik NONSPECIFIC_CURRENT il RANGE gbar, begun }
PARAMETER { gbar = 0.003 el = -60 }
ASSIGNED { v ek ik il tadj begun before slow celsius }
STATE { n }
INITIAL { tadj = 2.3^((celsius - 23) / 10) begun = v n = 1 / (1 + exp(-(v + 40) / 9)) slow = 0.2 before = 0 }
BREAKPOINT {
    SOLVE s METHOD cnexp
    ik = gbar * n * tadj * (v - ek) * (1 + slow)
    il = 1e-4 * (v - el) + 1e-6 * (v - begun)
    before = ik
}
DERIVATIVE s {
    slow = 0.1 * n + 0.05
    n' = tadj * (1 / (1 + exp(-(v + 40) / 9)) - n) / 5 - 0.01 * before
}
""",
    "markov": """
NEURON { SUFFIX markov USEION na READ ena WRITE ina RANGE gbar }
PARAMETER { gbar = 0.01 }
ASSIGNED { v ena ina a b }
STATE { c o i }
INITIAL { SOLVE kin STEADYSTATE sparse }
BREAKPOINT { SOLVE kin METHOD sparse ina = gbar * o * (v - ena) }
KINETIC kin {
    a = 2 * exp(v / 30) b = 0.3 * exp(-v / 25)
    ~ c <-> o (a, b)
    ~ o <-> i (0.8, 0.02)
    ~ c <-> i (0.05 * a, 0.01)
    CONSERVE c + o + i = 1
}
""",
    "shells": """
NEURON { SUFFIX shells USEION ca READ cao, cai, ica WRITE cai, ica RANGE ipump, total }
UNITS { FARADAY = (faraday) (coulomb) PI = (pi) (1) }
DEFINE N 4
PARAMETER { D = 0.6 kon = 100 koff = 0.2 total = 0.05 vmax = 1e-4 km = 1e-3 }
ASSIGNED { diam cao cai ica ipump ilast vol[N] }
STATE { ca[N] buf[N] cabuf[N] }
INITIAL { LOCAL k
    FROM k = 0 TO N - 1 {
        vol[k] = (2 * (N - k) - 1) / (N * N)
        ca[k] = cai
        cabuf[k] = total * cai / (cai + koff / kon)
        buf[k] = total - cabuf[k]
    }
    ipump = vmax * cai / (cai + km) ilast = ipump
}
BREAKPOINT { SOLVE state METHOD sparse ilast = ipump ica = ipump }
LOCAL rim
KINETIC state {
    COMPARTMENT j, diam * diam * vol[j] { ca buf cabuf }
    rim = PI * diam
    ~ ca[0] << (-(ica - ilast) * rim * 1e4 / (2 * FARADAY))
    FROM j = 0 TO N - 2 { ~ ca[j] <-> ca[j+1] (D * (N - 1 - j), D * (N - 1 - j)) }
    FROM j = 0 TO N - 1 { ~ ca[j] + buf[j] <-> cabuf[j] (kon * diam * diam * vol[j], koff * diam * diam * vol[j]) }
    ipump = vmax * ca[0] / (ca[0] + km)
    cai = ca[0]
}
""",
    "curved": """
NEURON { SUFFIX curved USEION k READ ek WRITE ik RANGE gbar }
PARAMETER { gbar = 0.004 }
ASSIGNED { v ek ik }
STATE { n s }
INITIAL { n = 0.2 s = 0.1 }
BREAKPOINT { SOLVE d METHOD derivimplicit ik = gbar * n * (1 - s) * (v - ek) }
DERIVATIVE d { n' = 0.2 / (1 + exp(-(v + 40) / 9)) - 0.3 * n * n - 0.1 * s * n  s' = 0.05 * n - 0.02 * s }
""",
    "coupled": """
NEURON { SUFFIX coupled USEION k READ ek WRITE ik RANGE gbar }
PARAMETER { gbar = 0.004 }
ASSIGNED { v ek ik }
STATE { a b c }
INITIAL { a = 0.3 b = 0.1 c = 0.2 }
BREAKPOINT { SOLVE d METHOD cnexp ik = gbar * a * b * (1 - c) * (v - ek) }
DERIVATIVE d {
    a' = (1 / (1 + exp(-(v + 40) / 9)) - a) / 3
    b' = 0.2 * a - 0.1 * b - 0.02 * c
    c' = 0.01 * b * (1 - c) - 0.05 * c
}
""",
    "frozen": """
NEURON { SUFFIX frozen USEION k READ ek WRITE ik RANGE gbar }
PARAMETER { gbar = 0.004 }
ASSIGNED { v ek ik tau }
STATE { a }
INITIAL { a = 0.3 }
BREAKPOINT { SOLVE d METHOD cnexp ik = gbar * a * (v - ek) }
DERIVATIVE d { LOCAL pumped
    tau = 2 + 10 * a
    pumped = 0.05 * a / (a + 0.2)
    a' = (1 / (1 + exp(-(v + 40) / 9)) - a) / tau - pumped
}
""",
    "cyclic": """
NEURON { SUFFIX cyclic NONSPECIFIC_CURRENT i }
ASSIGNED { v i a b }
STATE { n }
INITIAL { n = 0 a = 0.1 b = 0.2 }
BREAKPOINT { SOLVE s METHOD cnexp b = 0.5 * a + 0.01 * v i = 1e-4 * b * n * (v + 60) }
DERIVATIVE s { a = 0.1 * b + 0.2 * n n' = a - n }
""",
    "explicit": """
NEURON { SUFFIX explicit USEION k READ ek WRITE ik RANGE gbar }
PARAMETER { gbar = 0.004 }
ASSIGNED { v ek ik }
STATE { a b }
INITIAL { a = 0.3 b = 0.1 }
BREAKPOINT { SOLVE d METHOD euler ik = gbar * a * b * (v - ek) }
DERIVATIVE d { a' = (1 / (1 + exp(-(v + 40) / 9)) - a) / 3 b' = 0.2 * a * a - 0.1 * b }
""",
    "fourth": """
NEURON { SUFFIX fourth USEION k READ ek WRITE ik RANGE gbar }
PARAMETER { gbar = 0.004 }
ASSIGNED { v ek ik }
STATE { a b }
INITIAL { a = 0.3 b = 0.1 }
BREAKPOINT { SOLVE d METHOD runge ik = gbar * a * b * (v - ek) }
DERIVATIVE d { a' = (1 / (1 + exp(-(v + 40) / 9)) - a) / 3 b' = 0.2 * a * a - 0.1 * b }
""",
    "linear": """
NEURON { SUFFIX linear USEION k READ ek WRITE ik RANGE gbar }
PARAMETER { gbar = 0.01 }
ASSIGNED { v ek ik a b }
STATE { c o w }
INITIAL { rates(v) SOLVE start }
BREAKPOINT { SOLVE kin METHOD sparse ik = gbar * o * (v - ek) }
LINEAR start { ~ c * a - o * (b + 0.1) + w * 0.03 = 0  ~ o * 0.1 - w * 0.03 = 0  ~ c + o + w = 1 }
KINETIC kin { rates(v) ~ c <-> o (a, b) ~ o <-> w (0.1, 0.03) CONSERVE c + o + w = 1 }
PROCEDURE rates(v) { a = exp(v / 40) b = 0.3 * exp(-v / 25) }
""",
    "chloride": """
NEURON { SUFFIX chloride USEION cl READ ecl, cli, clo WRITE icl VALENCE -1 NONSPECIFIC_CURRENT i RANGE g, e }
PARAMETER { g = 2e-4 (S/cm2) e = -70 (mV) few = 3 }
ASSIGNED { v ecl icl i cli clo total }
INITIAL { total = sum(few) }
BREAKPOINT { icl = g * (v - ecl) * (1 + 1e-3 * cli / clo) i = 0.1 * g * total * (v - e) }
FUNCTION sum(n) { LOCAL k, x[4]
    k = 0
    WHILE (k < 4) { x[k] = k * k k = k + 1 }
    sum = 0
    FROM k = 0 TO 3 { sum = sum + x[k] }
    IF (n > 2) { sum = sum / n }
}
""",
    "placed": """
NEURON { POINT_PROCESS placed RANGE onset, gmax, e NONSPECIFIC_CURRENT i }
UNITS { (nA) = (nanoamp) (uS) = (microsiemens) }
PARAMETER { onset = 3 (ms) gmax = 2e-3 (uS) e = -10 (mV) tau = 4 (ms) }
ASSIGNED { v (mV) i (nA) open q }
STATE { n }
INITIAL { n = 0.1 + 0.01 * t q = 0 }
BREAKPOINT {
    IF (t < onset) { open = 0 } ELSE { open = exp(-(t - onset) / tau) }
    SOLVE s METHOD cnexp
    i = gmax * open * n * (v - e)
}
DERIVATIVE s {
    IF (at_time(onset + 2)) { q = 0.5 }
    n' = (1 / (1 + exp(-(v + 40) / 9)) + q - n) / 3 * (1 + 0.1 * sin(t))
}
""",
    "electrode": """
NEURON { POINT_PROCESS electrode RANGE del, dur, amp1, rs ELECTRODE_CURRENT i }
PARAMETER { del = 2 (ms) dur = 5 (ms) <0, 1e9> amp1 = 0.2 (nA) rs = 10 (megohm) hold = -60 (mV) }
ASSIGNED { v (mV) i (nA) on }
INITIAL { on = 0 }
BREAKPOINT {
    at_time(del) at_time(del + dur)
    IF (t < del + dur && t >= del) { i = amp1 + (hold - v) / rs } ELSE { i = 0 }
}
""",
    "listening": """
NEURON { POINT_PROCESS listening RANGE tau, e, most NONSPECIFIC_CURRENT i }
PARAMETER { tau = 3 (ms) e = 0 (mV) most = 2 }
ASSIGNED { v (mV) i (nA) factor }
STATE { A (uS) B (uS) used }
INITIAL { A = 0 B = 0 used = 0.1 factor = 1 / (exp(-1) + 0.2) }
BREAKPOINT { SOLVE s METHOD cnexp  i = (B - 0.3 * A) * (v - e) }
DERIVATIVE s { A' = -A / tau  B' = -B / (2 * tau)  used' = -used / 20 }
FUNCTION free(x) { free = 1 - x }
NET_RECEIVE(w (uS)) { LOCAL share
    share = 0.4 * free(used)
    state_discontinuity(A, A + w * factor)
    B = B + w * share
    IF (v < 0) { used = used + share / most }
}
""",
    "remembering": """
NEURON { POINT_PROCESS remembering RANGE tau, taur, share, count NONSPECIFIC_CURRENT i }
PARAMETER { tau = 2 (ms) taur = 15 (ms) share = 0.4 e = 0 (mV) first = 0.9 }
ASSIGNED { v (mV) i (nA) on shown count x }
STATE { g (uS) }
INITIAL { g = 0 on = 0.2 count = 0 }
BREAKPOINT { SOLVE s METHOD cnexp  shown = g * on  i = shown * (v - e) }
DERIVATIVE s { g' = -g / tau }
NET_RECEIVE(weight (uS), r, last (ms)) {
    INITIAL { r = first last = t }
    r = 1 - (1 - r) * exp(-(t - last) / taur)
    IF (flag == 0) { x = weight * r * share  on = 1 - 0.5 * on }
    state_discontinuity(g, g + x)
    r = r * (1 - share)
    last = t
    count = count + 1
}
""",
    "pulsing": """
NEURON { POINT_PROCESS pulsing RANGE e, Cdur, on NONSPECIFIC_CURRENT i }
PARAMETER { Cdur = 1.5 (ms) Alpha = 1.1 (/ms) Beta = 0.2 (/ms) e = 0 (mV) }
ASSIGNED { v (mV) i (nA) Rinf Rtau (ms) synon }
STATE { Ron Roff }
INITIAL { Rinf = Alpha / (Alpha + Beta) Rtau = 1 / (Alpha + Beta) synon = 0 }
BREAKPOINT { SOLVE release METHOD cnexp  i = (Ron + Roff) * (v - e) }
DERIVATIVE release { Ron' = (synon * Rinf - Ron) / Rtau  Roff' = -Beta * Roff }
NET_RECEIVE(weight, on, nspike, r0, t0 (ms)) {
    if (flag == 0) { : a spike: a pulse begins, or goes on
        nspike = nspike + 1
        if (!on) {
            r0 = r0 * exp(-Beta * (t - t0))
            t0 = t
            on = 1
            synon = synon + weight
            Ron = Ron + r0
            Roff = Roff - r0
        }
        net_send(Cdur, nspike)
    }
    if (flag == nspike) { : the end of the last pulse
        r0 = weight * Rinf + (r0 - weight * Rinf) * exp(-(t - t0) / Rtau)
        t0 = t
        synon = synon - weight
        Ron = Ron - r0
        Roff = Roff + r0
        on = 0
    }
}
""",
    "clocked": """
NEURON { POINT_PROCESS clocked RANGE del, ton, toff, amp, on ELECTRODE_CURRENT i }
PARAMETER { del = 5 (ms) ton = 1.3 (ms) toff = 2.11 (ms) amp = 0.3 (nA) }
ASSIGNED { i (nA) on count }
INITIAL { on = 0 count = 0 if (del >= 0) { net_send(del, 1) } }
BREAKPOINT { i = on * amp }
NET_RECEIVE(w) {
    if (flag == 1) {
        if (on == 0) {
            on = 1
            count = count + 1
            net_send(ton, 1)
        } else {
            on = 0
            if (count < 4) { net_send(toff, 1) }
        }
    }
}
""",
    "watchful": """
NEURON { POINT_PROCESS watchful RANGE g, high, low NONSPECIFIC_CURRENT i }
PARAMETER { high = -20 (mV) low = -50 (mV) tau = 4 (ms) e = -80 (mV) }
ASSIGNED { v (mV) i (nA) rises }
STATE { g }
INITIAL { g = 0 rises = 0 net_send(0, 1) }
BREAKPOINT { SOLVE fall METHOD cnexp  i = (g + 1e-4 * rises) * (v - e) }
DERIVATIVE fall { g' = -g / tau }
NET_RECEIVE(w) {
    if (flag == 1) {
        WATCH (v > high) 2
    } else if (flag == 2) {
        g = g + 0.004
        rises = rises + 1
        net_send(1.01, 4)
        WATCH (v < low) 3, (v > high + 20) 5
    } else if (flag == 3) {
        g = g + 0.002
        WATCH (v > high) 2
    } else if (flag == 4) {
        g = g + 0.001
    } else if (flag == 5) {
        g = g + 0.0005
    }
}
""",
    "lagging": """
NEURON { POINT_PROCESS lagging RANGE left, e NONSPECIFIC_CURRENT i }
PARAMETER { tau = 3 (ms) taur = 30 (ms) p = 0.4 e = 0 (mV) }
ASSIGNED { v (mV) i (nA) most near }
STATE { g n }
INITIAL { g = 0 n = 1 }
BREAKPOINT { SOLVE s METHOD cnexp  i = g * (v - e)  most = n * p  near = 1 / (1 + exp(-(v + 50) / 10)) }
DERIVATIVE s { g' = -g / tau  n' = (1 - n) / taur }
NET_RECEIVE(weight) {
    g = g + weight * most * (1 + near)
    n = n - n * p
}
""",
}
