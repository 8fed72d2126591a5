"""A second implementation of kra's numbers, written from the design alone: simple, slow, exact.

Quotes are from sections 3, 5.2, 5.5, 6.0 and 6.0.1 of the design. READINGS are the places where the
design leaves a case open: QUESTIONS.md has a paragraph for each."""
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date
from fractions import Fraction
from functools import lru_cache

from model import DAY, GRAINS, NUMBERS, Target
from periods import Periods

EPSILON = Fraction(1, 10**12)
SUMS = ('sum', 'count')
STATUSES = ('no_target', 'no_data', 'off_track', 'at_risk', 'on_track', 'exceeded')

READINGS = {
    'unmeasured_members_in_running_total': True,    # Q1
    'min_coverage_of_lines': False,                 # C3
    'own_target_is_carried': True,                  # Q3
    'group_member': 'period',                       # Q5: 'period' or 'ever'
    'measured_group_speaks': True,                  # C4: for all below it
}


def at_most(a, b):
    """a <= b; 'every comparison of A, T, H, S and of attainment with a limit allows 1e-12 relative'."""
    return a <= b + EPSILON * max(abs(a), abs(b))


def at_least(a, b):
    return at_most(b, a)


# ---------------------------------------------------------------------------------------- 5.2: values

def distance(a, direction, lower, upper):
    """d, how far A is on the good side: A - T, T - A, -abs(A - T), or minus the distance to the nearer
    end outside of a range. `=` with bounds is a range here."""
    if direction == '>=':
        return a - lower
    if direction == '<=':
        return upper - a
    if at_least(a, lower) and at_most(a, upper):
        return Fraction(0)
    return a - lower if a < lower else upper - a


def is_met(a, direction, lower, upper):
    if direction == '>=':
        return at_least(a, lower)
    if direction == '<=':
        return at_most(a, upper)
    return at_least(a, lower) and at_most(a, upper)


def scale(t):
    """W, the first of these that is there and not 0: `within`; abs(T - B); abs(T). For ranges `within`;
    distance from B to the nearer end; (U - L) / 2."""
    if t.within:
        return t.within
    if t.baseline is not None:
        w = (min(abs(t.baseline - t.lower), abs(t.baseline - t.upper)) if t.direction == '[]'
             else abs(t.lower - t.baseline))
        if w:
            return w
    w = (t.upper - t.lower) / 2 if t.direction == '[]' else abs(t.lower)
    return w or None


def on_the_way(t, day):
    """'With as_of inside [since, by) and both dates given'."""
    return t.since is not None and t.due is not None and t.since <= day < t.due


def expected(t, day):
    """'E runs linearly from B (0 for `>= T` with T > 0 and no baseline) to T; where no pace makes sense
    (`<=` without baseline, `=`, `[L,U]`) E is the target itself.' Returns lower and upper."""
    if not on_the_way(t, day) or t.direction in ('=', '[]'):
        return t.lower, t.upper
    start = t.baseline
    if start is None:
        if t.direction == '<=' or t.lower <= 0:
            return t.lower, t.upper
        start = Fraction(0)
    e = start + (t.lower - start) * Fraction((day - t.since).days, (t.due - t.since).days)
    return e, e


def attainment(a, t, lower=None, upper=None):
    """1 + d(A, E) / W, W unchanged; None without a scale."""
    w = scale(t)
    if w is None:
        return None
    return 1 + distance(a, t.direction, t.lower if lower is None else lower,
                        t.upper if upper is None else upper) / w


def status_of(a, t, lower, upper, limit=Fraction(9, 10), moving=False, running=False):
    """The status of A against E (lower, upper); t is the full target. moving: on the way or running, so
    that the threshold is left out; running: a sum or count whose period runs."""
    if is_met(a, t.direction, lower, upper):
        # 'exceeded when S is given and reached'; 'Running "at most" sums are never `exceeded`'
        reached = t.stretch is not None and (at_least(a, t.stretch) if t.direction == '>='
                                             else at_most(a, t.stretch))
        if reached and not (running and t.direction == '<='):
            return 'exceeded'
        return 'on_track'
    above = t.direction == '<=' or (t.direction in ('=', '[]') and a > upper)
    if running and above and t.upper >= 0:
        # '"At most" sums: at risk at worst while A <= T, off track beyond. `=` and ranges that run: like
        # "at least" below and "at most" above'; 'with T < 0 their limits are those of "at least"'
        return 'at_risk' if at_most(a, t.upper) else 'off_track'
    if t.threshold is not None and not moving:
        good = at_least(a, t.threshold) if t.direction == '>=' else at_most(a, t.threshold)
        return 'at_risk' if good else 'off_track'
    x = attainment(a, t, lower, upper)
    return 'at_risk' if x is not None and at_least(x, limit) else 'off_track'


def capped(x):
    """'Scores use attainment capped to [0, 1.2]'."""
    return max(Fraction(0), min(Fraction(6, 5), x))


# ------------------------------------------------------------------------------- 6.0: parts and wholes

