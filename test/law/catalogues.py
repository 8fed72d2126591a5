"""Random small catalogues: catalogue(seed, n) is the same every time."""
import random
from datetime import date, timedelta
from fractions import Fraction

from model import (DAY, GRAINS, Aim, Catalogue, Entry, Kpi, Observation, Own, Place, Settings, Subject,
                   Target, number)
from periods import Periods

OVER_TIME = ('sum', 'sum', 'sum', 'count', 'mean', 'mean', 'ratio', 'ratio', 'last', 'last', 'min', 'max')
DIRECTIONS = ('>=', '>=', '>=', '<=', '<=', '=', '[]')

# what a catalogue of a level may have; a level has all of the levels below it
LEVELS = (
    'persons, months, plain targets',
    'groups, movers, other cadences, dated targets, shared-out targets, missing zero',
    'roles of groups, groups measured themselves, own targets of groups, retail calendars',
    'what the design leaves open: see QUESTIONS.md',
)


class Maker:
    def __init__(self, seed, n, level):
        self.r = random.Random(f'{seed}/{n}/{level}')
        self.level = level
        self.c = Catalogue(name=f'{seed}/{n}/{level}')

    def chance(self, p, level=0):
        return self.level >= level and self.r.random() < p

    def make(self):
        c, r = self.c, self.r
        c.settings = Settings(
            fiscal_year_start_month=r.choice((1, 1, 1, 4, 7, 10)), week_start=r.choice((1, 1, 7, 6)),
            min_coverage=r.choice([number(x) for x in (0, 0, '0.5', '0.5', '0.25', '0.9')]),
            review_cadence=r.choice(('month', 'month', 'quarter', 'week')),
            calendar=r.choice(('4-4-5', '4-5-4', '5-4-4')) if self.chance(.25, 2) else 'months')
        self.periods = Periods(c.settings)
        cadences = ['month'] if self.level == 0 else r.sample(
            ['month', 'month', 'week', 'quarter', 'day', 'year'], r.choice((1, 2, 2, 3)))
        if 'day' in cadences or 'week' in cadences:
            length = r.choice((25, 50, 75) if 'day' in cadences else (60, 110, 200))
        else:
            length = r.choice((100, 200, 400))
        self.start = r.choice((date(2025, 1, 1), date(2024, 12, 9), date(2025, 6, 1), date(2025, 9, 15), date(2024, 2, 1)))
        self.end = self.start + length * DAY
        self.kpis(cadences)
        self.roles()
        self.subjects()
        self.own_targets()
        self.observations()
        self.as_of()
        return c

    def day(self):
        """A day of the catalogue's time, often the first or last of a month or week."""
        d = self.start + self.r.randrange((self.end - self.start).days) * DAY
        if self.r.random() < .5:
            first, last = self.periods.of(self.r.choice(('week', 'month')), d)
            d = self.r.choice((first, last, last + DAY))
        return min(max(d, self.start), self.end)

    # ---- definitions

    def kpis(self, cadences):
        r, c = self.r, self.c
        for i in range(r.choice((3, 5, 6, 8))):
            over_time = r.choice(OVER_TIME)
            over = ('sum' if over_time in ('sum', 'count', 'last') else over_time)
            if over_time != 'ratio' and self.chance(.4, 1):
                over = r.choice((over_time, 'sum', 'mean', 'min', 'max'))
            c.kpis.append(Kpi(
                f'k{i}', r.choice(('outcome', 'outcome', 'activity')), r.choice(('leading', 'lagging')), over_time,
                over, r.choice(cadences), 'zero' if over_time in ('sum', 'count') and self.chance(.3, 1) else 'unknown',
                r.choice([number(x) for x in ('0.9', '0.9', '0.9', '0.8', '0.99')])))
        for k in c.kpis:
            others = [x.key for x in c.kpis if x is not k]
            if (k.kind == 'activity' and r.random() < .7) or r.random() < .1:
                k.drives = tuple(sorted(r.sample(others, min(len(others), r.choice((1, 1, 2))))))
        self.size = {k.key: r.choice((10, 100, 40, 7)) if k.over_time != 'count' else 2 for k in c.kpis}
        self.direction = {k.key: r.choice(DIRECTIONS) for k in c.kpis}

    def goal(self, k, dated=.25):
        """A random target of a KPI for one period of its cadence."""
        r, size = self.r, self.size[k.key]
        direction = self.direction[k.key] if r.random() < .95 else r.choice(DIRECTIONS)
        v = number(r.choice((size, size, size * 2, round(size * .7, 1), size + 1)))
        if r.random() < .04:
            v = number(r.choice((0, -size)))
        some = lambda p: r.random() < p
        step = number(r.choice((round(size * .1, 1), round(size * .3, 1), size)))
        more = {}
        if direction == '[]':
            lower, upper = v, v + number(r.choice((0, step, size)))
            if some(.3):
                more['baseline'] = lower - step
        else:
            lower = upper = v
            sign = {'>=': 1, '<=': -1, '=': 1}[direction]
            if some(.35):
                more['baseline'] = v - sign * step * r.choice((1, 1, 2, 0))
            if direction != '=':
                if some(.3):
                    more['threshold'] = v - sign * step * r.choice((0, 1, Fraction(1, 2)))
                if some(.3):
                    more['stretch'] = v + sign * step
        if some(.2):
            more['within'] = step
        if dated and some(dated):
            since = self.start + r.randrange(-40, 60) * DAY
            more['since'], more['due'] = since, since + r.choice((0, 30, 90, 364)) * DAY
            if r.random() < .1:
                del more['since']
        return Target(direction, lower, upper, **more)

    def aim(self, k):
        t = self.goal(k, .25 if self.level >= 1 else 0)
        if k.over_time not in ('sum', 'count') or not self.chance(.3, 1):
            return Aim(t)
        longer = GRAINS[GRAINS.index(k.cadence) + 1:]
        if k.cadence == 'day':
            longer = longer[:2]
        if not longer:
            return Aim(t)
        grain = self.r.choice(longer)
        parts = self.periods.parts(k.cadence, grain, self.periods.of(grain, self.start)[0])
        t = t.shared(len(parts))
        phasing = None
        if k.cadence in ('month', 'quarter') and self.r.random() < .5:
            phasing = tuple(Fraction(self.r.choice((1, 2, 3, 5, 0))) for _ in parts)
            if not sum(phasing):
                phasing = None
        return Aim(t, grain, phasing)

    def weight(self):
        return number(self.r.choice((1, 1, 2, 3, '0.5', 0)))

    def card(self, role, kpis):
        r, c = self.r, self.c
        c.roles.append(role)
        areas = r.choice((['A'], ['A', 'B']))
        for k in kpis:
            area = r.choice(areas)
            aim = self.aim(k) if r.random() < .92 else Aim()
            e = Entry(role, area, k.key, self.start, self.weight(), aim)
            if r.random() < .1:
                e.since = self.day()
            c.entries.append(e)
            for _ in range(r.choice((0, 0, 1, 2))):
                d = self.day()
                if any(x.role == role and x.kpi == k.key and x.since >= d for x in c.entries):
                    continue
                last = [x for x in c.entries if x.role == role and x.kpi == k.key][-1]
                what = r.random()
                if what < .5:
                    c.entries.append(Entry(role, area, k.key, d, last.weight, self.aim(k)))
                elif what < .7:
                    c.entries.append(Entry(role, area, k.key, d, self.weight(), last.aim))
                else:
                    c.entries.append(Entry(role, area, k.key, d, last.weight, last.aim, not last.active))

    def roles(self):
        r, kpis = self.r, self.c.kpis
        self.own_measured = set()
        for role in ('r1', 'r2')[:r.choice((1, 2, 2))]:
            self.card(role, [k for k in kpis if r.random() < .7] or kpis[:1])
        if self.chance(.5, 2):
            some = [k for k in kpis if r.random() < .5] or kpis[-1:]
            self.card('tr', some)
            self.own_measured = {k.key for k in some if r.random() < .4}

    def subjects(self):
        r, c = self.r, self.c
        person_roles = [x for x in c.roles if x != 'tr']
        groups = []
        if self.level >= 1:
            groups = ['co', 't1', 't2', 't3'][:r.choice((1, 2, 3, 4))]
        for g in groups:
            parent = {'co': None, 't1': 'co', 't2': 'co', 't3': 't1'}[g]
            role = 'tr' if 'tr' in c.roles and r.random() < .5 else None
            s = Subject(g, 'company' if g == 'co' else 'team', [Place(self.start, parent, role)])
            if g == 't3' and r.random() < .4:
                s.places.append(Place(max(self.day(), self.start + DAY), r.choice(('t2', 'co')), role))
            c.subjects.append(s)
        for i in range(r.choice((1, 2, 4, 6))):
            first = self.start if r.random() < .75 else self.day()
            places = [Place(first, r.choice(groups) if groups else None,
                            r.choice(person_roles) if r.random() < .92 else None)]
            for _ in range(r.choice((0, 0, 1, 2, 3))):
                d, last, what = self.day(), places[-1], r.random()
                if d <= last.since:
                    continue
                if what < .35 and groups:
                    places.append(Place(d, r.choice(groups), last.role, last.active))
                elif what < .65:
                    places.append(Place(d, last.parent, r.choice(person_roles + [None]), last.active))
                else:
                    places.append(Place(d, last.parent, last.role, not last.active))
            c.subjects.append(Subject(f'p{i}', 'person', places))

    def own_targets(self):
        r, c = self.r, self.c
        for s in c.subjects:
            if s.kind != 'person' and self.level < 2:
                continue
            for k in c.kpis:
                if r.random() > (.12 if s.kind == 'person' else .15):
                    continue
                days = sorted({self.start if r.random() < .6 else self.day() for _ in range(r.choice((1, 1, 2)))})
                for d in days:
                    none = r.random() < .25 and (s.kind == 'person' or self.level >= 3)
                    c.owns.append(Own(k.key, s.key, max(d, s.places[0].since), Aim() if none else self.aim(k)))
        seen, out = set(), []
        for o in c.owns:
            if (o.kpi, o.subject, o.since) not in seen:
                seen.add((o.kpi, o.subject, o.since))
                out.append(o)
        c.owns = out

    # ---- what was observed

    def place(self, s, day):
        return max((p for p in s.places if p.since <= day), key=lambda p: p.since, default=None)

    def observations(self):
        r, c = self.r, self.c
        for k in c.kpis:
            stop = self.end - r.choice((0, 0, 20, 40)) * DAY
            for s in c.subjects:
                if s.kind == 'person':
                    everywhere = r.random() < .08 or self.level >= 3
                else:
                    if not (k.key in self.own_measured and s.places[0].role == 'tr') and not self.chance(.05, 3):
                        continue
                    everywhere = True
                gaps = r.choice((0, .15, .3, .6))
                part = self.periods.of(k.cadence, self.start)
                while part[0] <= stop:
                    if r.random() >= gaps:
                        self.observe(k, s, part, everywhere)
                    part = self.periods.of(k.cadence, part[1] + DAY)

    def observe(self, k, s, part, everywhere):
        r = self.r
        length = (part[1] - part[0]).days + 1
        for d in sorted({r.choice((0, length - 1, r.randrange(length), r.randrange(length)))
                         for _ in range(1 if k.cadence == 'day' else r.choice((1, 2, 3)))}):
            at = part[0] + d * DAY
            p = self.place(s, at)
            if p is None or not (p.active or self.level >= 3):
                continue
            if not everywhere and (p.role is None or not any(
                    e.role == p.role and e.kpi == k.key for e in self.c.entries)) and r.random() < .9:
                continue
            size = self.size[k.key]
            value = number(round(size * r.choice((.4, .7, .9, 1, 1, 1.1, 1.5)) * (
                .5 if k.over_time in ('sum',) else 1), 1))
            if r.random() < .05:
                value = number(r.choice((0, -round(size * .3, 1))))
            weight = None
            if k.over_time == 'count':
                value = Fraction(1)
            if k.over_time == 'ratio':
                weight = number(r.choice((1, 1, 2, 5, 0)))
                value *= weight if weight else 1
            self.c.observations.append(Observation(k.key, s.key, at, value, weight))

    def as_of(self):
        r = self.r
        days = {self.end + 40 * DAY, self.day()}
        month = self.periods.of('month', self.day())
        days.add(month[1])
        if r.random() < .5:
            days.add(self.periods.of('quarter', self.day())[1])
        if r.random() < .5:
            days.add(self.periods.of('month', self.day())[0])
        self.c.days = sorted(days)[:4]


def catalogue(seed, n, level=2):
    return Maker(seed, n, level).make()


if __name__ == '__main__':
    import sys
    import load
    args = [int(x) for x in sys.argv[2:]]
    print(load.sql(catalogue(sys.argv[1], *args)))
