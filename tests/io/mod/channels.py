"""Sources of channels, written for these tests; each for a few constructs. The name of a source is its SUFFIX."""

CHANNELS = {
    "guarded": """TITLE Sodium channel with a guarded rate
COMMENT
Two gates, one of them with a rate that is singular.
ENDCOMMENT
NEURON {
    SUFFIX guarded
    USEION na READ ena WRITE ina
    RANGE gbar
    GLOBAL minf, mtau, hinf, htau
}
UNITS { (mV) = (millivolt) (S) = (siemens) (mA) = (milliamp) }
PARAMETER {
    gbar = 0.02 (S/cm2) : conductance
    q10 = 2.3
    vhalf = -38 (mV)
}
ASSIGNED { v (mV) celsius (degC) ena (mV) ina (mA/cm2) minf mtau (ms) hinf htau (ms) }
STATE { m h }
INITIAL { rates(v) m = minf h = hinf }
BREAKPOINT {
    SOLVE states METHOD cnexp
    ina = gbar * m^3 * h * (v - ena)
}
DERIVATIVE states {
    rates(v)
    m' = (minf - m) / mtau
    h' = (hinf - h) / htau
}
FUNCTION trap(x (mV), y (mV)) (mV) {
    IF (fabs(x / y) < 1e-6) { trap = y * (1 - x / y / 2) } ELSE { trap = x / (exp(x / y) - 1) }
}
UNITSOFF
PROCEDURE rates(v (mV)) {
    LOCAL a, b, q
    TABLE minf, mtau, hinf, htau DEPEND celsius, q10 FROM -100 TO 100 WITH 200
    q = q10 ^ ((celsius - 21) / 10)
    a = 0.182 * trap(-(v - vhalf), 6)
    b = 0.124 * trap(v - vhalf, 6)
    minf = a / (a + b)
    mtau = 1 / (a + b) / q
    hinf = 1 / (1 + exp((v + 66) / 6))
    htau = 0.5 + 10 / (exp((v + 50) / 20) + exp(-(v + 50) / 15))
}
UNITSON
""",
    "bare": """NEURON { SUFFIX bare USEION k READ ek WRITE ik RANGE gkbar }
PARAMETER { gkbar = .01 (mho/cm2) celsius (degC) v (mV) }
ASSIGNED { ek (mV) ik (mA/cm2) }
STATE { n l }
INITIAL { n = alpha(v) / (alpha(v) + beta(v)) l = 0.2 }
BREAKPOINT { SOLVE states METHOD cnexp ik = gkbar * n*n*n*n * (0.5 + l) * (v - ek) }
DERIVATIVE states {
    LOCAL q
    q = 3^((celsius - 6.3)/10)
    n' = q * (alpha(v) * (1 - n) - beta(v) * n)
    l' = -l / 7 + 0.01
}
FUNCTION alpha(v) { alpha = 0.01 * (v + 55.3) / (1 - exp(-(v + 55.3) / 10)) }
FUNCTION beta(u) { beta = .125 * exp(-(u + 65) / 80) }
""",
    "several": """NEURON { SUFFIX several NONSPECIFIC_CURRENT i, ih RANGE g, e, gh }
PARAMETER { g = 1e-4 (S/cm2) e = -60 (mV) gh = 2e-5 }
ASSIGNED { v (mV) i (mA/cm2) ih (mA/cm2) }
BREAKPOINT {
    LOCAL open
    open = 1 / (1 + exp((v + 80) / 9))
    i = g * (v - e)
    ih = gh * open * (v + 45)
}
""",
    "injected": """NEURON { SUFFIX injected ELECTRODE_CURRENT i RANGE amp }
PARAMETER { amp = 3e-4 (mA/cm2) }
ASSIGNED { v (mV) i (mA/cm2) }
BREAKPOINT { i = amp * (1 - v / 200) }
""",
    "cation": """NEURON { SUFFIX cation USEION na READ ena WRITE ina USEION k READ ek WRITE ik }
PARAMETER { p = 4e-5 share = 0.4 }
ASSIGNED { v ena ek ina ik }
STATE { o }
INITIAL { o = 0 }
BREAKPOINT { SOLVE s METHOD cnexp ina = p * o * share * (v - ena) ik = p * o * (1 - share) * (v - ek) }
DERIVATIVE s { o' = (1 / (1 + exp(-(v + 40) / 6)) - o) * 0.3 }
""",
    "goldman": """NEURON { SUFFIX goldman USEION ca READ cai, cao WRITE ica RANGE pbar }
UNITS { FARADAY = (faraday) (coulomb) R = (k-mole) (joule/degC) (mM) = (milli/liter) }
PARAMETER { pbar = 5e-6 (cm/s) ki = 0.001 (mM) }
ASSIGNED { v (mV) celsius (degC) cai (mM) cao (mM) ica (mA/cm2) minf tau (ms) }
STATE { m }
INITIAL { rate(v) m = minf }
BREAKPOINT { SOLVE s METHOD cnexp ica = pbar * m * m * h2(cai) * flux(v, cai, cao) }
DERIVATIVE s { rate(v) m' = (minf - m) / tau }
FUNCTION h2(cai (mM)) { h2 = ki / (ki + cai) }
FUNCTION flux(v (mV), ci (mM), co (mM)) (.001 coul/cm3) {
    LOCAL z, eci, eco
    z = (1e-3) * 2 * FARADAY * v / (R * (celsius + 273.15))
    eco = co * efun(z)
    eci = ci * efun(-z)
    flux = (.001) * 2 * FARADAY * (eci - eco)
}
FUNCTION efun(z) {
    IF (fabs(z) < 1e-4) { efun = 1 - z / 2 } ELSE { efun = z / (exp(z) - 1) }
}
PROCEDURE rate(v (mV)) { minf = 1 / (1 + exp(-(v + 30) / 7)) tau = 1 + 2 / (1 + exp((v + 30) / 10)) }
""",
    "chloride": """NEURON { SUFFIX chloride USEION cl READ ecl, cli WRITE icl VALENCE -1 }
PARAMETER { g = 2e-5 (S/cm2) }
ASSIGNED { v ecl icl cli }
BREAKPOINT { icl = g * cli / (cli + 2) * (v - ecl) }
""",
    "instant": """NEURON { SUFFIX instant USEION ca READ eca WRITE ica }
PARAMETER { gmax = 1e-4 (S/cm2) v (mV) }
ASSIGNED { eca ica minf hinf tau_h }
STATE { h }
INITIAL { settings(v) h = hinf }
BREAKPOINT {
    SOLVE s METHOD cnexp
    settings(v)
    ica = gmax * minf * minf * h * (v - eca)
}
DERIVATIVE s { h' = (hinf - h) / tau_h }
PROCEDURE settings(u) {
    minf = 1 / (1 + exp(-(u + 52) / 7.4))
    hinf = 1 / (1 + exp((u + 80) / 5))
    tau_h = 20 + 50 / (1 + exp((u + 60) / 4))
}
""",
    "block": """NEURON { SUFFIX block NONSPECIFIC_CURRENT i RANGE g, mg }
PARAMETER { g = 1e-4 mg = 1 (mM) e = 0 (mV) }
ASSIGNED { v (mV) i (mA/cm2) b q celsius (degC) }
STATE { s }
INITIAL { q = 2 ^ ((celsius - 20) / 10) b = unblocked(v) s = b / 2 }
BREAKPOINT { SOLVE steps METHOD cnexp i = g * s * b * (v - e) }
DERIVATIVE steps { b = unblocked(v) s' = q * (b - s) / 3 }
FUNCTION unblocked(v (mV)) { unblocked = 1 / (1 + exp(-0.062 * v) * mg / 3.57) }
""",
    "coupled": """NEURON { SUFFIX coupled NONSPECIFIC_CURRENT ix }
PARAMETER { g = 1e-4 tau = 4 (ms) }
ASSIGNED { v ix }
STATE { a b c }
INITIAL { a = 0.1 b = 0.2 c = 0.3 }
BREAKPOINT { SOLVE s METHOD cnexp ix = g * (a + b * c) * (v + 20) }
DERIVATIVE s {
    a' = (1 / (1 + exp(-(v + 30) / 9)) - a) / tau - 0.05 * c
    b' = a * (1 - b) - 0.3 * b
    c' = (b - c * a) / 5
}
""",
    "implicit": """NEURON { SUFFIX implicit NONSPECIFIC_CURRENT ix }
PARAMETER { g = 1e-4 k = 2 }
ASSIGNED { v ix w }
STATE { a b }
INITIAL { a = 0.3 b = 0.1 w = 0 }
BREAKPOINT { SOLVE s METHOD derivimplicit ix = g * (a + b + w) * (v + 20) }
DERIVATIVE s {
    LOCAL x
    w = a * b
    x = a ^ k
    a' = 1 / (1 + exp(-(v + 30) / 9)) - x * b - 0.2 * a
    b' = 0.5 * a - b + 0.1 * w
}
""",
    "scheme": """NEURON { SUFFIX scheme USEION k READ ek WRITE ik RANGE gbar }
PARAMETER { gbar = 0.002 (S/cm2) }
ASSIGNED { v ek ik kf kb }
STATE { c1 c2 o i }
INITIAL { SOLVE kin STEADYSTATE sparse }
BREAKPOINT { SOLVE kin METHOD sparse ik = gbar * o * (v - ek) }
KINETIC kin {
    rates(v)
    ~ c1 <-> c2 (2 * kf, kb)
    ~ c2 <-> o (kf, 2 * kb)
    ~ o <-> i (0.1, 0.01)
    CONSERVE c1 + c2 + o + i = 1
}
PROCEDURE rates(v) { kf = 0.5 * exp(v / 40) kb = 0.2 * exp(-v / 30) }
""",
    "unsettled": """NEURON { SUFFIX unsettled NONSPECIFIC_CURRENT ix }
PARAMETER { g = 1e-4 }
ASSIGNED { v ix }
STATE { c o z }
INITIAL { c = 0.5 o = 0.2 z = 0 }
BREAKPOINT { SOLVE kin METHOD sparse ix = g * (o + z) * (v + 20) }
KINETIC kin {
    ~ c <-> o (exp(v / 30), 0.4)
    CONSERVE c + o = 1
    ~ z << (0.3)
    ~ z -> (0.5)
}
""",
    "binding": """NEURON { SUFFIX binding USEION ca READ cai, ica WRITE cai RANGE total }
DEFINE SHELLS 2
UNITS { FARADAY = (faraday) (10000 coulomb) PI = (pi) (1) (mM) = (milli/liter) (um) = (micron) }
PARAMETER { total = 0.05 (mM) kon = 100 koff = 0.1 d = 0.2 }
ASSIGNED { diam (um) ica (mA/cm2) cai (mM) vol[SHELLS] (1) part[SHELLS] }
STATE { ca[SHELLS] (mM) <1e-8> buf[SHELLS] cabuf[SHELLS] }
LOCAL done
INITIAL {
    IF (done == 0) { done = 1 volumes() }
    FROM i = 0 TO SHELLS - 1 {
        ca[i] = cai
        cabuf[i] = total * cai / (cai + koff / kon)
        buf[i] = total - cabuf[i]
    }
}
BREAKPOINT { SOLVE kin METHOD sparse }
PROCEDURE volumes() {
    LOCAL r, dr
    r = 1 / 2
    dr = r / (SHELLS - 1) / 2
    vol[0] = 0
    FROM i = 0 TO SHELLS - 2 {
        vol[i] = vol[i] + PI * (r - dr / 2) * 2 * dr
        r = r - dr
        part[i + 1] = 2 * PI * r / (2 * dr)
        r = r - dr
        vol[i + 1] = PI * (r + dr / 2) * 2 * dr
    }
}
KINETIC kin {
    COMPARTMENT i, diam * diam * vol[i] { ca buf cabuf }
    ~ ca[0] << (-ica * PI * diam / (2 * FARADAY))
    FROM i = 0 TO SHELLS - 2 { ~ ca[i] <-> ca[i + 1] (d * part[i + 1], d * part[i + 1]) }
    FROM i = 0 TO SHELLS - 1 { ~ ca[i] + buf[i] <-> cabuf[i] (kon * diam * diam * vol[i], koff * diam * diam * vol[i]) }
    cai = ca[0]
}
""",
    "pool": """NEURON { SUFFIX pool USEION ca READ ica, cai WRITE cai RANGE depth, taur }
UNITS { FARADAY = (faraday) (coulomb) (molar) = (1/liter) (mM) = (millimolar) }
PARAMETER { depth = .1 (um) taur = 20 (ms) cainf = 1e-4 (mM) }
STATE { cai (mM) }
INITIAL { cai = cainf }
ASSIGNED { ica (mA/cm2) drive (mM/ms) }
BREAKPOINT { SOLVE s METHOD cnexp }
DERIVATIVE s {
    drive = -(10000) * ica / (2 * FARADAY * depth)
    IF (drive <= 0.) { drive = 0. }
    cai' = drive + (cainf - cai) / taur
}
""",
    "pump": """NEURON { SUFFIX pump USEION ca READ ica, cai WRITE cai, ica NONSPECIFIC_CURRENT ix }
UNITS { FARADAY = (faraday) (coulomb) }
PARAMETER { vmax = 1e-3 kd = 2e-4 depth = 1 }
STATE { inner }
INITIAL { inner = cai }
ASSIGNED { ica cai ipump v ix }
BREAKPOINT {
    SOLVE s METHOD derivimplicit
    ipump = vmax * inner / (inner + kd)
    ica = ipump
    ix = -ipump
}
DERIVATIVE s {
    inner' = -(ica - ipump) / (0.2 * FARADAY * depth) - ipump * 1e-3 + (5e-5 - inner) / 40
    cai = inner
}
""",
    "classic": """NEURON { SUFFIX classic USEION na READ ena WRITE ina RANGE gbar GLOBAL inf, fac }
PARAMETER { gbar = 0.01 (mho/cm2) dt (ms) v (mV) celsius = 37 (degC) }
ASSIGNED { ena ina inf[2] tau[2] fac[2] }
STATE { m h }
INITIAL { mhn(v) m = inf[0] h = inf[1] }
BREAKPOINT { SOLVE states ina = gbar * m * m * m * h * (v - ena) }
PROCEDURE states() {
    mhn(v)
    m = m + fac[0] * (inf[0] - m)
    h = h + fac[1] * (inf[1] - h)
    VERBATIM
    return 0;
    ENDVERBATIM
}
FUNCTION varss(v, i) {
    if (i == 0) { varss = 1 / (1 + exp((v + 38) / (-4))) }
    else if (i == 1) { varss = 1 / (1 + exp((v + 58) / 6)) }
}
PROCEDURE mhn(v) {
    LOCAL a
    tau[0] = 0.4 tau[1] = 3 + 5 / (1 + exp((v + 50) / 12))
    FROM i = 0 TO 1 {
        inf[i] = varss(v, i)
        fac[i] = 1 - exp(-dt / tau[i])
    }
}
""",
    "explicit": """NEURON { SUFFIX explicit NONSPECIFIC_CURRENT ix }
PARAMETER { g = 1e-4 }
ASSIGNED { v ix }
STATE { a b }
INITIAL { a = 0.1 b = 0.5 }
BREAKPOINT { SOLVE s METHOD euler ix = g * (a + b) * (v + 20) }
DERIVATIVE s { a' = 0.3 - a * b + v / 1000 b' = a - b * b }
""",
    "algebra": """NEURON { SUFFIX algebra NONSPECIFIC_CURRENT ix }
PARAMETER { g = 1e-4 }
ASSIGNED { v ix kf kb }
STATE { c o d }
INITIAL { kf = exp(v / 30) kb = 0.7 SOLVE start o = o * 0.9 }
LINEAR start {
    ~ c + o + d = 1
    ~ kf * c - kb * o = 0
    ~ 0.2 * o = 0.4 * d
}
BREAKPOINT { SOLVE s METHOD derivimplicit ix = g * o * (v + 20) }
DERIVATIVE s {
    kf = exp(v / 30)
    c' = kb * o - kf * c
    o' = kf * c - kb * o - 0.2 * o + 0.4 * d
    d' = 0.2 * o - 0.4 * d
}
""",
    "pieces": """NEURON { SUFFIX pieces USEION k READ ek WRITE ik RANGE gbar, mode }
PARAMETER { gbar = 0.001 mode = 2 v0 = -45.3 (mV) }
ASSIGNED { v ek ik minf mtau }
STATE { m u w }
INITIAL { rates(v) m = minf u = 1 w = 0.5 }
BREAKPOINT {
    SOLVE states METHOD cnexp
    ik = gbar * m * (u + w) * (v - ek)
    if (mode == 1) { ik = 0 } else if (mode > 1 && ik > 0) { ik = ik * 0.9 }
}
DERIVATIVE states {
    rates(v)
    m' = (minf - m) / mtau
    if (v > -50) { u' = (0.2 - u) / 2 } else { u' = 0.1 * (1 - u) }
    if (v > -40 || !(v > -90)) { w' = -w / 8 }
}
PROCEDURE rates(v) {
    LOCAL x
    x = (v - v0) / 10
    if (x < -2) { minf = 0.01 mtau = 2 + x * x / 40 }
    else if (x < 1) { minf = 0.5 / (1 - x) mtau = 1 + sqrt(1 - x) }
    else { minf = 1 - 0.5 / (1 + log(x)) mtau = 1.5 - 0.2 * (x >= 3) }
}
""",
    "loops": """NEURON { SUFFIX loops NONSPECIFIC_CURRENT ix }
DEFINE N 4
PARAMETER { g = 1e-4 w[N] }
ASSIGNED { v ix c[N] n total }
STATE { p q r }
LOCAL grid[3]
INITIAL { LOCAL k
    setup()
    p = 0
    FROM i = 0 TO N - 1 { p = p + i / N * (0.3 + w[i]) }
    r = p / 2
}
BREAKPOINT { LOCAL sum
    SOLVE d METHOD cnexp
    sum = 0
    FROM i = 0 TO N - 1 { sum = sum + c[i] * p * (i + q) + r }
    ix = g * (sum + grid[2] + total) * (v + 20)
}
DERIVATIVE d {
    LOCAL tau[2], k
    FROM k = 0 TO 1 { tau[k] = 2 + k + c[k] }
    p' = (0.1 - p) / tau[0]
    q' = (0.2 - q) / (tau[1] + exp(v / 50))
    r' = -r * c[2]
}
PROCEDURE setup() { LOCAL k
    k = 0
    n = 0
    total = 0
    WHILE (k < N) { c[k] = k * 0.25 k = k + 1 n = n + 1 }
    FROM i = 0 TO 2 { grid[i] = i * i / 10 FROM j = i TO 2 { total = total + j * 0.01 } }
}
""",
    "sized": """NEURON { SUFFIX sized NONSPECIFIC_CURRENT ix }
PARAMETER { g = 1e-3 diam (um) }
ASSIGNED { v ix area (um2) f }
INITIAL { f = 1 / diam }
BREAKPOINT { ix = g * f * (v + 20) + area * 1e-9 }
""",
    "constants": """NEURON { SUFFIX constants NONSPECIFIC_CURRENT ix RANGE x0, x1, x2, x3, x4, x5, x6, x7, x8 }
UNITS {
    F = (faraday) (coulomb)
    FK = (faraday) (kilocoulombs)
    R = (k-mole) (joule/degC)
    RM = (k-mole) (millijoule/degC)
    KB = (k) (joule/degC)
    PI = (pi) (1)
    E = (e) (coulombs)
    (l) = (liter)
    VOL = (l) (micron3)
    T = 310.5 (degC)
}
CONSTANT { big = 12.5 }
ASSIGNED { v ix x0 x1 x2 x3 x4 x5 x6 x7 x8 }
INITIAL { x0 = F x1 = FK x2 = R x3 = RM x4 = KB x5 = PI x6 = E x7 = VOL x8 = T }
BREAKPOINT {
    ix = 1e-5 * (1e-5 * F + FK / 9 + R + RM * 1e-4 + KB * 1e23 + PI + E * 1e19 + VOL * 1e-15 + T / 300 + big)
    ix = ix * (v + 70)
}
""",
    "first": """NEURON { SUFFIX first NONSPECIFIC_CURRENT ix }
PARAMETER { g = 1e-4 }
ASSIGNED { v ix }
STATE { c o m }
INITIAL { c = 1 o = 0 m = 0 }
BREAKPOINT { SOLVE kin METHOD sparse SOLVE s METHOD cnexp ix = g * (o + m) * (v + 20) }
KINETIC kin { ~ c <-> o (exp(v / 30), 0.4) CONSERVE c + o = 1 }
DERIVATIVE s { m' = (o - m) / 2 }
""",
    "memory": """NEURON { SUFFIX memory NONSPECIFIC_CURRENT ix }
PARAMETER { g = 1e-4 }
ASSIGNED { v ix past y start celsius }
STATE { m p }
INITIAL { start = exp(v / 100) * celsius / 10 past = 0.3 m = 0.2 p = 0 }
BREAKPOINT {
    SOLVE s METHOD cnexp
    ix = g * (m + past * start + p) * (v + 20)
    y = 1 / (1 + exp(-(v + 30) / 10)) + m / 10
}
DERIVATIVE s {
    m' = (y - m) / 4
    past = 0.9 * past + 0.1 * m
    p = p + dt * (m - p)
}
""",
    "names": """NEURON { SUFFIX names USEION k READ ek WRITE ik RANGE lambda, current, is }
PARAMETER { lambda = 1e-4 (S/cm2) current = 2 is = -30 js = 0.5 self = 1.5 a_0 = 0.25 a[2] }
ASSIGNED { v ek ik in float jnp }
STATE { def del with }
INITIAL { del = 0.1 with = 1 def = 0 }
BREAKPOINT { SOLVE std METHOD cnexp ik = lambda * (del + with * def) * js * self * (v - ek) }
DERIVATIVE std {
    LOCAL lambda, pass
    lambda = 1 / (1 + exp(-(v - is) / 8))
    pass = lambda * current + a_0 + a[0] + a[1]
    in = pass * 2
    jnp = in + lambda
    float = jnp * in
    del' = (lambda - del) / (1 + pass + float)
    with' = (jnp - with) / 30
    def' = (1 - def) / current
}
""",
    "hinted": """NEURON { SUFFIX hinted USEION k READ ek WRITE ik }
PARAMETER { gbar = 1e-3 }
ASSIGNED { v ek ik g }
BREAKPOINT { CONDUCTANCE g USEION k g = gbar / (1 + exp(-(v + 30) / 9)) ik = g * (v - ek) }
""",
    "still": """NEURON { SUFFIX still NONSPECIFIC_CURRENT ix }
PARAMETER { g = 1e-4 s0 = 0.25 }
ASSIGNED { v ix free }
STATE { s r }
BREAKPOINT { SOLVE d METHOD cnexp ix = g * (s + r + free) * (v + 20) }
DERIVATIVE d { r' = 0.02 }
""",
    "functions": """NEURON { SUFFIX functions NONSPECIFIC_CURRENT ix }
PARAMETER { g = 1e-5 p = 2.5 big = 3 }
ASSIGNED { v ix }
FUNCTION f(x) { LOCAL y y = x * x f = outer(y, x) + y }
FUNCTION outer(a, x) { LOCAL y y = a / (2 + fabs(x)) outer = sin(y) + cos(x) * tanh(x) }
FUNCTION sign(x) { sign = 1 if (x < 0) { sign = -1 } }
FUNCTION clip(x) { if (x > 1) { clip = 1 } else { if (x < -1) { clip = -1 } else { clip = x } } }
BREAKPOINT { LOCAL w, y
    w = v / 40
    y = f(w) + sign(w) * sqrt(1 + w * w) + log(2 + w * w) + log10(3 + w * w) + floor(w) + ceil(w / 2)
    y = y + (2 + clip(w)) ^ p + big ^ clip(w) + 2 ^ 3 ^ 2 / 100 - 2 ^ 2 + -w ^ 2 + exp(-w * w) + fabs(w) + pow(2, w)
    y = y + atan(w) + atan2(w, 2) + sinh(w / 4) + cosh(w / 4) + 7 / 2 / 2 + w * 3 / 4 * 2 - (w > 0) * 2 + !(w > 1)
    ix = g * y * (v + 20)
}
""",
    "opaque": """NEURON { SUFFIX opaque NONSPECIFIC_CURRENT ix }
PARAMETER { g = 1e-4 }
ASSIGNED { v ix w }
STATE { a b c d e }
INITIAL { a = 0.1 b = 1 c = 0.5 d = 0.9 e = 0.7 }
BREAKPOINT { SOLVE s METHOD cnexp ix = g * (a + b + c + d + e + w) * (v + 20) }
DERIVATIVE s {
    LOCAL x
    x = 2 * a
    w = 0.3 - b
    a' = 1 / (1 + exp(-(v + 30) / 9)) - x
    b' = (w - 0.5 * b) / 2
    if (d > 0.4) { x = 3 * d } else { x = 1 }
    c' = x - 5 * c
    d' = -x * d + 0.1 * c
    x = e
    e' = 0.1 - x
}
""",
    "switched": """NEURON { SUFFIX switched NONSPECIFIC_CURRENT ix }
PARAMETER { g = 1e-4 on = 1 }
ASSIGNED { v ix }
STATE { c o z }
INITIAL { c = 1 o = 0 z = 0 }
BREAKPOINT { SOLVE kin METHOD sparse ix = g * (o + z) * (v + 20) }
KINETIC kin {
    ~ c <-> o (0.3, 0.4)
    ~ o <-> z (0.5 * (v > -50), 0.1)
    if (on == 1) { ~ c << (0.01) }
}
""",
    "kept": """NEURON { SUFFIX kept NONSPECIFIC_CURRENT ix RANGE level, once, gain }
PARAMETER { g = 1e-4 level = 0.3 once = 0 gain = 2 }
ASSIGNED { v ix }
STATE { m }
INITIAL {
    if (once == 0) { once = 1 gain = gain * 1.5 }
    m = 0.5 * gain
}
BREAKPOINT { SOLVE s METHOD cnexp ix = g * (m + level + gain) * (v + 20) }
DERIVATIVE s { level = level + 0.05 * (m - level) m' = (level - m) / 4 }
""",
    "direct": """NEURON { SUFFIX direct NONSPECIFIC_CURRENT ix }
PARAMETER { g = 1e-4 }
ASSIGNED { v ix }
STATE { m h }
INITIAL { m = 0.2 h = 1 - m }
BREAKPOINT {
    SOLVE s METHOD cnexp
    m = 1 / (1 + exp(-(v + 40) / 5))
    ix = g * m * h * (v + 20)
}
DERIVATIVE s { h' = (1 - m - h) / 3 }
""",
    "twice": """NEURON { SUFFIX twice USEION k READ ko, ik WRITE ko NONSPECIFIC_CURRENT ix }
PARAMETER { g = 1e-4 kinf = 2.5 }
ASSIGNED { v ix ik }
STATE { a b ko }
INITIAL { a = 0 b = 0 ko = kinf }
BREAKPOINT { SOLVE s METHOD cnexp ix = g * (a + b) * (v + 20) }
DERIVATIVE s { a' = (0.5 - a) / 2 b' = (a - b) / 2 ko' = 1e-3 * ik + (kinf - ko) / 30 }
""",
    "outer": """NEURON { SUFFIX outer USEION k READ ek, ki, ko WRITE ik RANGE p }
PARAMETER { p = 1e-4 }
ASSIGNED { v ek ki ko ik }
BREAKPOINT { ik = p * sqrt(ko / ki) * (v - ek) }
""",
    "divisor": """NEURON { SUFFIX divisor NONSPECIFIC_CURRENT ix }
PARAMETER { g = 1e-4 }
ASSIGNED { v ix c[6] n }
INITIAL { LOCAL k
    n = 0
    FROM i = 1 TO 3 { c[i] = i / 2 + 7 / i c[i + 2] = (i + 1) / (i * 2) n = n + 1 / i }
    c[0] = 5 / 2 c[7 / 7] = 1
}
BREAKPOINT { LOCAL sum
    sum = n
    FROM i = 0 TO 5 { sum = sum + c[i] * i }
    ix = g * sum * (v + 20)
}
""",
    "called": """NEURON { SUFFIX called NONSPECIFIC_CURRENT ix }
PARAMETER { g = 1e-4 }
ASSIGNED { v ix }
STATE { a b }
INITIAL { a = 0.5 b = 0.3 }
BREAKPOINT { SOLVE s METHOD cnexp ix = g * (a + b) * (v + 20) }
DERIVATIVE s { a' = 0.1 + v / 1000 - scaled(a) * 3 b' = (a - b) / 2 }
FUNCTION scaled(x) { scaled = 2 * x }
""",
    "algebraic": """NEURON { SUFFIX algebraic NONSPECIFIC_CURRENT ix }
PARAMETER { g = 1e-4 }
ASSIGNED { v ix k }
STATE { c o }
INITIAL { k = exp(v / 30) SOLVE lin }
BREAKPOINT { SOLVE lin ix = g * o * (v + 20) }
LINEAR lin { k = exp(v / 30) ~ c + o = 1 ~ k * c - 0.5 * o = 0 }
""",
    "unargued": """NEURON { SUFFIX unargued NONSPECIFIC_CURRENT ix }
PARAMETER { g = 1e-4 }
ASSIGNED { v ix minf tau }
STATE { m }
INITIAL { rates() m = minf }
BREAKPOINT { SOLVE s METHOD cnexp rates() ix = g * m * minf * (v + 20) }
DERIVATIVE s { rates() m' = (minf - m) / tau }
PROCEDURE rates() { minf = 1 / (1 + exp(-(v + 30) / 9)) tau = 2 + 3 * minf }
""",
    "copied": """NEURON { SUFFIX copied USEION ca READ ica WRITE cai }
PARAMETER { tau = 20 }
ASSIGNED { ica cai }
STATE { ca }
INITIAL { ca = 2e-4 cai = ca }
BREAKPOINT { SOLVE s METHOD cnexp }
DERIVATIVE s { ca' = -0.2 * ica + (1e-4 - ca) / tau cai = ca }
""",
    "opened": """NEURON { SUFFIX opened USEION ca READ cai WRITE ica RANGE gb }
PARAMETER { gb = 1e-4 q = 0.3 }
ASSIGNED { v cai ica q2 }
STATE { b cb d }
INITIAL { b = 1 cb = 0 d = 0.1 q2 = 2 }
BREAKPOINT { SOLVE k METHOD sparse ica = gb * cb * (v - 120) }
KINETIC k { q2 = q * 3 ~ cai + b <-> cb (1000 * exp(v / 50), 0.2) ~ 2 d <-> b (q2, 0.1) CONSERVE 2 b + 2 cb + d = 2.1 }
""",
    "folded": """NEURON { SUFFIX folded NONSPECIFIC_CURRENT ix }
PARAMETER { g = 1e-4 }
ASSIGNED { v ix w }
STATE { a }
INITIAL { a = 0.2 w = 1 }
BREAKPOINT { SOLVE s METHOD derivimplicit ix = g * a * w * (v + 20) }
DERIVATIVE s { LOCAL x if (v > -40.13) { x = (1 - a) * a } else { x = -a * a } a' = x w = fmod(v + 200, 50) / 50 }
""",
    "charge": """NEURON { SUFFIX charge USEION x READ xi, ex WRITE ix, xi VALENCE 2 NONSPECIFIC_CURRENT il }
PARAMETER { g = 1e-5 }
ASSIGNED { v ix ex il }
STATE { xi }
INITIAL { xi = 0.5 }
BREAKPOINT { SOLVE s METHOD cnexp ix = g * (v - ex) il = 1e-5 * (v + 60) }
DERIVATIVE s { xi' = -0.01 * ix + (0.5 - xi) / 30 }
""",
    "inner": """NEURON { SUFFIX inner NONSPECIFIC_CURRENT ix }
PARAMETER { g = 1e-4 }
ASSIGNED { v ix count last }
STATE { m }
INITIAL { m = 0.1 count = 3 last = 0.5 }
BREAKPOINT { SOLVE s METHOD cnexp ix = g * m * last * (v + 20) }
DERIVATIVE s { bump(m) m' = (sq(last) - m) / 3 }
PROCEDURE bump(x) { last = last * 0.9 + 0.1 * x + 0.01 * count }
FUNCTION sq(x) { count = count * 0.99 + 0.001 * v / 10 sq = x * x / (1 + x * x) }
""",
}