@dataclass
class Summary:
    """What was observed in a part."""
    n: int = 0
    total: Fraction = Fraction(0)
    weight: Fraction = Fraction(0)
    least: Fraction = None
    greatest: Fraction = None
    last: Fraction = None
    last_at: date = None

    @classmethod
    def of(cls, observations):
        rows = sorted(observations, key=lambda o: o.at)
        return cls(len(rows), sum(o.value for o in rows), sum(o.weight or 0 for o in rows),
                   min(o.value for o in rows), max(o.value for o in rows), rows[-1].value, rows[-1].at)

    def plus(self, other):
        last = other if self.last_at is None or (other.last_at or date.min) >= self.last_at else self
        pick = lambda f, a, b: a if b is None else b if a is None else f(a, b)
        return Summary(self.n + other.n, self.total + other.total, self.weight + other.weight,
                       pick(min, self.least, other.least), pick(max, self.greatest, other.greatest),
                       last.last, last.last_at)


@dataclass
class Pair:
    """A member of a line in a part of its period."""
    member: str
    part: tuple
    carried: bool = False
    target: Target = None         # the member's own or its role's, shared out to the part
    whole: Target = None          # the group's own or its role's: 'wins and is asked whole'
    data: Summary = None
    recorded: bool = False        # the data are a measurement, not an absence that counts 0
    unknown: bool = False         # a measurement that is not known yet

    @property
    def judged(self):
        return self.data is not None and (self.whole or self.target) is not None


@dataclass
class Item:
    """A part's target in the target of the whole."""
    member: str                   # None: the group is asked whole
    part: tuple
    weight: Fraction
    target: Target
    lower: Fraction = None        # what was expected of it
    upper: Fraction = None
    moving: bool = False
    last_at: date = None


def weight_of(kpi, data):
    """What a part weighs in means and ratios."""
    if data is None:
        return Fraction(1)
    return {'mean': Fraction(data.n), 'ratio': data.weight}.get(kpi.over_time, Fraction(1))


def weighted(values):
    total = sum(w for _, w in values)
    if not total:
        return sum(v for v, _ in values) / len(values)
    return sum(v * w for v, w in values) / total


def value_of(kpi, data):
    """The aggregation over time."""
    if data is None:
        return None
    return {'sum': lambda: data.total, 'count': lambda: Fraction(data.n),
            'mean': lambda: data.total / data.n, 'ratio': lambda: data.total / data.weight if data.weight else None,
            'last': lambda: data.last, 'min': lambda: data.least, 'max': lambda: data.greatest}[kpi.over_time]()


def merge(summaries):
    out = Summary()
    for s in summaries:
        out = out.plus(s)
    return out


def over_subjects(kpi, values):
    """values: (member, value, weight, last_at) of each. 'Over members, `mean` counts each member's value
    once, but with `mean` over time it is sum / n.' 'ties go to the key that sorts last'."""
    how = kpi.over_subjects
    if how in ('sum', 'count'):
        return sum(v for _, v, _, _ in values)
    if how == 'ratio' or (how == 'mean' and kpi.over_time == 'mean'):
        return weighted([(v, w) for _, v, w, _ in values])
    if how == 'mean':
        return sum(v for _, v, _, _ in values) / len(values)
    if how == 'last':
        return max(values, key=lambda x: (x[3] or date.min, x[0]))[1]
    return {'min': min, 'max': max}[how](v for _, v, _, _ in values)


def over_time(kpi, values):
    """values: (value, weight) in the order of the parts."""
    if kpi.over_time in SUMS:
        return sum(v for v, _ in values)
    if kpi.over_time in ('mean', 'ratio'):
        return weighted(values)
    if kpi.over_time == 'last':
        return values[-1][0]
    return {'min': min, 'max': max}[kpi.over_time](v for v, _ in values)


def actual_of(kpi, pairs):
    """'First over time for each member, then over members (so a group of one equals its member).'"""
    by = defaultdict(list)
    for p in sorted(pairs, key=lambda p: p.part):
        if p.data is not None:
            by[p.member].append(p.data)
    if not by:
        return None
    whole = {m: merge(s) for m, s in by.items()}
    if len(whole) == 1 or kpi.over_subjects == 'ratio' or (kpi.over_time == kpi.over_subjects == 'mean'):
        return value_of(kpi, merge(whole.values()))
    return over_subjects(kpi, [(m, value_of(kpi, s), weight_of(kpi, s), s.last_at)
                               for m, s in sorted(whole.items())])


def whole_number(kpi, items, get):
    """A number of the whole target out of those of its parts: over time for each member, then over
    members; where the group is asked whole, over time alone."""
    asked = sorted((i for i in items if i.member is None), key=lambda i: i.part)
    by = defaultdict(list)
    for i in sorted((i for i in items if i.member is not None), key=lambda i: i.part):
        by[i.member].append(i)
    out = []
    if by:
        values = []
        for m, seq in sorted(by.items()):
            values.append((m, over_time(kpi, [(get(i), i.weight) for i in seq]),
                           sum(i.weight for i in seq), seq[-1].last_at))
        last = max(i.part for seq in by.values() for i in seq)
        out.append((last, over_subjects(kpi, values) if len(values) > 1 else values[0][1],
                    sum(v[2] for v in values)))
    if asked:
        out.append((asked[-1].part, over_time(kpi, [(get(i), i.weight) for i in asked]),
                    sum(i.weight for i in asked)))
    out.sort(key=lambda x: x[0])
    return over_time(kpi, [(v, w) for _, v, w in out])


