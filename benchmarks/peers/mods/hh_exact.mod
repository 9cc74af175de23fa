TITLE Hodgkin and Huxley's squid axon without a table of rates

COMMENT
The equations of Hodgkin & Huxley 1952, J Physiol 117:500, sign turned and rest at -65 mV, at 6.3 degC. A mechanism of our
own, because NEURON's built-in one cannot be compiled with other flags.
ENDCOMMENT

NEURON {
    SUFFIX hh_exact
    USEION na READ ena WRITE ina
    USEION k READ ek WRITE ik
    NONSPECIFIC_CURRENT il
    RANGE gna, gk, gl, el
    THREADSAFE
}

UNITS {
    (mA) = (milliamp)
    (mV) = (millivolt)
    (S) = (siemens)
}

PARAMETER {
    gna = 0.12 (S/cm2)
    gk = 0.036 (S/cm2)
    gl = 0.0003 (S/cm2)
    el = -54.3 (mV)
}

ASSIGNED {
    v (mV)
    ena (mV)
    ek (mV)
    ina (mA/cm2)
    ik (mA/cm2)
    il (mA/cm2)
    am (/ms)
    bm (/ms)
    ah (/ms)
    bh (/ms)
    an (/ms)
    bn (/ms)
}

STATE { m h n }

INITIAL {
    rates(v)
    m = am / (am + bm)
    h = ah / (ah + bh)
    n = an / (an + bn)
}

BREAKPOINT {
    SOLVE gates METHOD cnexp
    ina = gna * m * m * m * h * (v - ena)
    ik = gk * n * n * n * n * (v - ek)
    il = gl * (v - el)
}

DERIVATIVE gates {
    rates(v)
    m' = am * (1 - m) - bm * m
    h' = ah * (1 - h) - bh * h
    n' = an * (1 - n) - bn * n
}

PROCEDURE rates(u (mV)) {
    am = ratio(-(u + 40) / 10)
    bm = 4 * exp(-(u + 65) / 18)
    ah = 0.07 * exp(-(u + 65) / 20)
    bh = 1 / (exp(-(u + 35) / 10) + 1)
    an = 0.1 * ratio(-(u + 55) / 10)
    bn = 0.125 * exp(-(u + 65) / 80)
}

FUNCTION ratio(x) {
    IF (fabs(x) < 1e-6) {
        ratio = 1 - x / 2
    } ELSE {
        ratio = x / (exp(x) - 1)
    }
}