def whole_target(kpi, items):
    """(target, mixed). 'Judged targets of different directions make a whole without a target, reason
    `mixed_targets`. Threshold, stretch, baseline and `within` of a whole exist only if every judged part
    has them, and follow as targets do; `since` and `by` are shown only where all are the same.'"""
    if not items:
        return None, False
    if len({i.target.direction for i in items}) > 1:
        return None, True
    fields = {}
    for f in NUMBERS:
        if all(getattr(i.target, f) is not None for i in items):
            fields[f] = whole_number(kpi, items, lambda i, f=f: getattr(i.target, f))
    for f in ('since', 'due'):
        days = {getattr(i.target, f) for i in items}
        if len(days) == 1:
            fields[f] = days.pop()
    return Target(items[0].target.direction, **fields), False


# ------------------------------------------------------------------------------------- lines and cards

@dataclass
class Line:
    subject: str
    kpi: str
    grain: str
    start: date
    end: date
    running: bool
    on_card: bool = False
    weight: Fraction = None
    has_data: bool = False
    actual: Fraction = None
    judged: Fraction = None
    target: Target = None
    expected_lower: Fraction = None
    expected_upper: Fraction = None
    attainment: Fraction = None
    progress: Fraction = None
    status: str = None
    reason: str = None
    met: bool = None              # against what is expected by now
    is_on_target: bool = None
    coverage: Fraction = None
    observed: int = 0
    optional: bool = False        # off the card and without data

    @property
    def points(self):
        """What a score counts: 'When attainment is NULL for `no_scale`, a score counts it as 1 if met,
        else 0.' None without a verdict."""
        if self.met is None:
            return None
        return Fraction(int(self.met)) if self.attainment is None else capped(self.attainment)


@dataclass
class Card:
    subject: str
    grain: str
    start: date
    lines: list = field(default_factory=list)
    score: Fraction = None
    outcome_score: Fraction = None
    activity_score: Fraction = None
    coverage: Fraction = None
    status: str = None
    flag: str = None
    pairs: list = field(default_factory=list)      # of the flag, the widest first


class Oracle:
    def __init__(self, catalogue, as_of):
        self.c, self.as_of = catalogue, as_of
        self.periods = Periods(catalogue.settings)
        self.kpis = {k.key: k for k in catalogue.kpis}
        self.subjects = {s.key: s for s in catalogue.subjects}
        self.rows = defaultdict(list)
        for o in catalogue.observations:
            part = self.periods.of(self.kpis[o.kpi].cadence, o.at)
            self.rows[o.kpi, o.subject, part].append(o)
        for name in ('place', 'active', 'above', 'entry', 'aim', 'pair', 'below', 'pairs_of', 'line', 'parts',
                     'reached', 'is_group', 'last_active', 'measured_in', 'card_place'):
            setattr(self, name, lru_cache(None)(getattr(self, name)))

    # ---- what is in force on a day

    def place(self, subject, day):
        found = None
        for p in sorted(self.subjects[subject].places, key=lambda p: p.since):
            if p.since <= day:
                found = p
        return found

    def active(self, subject, day):
        p = self.place(subject, day)
        return p is not None and p.active

    def last_active(self, subject, first, last):
        """'Who leaves within a period counts in it as on the last active day.' None: not active in it."""
        day = last
        while day >= first:
            if self.active(subject, day):
                return day
            day -= DAY
        return None

    def above(self, subject, day):
        """The subjects above on a day."""
        out, p = [], self.place(subject, day)
        while p is not None and p.parent is not None and p.parent not in out:
            out.append(p.parent)
            p = self.place(p.parent, day)
        return out

    def entry(self, subject, kpi, day):
        """The KPI on the card of the subject's role on a day; None: not carried."""
        p = self.place(subject, day)
        if p is None or p.role is None:
            return None
        found = None
        for e in self.c.entries:
            if e.role == p.role and e.kpi == kpi and e.since <= day:
                if found is None or e.since >= found.since:
                    found = e
        return found if found is not None and found.active else None

    def aim(self, subject, kpi, day):
        """A target of one's own wins over that of the role; one of None ends it."""
        found = None
        for o in self.c.owns:
            if o.subject == subject and o.kpi == kpi and o.since <= day:
                if found is None or o.since >= found.since:
                    found = o
        if found is not None:
            return found.aim
        e = self.entry(subject, kpi, day)
        return e.aim if e else None

    def own_target(self, subject, kpi, day):
        return any(o.subject == subject and o.kpi == kpi and o.since <= day for o in self.c.owns) \
            and self.aim(subject, kpi, day).target is not None

    def target(self, subject, kpi, part, day):
        """'A shared-out target gives each part the share of the number in force on the part's last day;
        threshold, stretch, baseline and `within` are shared out with it. Every part by its `phasing`,
        else each the same.'"""
        aim = self.aim(subject, kpi, day)
        if aim is None or aim.target is None:
            return None
        k = self.kpis[kpi]
        if aim.grain in (None, k.cadence) or k.over_time not in SUMS:
            return aim.target
        parts = self.periods.parts(k.cadence, aim.grain,
                                   self.periods.holding(aim.grain, k.cadence, part)[0])
        if not aim.phasing:
            return aim.target.shared(Fraction(1, len(parts)))
        return aim.target.shared(Fraction(aim.phasing[parts.index(part)]) / sum(aim.phasing))

    # ---- parts

    def parts(self, cadence, grain, start):
        return self.periods.parts(cadence, grain, start)

    def day_of(self, subject, part):
        """'A part is judged by what is in force on its last day (`as_of`, while it runs)', or on the
        last active day of who leaves in it."""
        return self.last_active(subject, part[0], min(part[1], self.as_of))

    def known(self, kpi, subject, part):
        """(summary, not known yet): 'A summary with an observation after `as_of` is no data, reason
        `not_known_yet`.'"""
        rows = self.rows.get((kpi, subject, part))
        if not rows:
            return None, False
        s = Summary.of(rows)
        return (None, True) if s.last_at > self.as_of else (s, False)

    def reached(self, kpi):
        """The last observation at anybody that is known."""
        days = [self.known(*key)[0].last_at for key in self.rows
                if key[0] == kpi and self.known(*key)[0] is not None]
        return max(days, default=None)

    def carries(self, subject, kpi, day):
        return day is not None and (self.entry(subject, kpi, day) is not None or (
            READINGS['own_target_is_carried'] and self.own_target(subject, kpi, day)))

    def pair(self, member, kpi, part, zero):
        k, day = self.kpis[kpi], self.day_of(member, part)
        data, unknown = self.known(kpi, member, part)
        carried = self.carries(member, kpi, day)
        recorded = data is not None
        if data is None and not unknown and zero and carried and k.missing == 'zero' and k.over_time in SUMS:
            # '`missing: zero` reaches from the subject's first card on to the period of the source's last
            # observation at anybody; what is not known yet is no data, not zero.'
            reach = self.reached(kpi)
            if reach is not None and part[0] <= reach:
                data = Summary()
        return Pair(member, part, carried, None if day is None else self.target(member, kpi, part, day),
                    None, data, recorded, unknown)

    def below(self, subject, part):
        """The subjects below, at any depth, each where it was in the part."""
        out = []
        for m in sorted(self.subjects):
            day = self.day_of(m, part)
            if m != subject and day is not None and subject in self.above(m, day):
                out.append(m)
        return out

    def is_group(self, subject, part):
        return bool(self.below(subject, part))

    def measured_in(self, subject, kpi, parts):
        if READINGS['group_member'] == 'ever':
            parts = [key[2] for key in self.rows if key[0] == kpi and key[1] == subject]
        return any(self.known(kpi, subject, p)[0] is not None for p in parts)

    def pairs_in(self, subject, kpi, part, parts):
        """The pairs of a line in one part. A group with measurements of its own shows those; else its
        members: 'a subject below that carries the KPI or has measurements of it (a group only with
        measurements of its own)'; else it is its own member."""
        me = self.pair(subject, kpi, part, False)
        if me.recorded:
            return [me]
        out = []
        for m in self.below(subject, part):
            group = self.is_group(m, part)
            if READINGS['measured_group_speaks'] and self.spoken_for(m, subject, kpi, part):
                continue
            if group and not self.measured_in(m, kpi, parts):
                continue
            p = self.pair(m, kpi, part, not group)
            if group and not p.recorded:
                # its line is then its members', who are members here, too
                if any(x.member != m for x in self.pairs_in(m, kpi, part, parts)):
                    continue
                p = self.pair(m, kpi, part, True)
            if p.data is not None or p.carried or p.unknown:
                out.append(p)
        if out:
            day = self.day_of(subject, part)
            whole = None if day is None else self.target(subject, kpi, part, day)
            return [Pair(p.member, p.part, p.carried, p.target, whole, p.data, p.recorded, p.unknown)
                    for p in out]
        me = self.pair(subject, kpi, part, True)
        return [me] if me.data is not None or me.carried or me.unknown else []

    def spoken_for(self, m, subject, kpi, part):
        """Is there a group between the two that was measured itself in the part?"""
        return any(m in self.below(a, part) and self.pair(a, kpi, part, False).recorded
                   for a in self.below(subject, part) if a != m and self.is_group(a, part))

    def pairs_of(self, subject, kpi, grain, start):
        k = self.kpis[kpi]
        parts = tuple(self.parts(k.cadence, grain, start))
        begun = [p for p in parts if p[0] <= self.as_of]
        if k.over_time == 'last':
            return self.last_pairs(subject, kpi, parts, begun)
        return [x for p in begun for x in self.pairs_in(subject, kpi, p, parts)]

    def last_pairs(self, subject, kpi, parts, begun):
        """'`last` over members: each member in the group where it was last in the period, and only if it
        carries the KPI at the period's end'; 'the member's own last in the period, wherever it was
        measured; who has left by the end does not count'."""
        mine = [self.pair(subject, kpi, p, False) for p in begun]
        if any(p.recorded for p in mine):
            return [p for p in mine if p.data is not None or p.carried or p.unknown]
        end, out = min(parts[-1][1], self.as_of), []
        for m in sorted(self.subjects):
            if m == subject or not self.active(m, end) or subject not in self.above(m, end):
                continue
            if not self.carries(m, kpi, end):
                continue
            if self.is_group(m, begun[-1]) and not self.measured_in(m, kpi, parts):
                continue
            if any(a != subject and subject in self.above(a, end) and self.active(a, end)
                   and self.carries(a, kpi, end) and self.measured_in(a, kpi, parts)
                   for a in self.above(m, end)):
                continue    # it speaks for all below it
            for p in begun:
                x, day = self.pair(m, kpi, p, False), self.day_of(subject, p)
                if x.data is not None or x.carried or x.unknown:
                    whole = None if day is None else self.target(subject, kpi, p, day)
                    out.append(Pair(m, p, x.carried, x.target, whole, x.data, x.recorded, x.unknown))
        return out or [p for p in mine if p.carried or p.unknown]

    def items(self, k, subject, pairs, due=False):
        """The targets of the pairs; a group's own target once a part, and only of parts in which somebody
        has data ('Parts in which nobody has data are asked of nobody, in a group's own target, too')."""
        out, parts = [], sorted({p.part for p in pairs})
        for part in parts:
            here = [p for p in pairs if p.part == part]
            whole = next((p.whole for p in here if p.whole is not None), None)
            if whole is not None:
                weight = sum(weight_of(k, p.data) for p in here)
                out.append(self.item(k, None, part, weight, whole))
                continue
            for p in here:
                if p.target is not None:
                    member = None if p.member == subject else p.member
                    out.append(self.item(k, member, part, weight_of(k, p.data), p.target,
                                         p.data.last_at if p.data else None))
        return out

    def item(self, k, member, part, weight, t, last_at=None):
        day = min(part[1], self.as_of)
        lower, upper = expected(t, day)
        moving = on_the_way(t, day)
        if k.over_time in SUMS and part[1] > self.as_of:
            # 'E of a running sum: target times (as_of - start + 1) / days; of a dated one: the expected
            # value by its dates, times that share if it also runs'
            share = Fraction((self.as_of - part[0]).days + 1, (part[1] - part[0]).days + 1)
            lower, upper, moving = lower * share, upper * share, True
        return Item(member, part, weight, t, lower, upper, moving, last_at)

    def to_come(self, k, subject, pairs, parts):
        """'Full target of a running longer sum or count: judged parts and all that are not over', 'as in
        force on `as_of`'."""
        if k.over_time not in SUMS:
            return []
        out = []
        for part in parts:
            if part[1] <= self.as_of:
                continue
            if part[0] <= self.as_of:
                here = [p for p in pairs if p.part == part]
                if any(p.whole is not None and p.judged for p in here):
                    continue
                if READINGS['unmeasured_members_in_running_total'] or not any(p.judged for p in here):
                    out += self.items(k, subject, [p for p in here if not p.judged])
                continue
            if not self.active(subject, self.as_of):
                continue
            t = self.target(subject, k.key, part, self.as_of)
            if t is not None:
                out.append(self.item(k, None, part, Fraction(1), t))
                continue
            for m in sorted(self.subjects):
                if m == subject or not self.active(m, self.as_of) or subject not in self.above(m, self.as_of):
                    continue
                group = any(self.active(x, self.as_of) and m in self.above(x, self.as_of) for x in self.subjects)
                t = self.target(m, k.key, part, self.as_of)
                if t is not None and not (group and not self.measured_in(m, k.key, tuple(parts))):
                    out.append(self.item(k, m, part, Fraction(1), t))
        return out

    # ---- a line

    def line(self, subject, kpi, grain, start):
        """The line of a subject's KPI in a period, or None."""
        k = self.kpis[kpi]
        parts = self.parts(k.cadence, grain, start)
        if parts[0][0] > self.as_of:      # 'A longer period begins with its first part'
            return None
        pairs = self.pairs_of(subject, kpi, grain, start)
        on_card, weight = self.card_place(subject, kpi, grain, start)
        if not pairs and not on_card:
            return None
        first, last = self.periods.of(grain, start)
        line = Line(subject, kpi, grain, first, last, parts[-1][1] > self.as_of, on_card, weight)
        with_data = [p for p in pairs if p.data is not None]
        line.has_data = bool(with_data)
        line.optional = not on_card and not with_data
        line.observed = len({p.member for p in with_data})
        line.coverage = self.coverage(k, subject, pairs)
        # '`actual_value` is of all parts that have data'
        line.actual = actual_of(k, with_data)
        # 'What is judged are the parts that have data and a target'
        judged = [p for p in with_data if p.judged]
        if k.over_time == 'last':
            judged = self.judged_last(with_data, judged)
        line.judged = actual_of(k, judged)
        summed = k.over_time in SUMS
        coming = self.to_come(k, subject, pairs, parts)
        if judged:
            items = self.items(k, subject, judged)
            line.target, mixed = whole_target(k, items + coming)
        elif with_data:
            # 'Data without a judged part is `no_target`'
            items, line.target, mixed = [], None, False
        else:
            # 'Without data the target shown is that of the parts that were due; it counts nowhere.'
            due = self.items(k, subject, pairs)
            seen = {(i.member, i.part) for i in due}
            items = []
            line.target, mixed = whole_target(k, due + [i for i in coming if (i.member, i.part) not in seen])
            if not due:
                line.target, mixed = None, False
        if line.target is None:
            # 'No target is `no_target`, data or not'
            line.status, line.reason = 'no_target', 'mixed_targets' if mixed else 'no_target'
            return line
        if line.judged is None:
            line.status = 'no_data'
            line.reason = ('not_known_yet' if not with_data and any(p.unknown for p in pairs) else 'no_data')
            return line
        a, t = line.judged, line.target
        # 'E of a longer period: the sum (mean) of its parts' E.'
        line.expected_lower = whole_number(k, items, lambda i: i.lower)
        line.expected_upper = whole_number(k, items, lambda i: i.upper)
        running = summed and line.running
        moving = running or any(i.moving for i in items)
        line.met = is_met(a, t.direction, line.expected_lower, line.expected_upper)
        line.attainment = attainment(a, t, line.expected_lower, line.expected_upper)
        line.progress = attainment(a, t)
        line.reason = 'no_scale' if line.attainment is None else None
        line.status = status_of(a, t, line.expected_lower, line.expected_upper, k.at_risk_from, moving, running)
        line.is_on_target = self.on_target(k, line)
        if READINGS['min_coverage_of_lines'] and self.too_little(line.coverage):
            line.status, line.attainment, line.met, line.is_on_target = 'no_data', None, None, None
        return line

    def judged_last(self, with_data, judged):
        """Where the last part with data has a target of the group's own, it is asked of all; else of each
        member its last judged part."""
        if not with_data:
            return []
        last = max(p.part for p in with_data)
        if any(p.part == last and p.whole is not None for p in with_data):
            judged = with_data
            keep = last
            return [Pair(p.member, keep, p.carried, p.target, next(x.whole for x in with_data if x.part == last
                         and x.whole is not None), p.data, p.recorded, p.unknown) for p in self.last_each(judged)]
        return self.last_each([p for p in judged if p.whole is None])

    def last_each(self, pairs):
        """'the judged value is that of the last judged part, against that part's target'"""
        last = {}
        for p in sorted(pairs, key=lambda p: p.part):
            last[p.member] = p
        return list(last.values())

    def on_target(self, k, line):
        """'`is_on_target` speaks of T: while a period runs it is NULL unless decided'; 'Decided while it
        runs: what no further part can change, taking values as >= 0 (at least, at most, `=` and ranges
        above, `min`, `max`)'."""
        a, t = line.judged, line.target
        met = is_met(a, t.direction, t.lower, t.upper)
        if not line.running:
            return met
        pair = (k.over_time, k.over_subjects)
        if pair in (('sum', 'sum'), ('sum', 'max'), ('count', 'sum'), ('count', 'count'), ('count', 'max'),
                    ('max', 'max'), ('max', 'sum')):
            if t.direction == '>=':
                return True if met else None
            return None if at_most(a, t.upper) else False
        if pair == ('min', 'min'):
            if t.direction == '<=':
                return True if met else None
            return None if at_least(a, t.lower) else False
        return None

    def coverage(self, k, subject, pairs):
        """'of the (member, part) pairs in which the KPI was carried and that have begun by `as_of`, the
        share with data and a target, by the weights that the whole is made with (each once for sums)';
        'a pair without data weighs the mean of the line's pairs that have data; without any, each counts
        once'."""
        found = []
        for part in sorted({p.part for p in pairs}):
            here = [p for p in pairs if p.part == part]
            carried = [p for p in here if p.carried]
            for p in carried:
                found.append((weight_of(k, p.data) if p.data else None, p.judged))
            if not carried and self.carries(subject, k.key, self.day_of(subject, part)):
                data = [p for p in here if p.data is not None]      # the group itself carries it
                found.append((sum(weight_of(k, p.data) for p in data) if data else None,
                              any(p.judged for p in here)))
        if not found:
            return None
        weights = [w for w, _ in found if w is not None]
        mean = sum(weights) / len(weights) if weights else Fraction(1)
        total = sum(mean if w is None else w for w, _ in found)
        if not total:
            return Fraction(sum(j for _, j in found), len(found))
        return Fraction(sum(w for w, j in found if j)) / total

    def too_little(self, coverage):
        return coverage is None or not at_least(coverage, self.c.settings.min_coverage)

    # ---- a card

    def card_place(self, subject, kpi, grain, start):
        """(on the card, weight). 'A card holds the KPIs carried on its last day whose cadence is its grain
        or shorter'; 'A line of a group weighs the sum of its members' weights, with data or not', of
        'those who carry it on the card's last day, leavers as on their last active day'."""
        first, last = self.periods.of(grain, start)
        first, last = min(first, self.as_of), min(last, self.as_of)
        day = self.last_active(subject, first, last)
        if day is None:
            return False, None
        if self.place(subject, day).role is not None:
            e = self.entry(subject, kpi, day)
            return (True, e.weight) if e else (False, None)
        weights, group = [], self.subjects[subject].kind != 'person'
        parts = tuple(self.parts(self.kpis[kpi].cadence, grain, start))
        for m in sorted(self.subjects):
            d = self.last_active(m, first, last)
            if m == subject or d is None or subject not in self.above(m, d):
                continue
            group = True
            e = self.entry(m, kpi, d)
            if e is None:
                continue
            has_below = any(self.last_active(x, first, last) and m in self.above(x, self.last_active(x, first, last))
                            for x in self.subjects)
            if has_below and not self.measured_in(m, kpi, parts):
                continue
            weights.append(e.weight)
        if weights:
            return True, sum(weights)
        # 'in a group without a role it [a target of one's own] puts the KPI on the card'
        if group and self.own_target(subject, kpi, day):
            return True, Fraction(1)
        return False, None

    def card(self, subject, grain, start):
        card = Card(subject, grain, self.periods.of(grain, start)[0])
        for k in self.kpis.values():
            if GRAINS.index(k.cadence) <= GRAINS.index(grain):
                line = self.line(subject, k.key, grain, start)
                if line is not None and line.on_card:
                    card.lines.append(line)
        if not card.lines:
            return None
        total = sum(x.weight for x in card.lines)
        if total:
            # 'A card's coverage counts a line's weight times its coverage.'
            card.coverage = covered(card.lines)   # Q33: of lines that have a verdict
        kind = lambda word: [x for x in card.lines if self.kpis[x.kpi].kind == word]
        card.score = score(card.lines)
        # Q34: a side below min_coverage has no score of its own
        side = lambda lines: None if self.too_little(covered(lines)) else score(lines)
        card.outcome_score, card.activity_score = side(kind('outcome')), side(kind('activity'))
        if GRAINS.index(grain) >= GRAINS.index(self.c.settings.review_cadence):
            # 'Flags are given for the review cadence and longer grains; below they are NULL.'
            card.flag, card.pairs = imbalance(self.kpis, card.lines)
        if card.score is not None and self.too_little(card.coverage):
            card.score = None         # 'Below `min_coverage` cards and areas have no verdict.'
        if card.score is None:
            verdicts = {x.status for x in card.lines}
            card.status = 'no_target' if verdicts == {'no_target'} else 'no_data'
            return card
        card.status = ('on_track' if at_least(card.score, Fraction(1))
                       else 'at_risk' if at_least(card.score, Fraction(9, 10)) else 'off_track')
        # 'its status is at best `at_risk` while it has no outcome KPI, while an outcome KPI on it is
        # `off_track`, and while its flag is `busy_not_moving`'
        limited = (not kind('outcome') or any(x.status == 'off_track' for x in kind('outcome'))
                   or card.flag == 'busy_not_moving')
        if limited and card.status == 'on_track':
            card.status = 'at_risk'
        return card

    def periods_of(self, cadence, grain):
        """First days of the periods of the grain from the first known observation to `as_of`."""
        known = [o.at for key, rows in self.rows.items() if self.known(*key)[0] is not None for o in rows]
        if not known:
            return []
        day = self.periods.holding(grain, cadence, self.periods.of(cadence, min(known)))[0]
        out = []
        while self.parts(cadence, grain, day)[0][0] <= self.as_of:
            out.append(day)
            day = self.periods.of(grain, day)[1] + DAY
        return out

    def lines(self):
        out = []
        for k in self.c.kpis:
            for grain in GRAINS[GRAINS.index(k.cadence):]:
                for start in self.periods_of(k.cadence, grain):
                    for s in sorted(self.subjects):
                        line = self.line(s, k.key, grain, start)
                        if line is not None:
                            out.append(line)
        return out

    def cards(self):
        seen = sorted({(x.subject, x.grain, x.start) for x in self.lines() if x.on_card})
        return [self.card(*key) for key in seen]

    def latest(self, kpi, grain):
        """'`is_latest` is per KPI: the latest period of the grain in which it has data.'"""
        k = self.kpis[kpi]
        return max((self.periods.holding(grain, k.cadence, key[2])[0] for key in self.rows
                    if key[0] == kpi and self.known(*key)[0] is not None), default=None)

    def explain(self, subject, kpi, grain, start):
        """All that a line is made of, as text."""
        k, out = self.kpis[kpi], []
        parts = self.parts(k.cadence, grain, start)
        pairs = self.pairs_of(subject, kpi, grain, start)
        out += [str(k), f'{len(parts)} parts, {parts[0][0]} to {parts[-1][1]}, as of {self.as_of}']
        out += [f'  pair {p.member} {p.part[0]}: carried={p.carried}, own or role {p.target and p.target.text()}, '
                f'group {p.whole and p.whole.text()}, value {shown(value_of(k, p.data))}'
                f'{" (absent)" if p.data and not p.recorded else ""}'
                f'{" (not known yet)" if p.unknown else ""}{", judged" if p.judged else ""}' for p in pairs]
        for name, items in (('judged or due', self.items(k, subject, [p for p in pairs if p.judged] or pairs)),
                            ('to come', self.to_come(k, subject, pairs, parts))):
            out += [f'  {name} {i.member or "whole"} {i.part[0]}: {i.target.text()}, weight {shown(i.weight)}, '
                    f'expected {shown(i.lower)}..{shown(i.upper)}' for i in items]
        line = self.line(subject, kpi, grain, start)
        out += [f'  {f}: {shown(v)}' for f, v in vars(line).items()] if line else ['  no line']
        return '\n'.join(out)

    def misses(self, line):
        """Finished periods in a row that missed what was expected, up to and with this one; 'skips periods
        without a verdict; a running line shows that of the finished ones'."""
        count, seen, start = 0, False, line.start
        for _ in range(self.c.settings.history_periods):
            x = self.line(line.subject, line.kpi, line.grain, start)
            if x is not None and not x.running and x.met is not None:
                seen = True
                if x.met:
                    break
                count += 1
            start = self.periods.of(line.grain, start - DAY)[0]
        return count if seen else None


def shown(x):
    return str(float(x)) if isinstance(x, Fraction) else x.text() if isinstance(x, Target) else str(x)


# ------------------------------------------------------------------------------------- 5.5: imbalance

def score(lines):
    """Weighted attainment of the lines that have a verdict."""
    seen = [x for x in lines if x.points is not None]
    total = sum(x.weight for x in seen)
    return sum(x.points * x.weight for x in seen) / total if total else None


def covered(lines):
    """The share of the weight that is covered; None without weight."""
    total = sum(x.weight for x in lines)
    return sum(x.weight * x.coverage for x in lines if x.points is not None) / total if total else None


def imbalance(kpis, lines, busy=Fraction(9, 10), moving=Fraction(9, 10), gap=Fraction(1, 10)):
    """(flag, pairs that hold, the widest first)."""
    on_card = {x.kpi: x for x in lines}
    outcomes = [x for x in lines if kpis[x.kpi].kind == 'outcome']
    activities = [x for x in lines if kpis[x.kpi].kind == 'activity']
    o, a = score(outcomes), score(activities)
    if (outcomes and o is None) or (activities and a is None):
        return 'insufficient_data', []
    if not outcomes:
        return 'no_outcome', []
    ahead = lambda x, y: (x is not None and y is not None and at_least(x, busy) and not at_least(y, moving)
                          and at_least(x - y, gap))
    pairs, alike = [], []
    for x in activities:
        ends = [e for e in ends_of(kpis, on_card, x.kpi) if on_card[e].points is not None]
        if not ends:
            # 'one without a link, or whose outcome is not on the card or has no data, is judged with its
            # likes: their score against the outcome score'
            alike.append(x)
            continue
        for e in ends:
            if ahead(x.points, on_card[e].points):
                pairs.append((x.points - on_card[e].points, x.kpi, e))
    if pairs:
        return 'busy_not_moving', sorted(pairs, key=lambda p: (-p[0], p[1], p[2]))
    if ahead(score(alike), o):
        return 'busy_not_moving', []
    if a is not None and not at_least(o, moving) and not at_least(a, moving):
        return 'both_behind', []
    total = sum(x.weight for x in lines)
    heavy = sum(x.weight for x in activities)
    if total and not at_most(heavy / total, Fraction(1, 2)):
        return 'activity_heavy', []
    if not activities and not any(kpis[x.kpi].timing == 'leading' for x in outcomes):
        return 'no_leading', []
    if a is not None and at_least(o, moving) and not at_least(a, busy) and at_least(o - a, gap):
        return 'result_without_effort', []
    if not at_least(o, moving):
        return 'outcome_behind', []
    return 'balanced', []


def ends_of(kpis, on_card, kpi):
    """'an activity that drives an activity is followed to the outcome at the end'"""
    out, seen, todo = set(), {kpi}, list(kpis[kpi].drives)
    while todo:
        k = todo.pop()
        if k in seen or k not in on_card:
            continue
        seen.add(k)
        if kpis[k].kind == 'outcome':
            out.add(k)
        else:
            todo += kpis[k].drives
    return sorted(out)


if __name__ == '__main__':
    # oracle.py SEED N LEVEL AS_OF SUBJECT KPI GRAIN START: why a line of a random catalogue is as it is
    import sys
    import catalogues
    seed, n, level, as_of, *key, start = sys.argv[1:]
    print(Oracle(catalogues.catalogue(seed, int(n), int(level)), date.fromisoformat(as_of)).explain(
        *key, date.fromisoformat(start)))
