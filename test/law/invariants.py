"""Random operations on a catalogue, on the server and on the model alike; then both must say the same.

    python3 test/law/invariants.py SEED [COUNT] [--level 0..3] [--every 50] [--check QUERY]...

After every so many operations: each --check query must give no row (stored = recomputed from nothing, what
a restricted reader gets = what a database without the rest would give), and the server's results must be
those of the oracle. Operations reach back in time: they restate data, and change targets, cards and places
from days in the past."""
import argparse
import json
import os
import sys
from fractions import Fraction

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

import catalogues
import load
from compare import DATABASE, TEMPLATE, Refused, clean_up, differences, prepare, psql
from model import Aim, Entry, Observation, Own, Place, number
from periods import Periods


class Operations:
    """Each operation changes the model and returns the SQL that does the same."""

    def __init__(self, maker):
        self.maker, self.c, self.r = maker, maker.c, maker.r
        self.periods = Periods(self.c.settings)

    def next(self):
        ways = (self.record, self.record, self.record, self.restate, self.restate, self.unrecord, self.set_target,
                self.put_card, self.take_off, self.place, self.coverage)
        while True:
            done = self.r.choice(ways)()
            if done:
                return done

    # ---- data

    def some(self):
        return self.r.choice(self.c.kpis), self.r.choice([s for s in self.c.subjects if s.kind == 'person'])

    def value(self, k):
        v = number(round(self.maker.size[k.key] * self.r.choice((.5, .9, 1, 1.2)), 1))
        return Fraction(1) if k.over_time == 'count' else v, number(self.r.choice((1, 2, 0))) if k.over_time == 'ratio' else None

    def call(self, k, s, at, value, weight, add):
        arguments = [load.quoted(k.key), load.quoted(s.key), f"date '{at}'", load.text_of(value)]
        if weight is not None:
            arguments.append(load.text_of(weight))
        return f"SELECT count(*) FROM kra.record({', '.join(arguments)}{', add => true' if add else ''});"

    def rows(self, k, s, part):
        return [o for o in self.c.observations if o.kpi == k.key and o.subject == s.key and part[0] <= o.at <= part[1]]

    def record(self):
        k, s = self.some()
        at = self.maker.day()
        if at < s.places[0].since or any(o.at == at for o in self.rows(k, s, (at, at))):
            return None
        value, weight = self.value(k)
        self.c.observations.append(Observation(k.key, s.key, at, value, weight))
        return self.call(k, s, at, value, weight, True)

    def restate(self):
        k, s = self.some()
        at = self.maker.day()
        if at < s.places[0].since:
            return None
        gone = self.rows(k, s, self.periods.of(k.cadence, at))
        self.c.observations = [o for o in self.c.observations if o not in gone]
        value, weight = self.value(k)
        self.c.observations.append(Observation(k.key, s.key, at, value, weight))
        return self.call(k, s, at, value, weight, False)

    def unrecord(self):
        if not self.c.observations:
            return None
        o = self.r.choice(self.c.observations)
        k = next(k for k in self.c.kpis if k.key == o.kpi)
        part = self.periods.of(k.cadence, o.at)
        self.c.observations = [x for x in self.c.observations
                               if not (x.kpi == o.kpi and x.subject == o.subject and part[0] <= x.at <= part[1])]
        return f"SELECT count(*) FROM kra.unrecord({load.quoted(o.kpi)}, {load.quoted(o.subject)}, date '{o.at}');"

    # ---- definitions

    def define(self, day, **members):
        return f"SELECT count(*) FROM kra.define({load.quoted(json.dumps({'effective_from': str(day), **members}))});"

    def in_force(self, rows, day):
        return max((x for x in rows if x.since <= day), key=lambda x: x.since, default=None)

    def set_target(self):
        k, s = self.some()
        day = max(self.maker.day(), s.places[0].since)
        aim = Aim() if self.r.random() < .2 else self.maker.aim(k)
        mine = [o for o in self.c.owns if o.kpi == k.key and o.subject == s.key]
        now = self.in_force(mine, day)
        if now is None or now.aim != aim:       # what is in force already is not written
            self.c.owns = [o for o in self.c.owns if not (o in mine and o.since == day)] + [Own(k.key, s.key, day, aim)]
        members = {'kpi': k.key, 'subject': s.key, **load.aim_members(aim)}
        if self.maker.level == 0:
            members = {x: members[x] for x in ('kpi', 'subject', 'target')}
        return self.define(day, targets=[members])

    def change_card(self, active):
        role = self.r.choice(self.c.roles)
        mine = [e for e in self.c.entries if e.role == role]
        if not mine:
            return None
        e = self.r.choice(mine)
        day = self.maker.day()
        now = self.in_force([x for x in mine if x.kpi == e.kpi], day)
        if now is None or (not active and not now.active):
            return None
        new = Entry(role, now.area, now.kpi, day, self.maker.weight() if active else now.weight,
                    self.maker.aim(next(k for k in self.c.kpis if k.key == now.kpi)) if active else now.aim, active)
        if (new.weight, new.aim, new.active) != (now.weight, now.aim, now.active):
            self.c.entries = [x for x in self.c.entries
                              if not (x.role == role and x.kpi == e.kpi and x.since == day)] + [new]
        document = load.role_members(self.c, role, day)
        return self.define(day, roles=[document])

    def put_card(self):
        return self.change_card(True)

    def take_off(self):
        return self.change_card(False)

    def place(self):
        people = [s for s in self.c.subjects if s.kind == 'person']
        s = self.r.choice(people)
        day = max(self.maker.day(), s.places[0].since)
        groups = [g.key for g in self.c.subjects if g.kind != 'person'] or [None]
        roles = [x for x in self.c.roles if x != 'tr']
        new = Place(day, self.r.choice(groups), self.r.choice(roles + [None]), self.r.random() < .8)
        now = self.in_force(s.places, day)
        if (new.parent, new.role, new.active) != (now.parent, now.role, now.active):
            s.places = sorted([p for p in s.places if p.since != day] + [new], key=lambda p: p.since)
        return self.define(day, subjects=[{'key': s.key, 'parent': new.parent, 'role': new.role, 'is_active': new.active}])

    def coverage(self):
        self.c.settings.min_coverage = number(self.r.choice((0, '0.25', '0.5', '0.9')))
        return self.define(self.maker.start, settings={'min_coverage': load.plain(self.c.settings.min_coverage)})


def main():
    a = argparse.ArgumentParser()
    a.add_argument('seed')
    a.add_argument('count', type=int, nargs='?', default=200)
    a.add_argument('--level', type=int, default=1)
    a.add_argument('--every', type=int, default=50)
    a.add_argument('--check', action='append', default=[], help='a query that must give no row')
    a.add_argument('--no-law', action='store_true', help='the checks alone, without the oracle')
    a.add_argument('--old', action='store_true', help='without at_risk_from, to try the mechanics on an old engine')
    args = a.parse_args()
    maker = catalogues.Maker(args.seed, 'operations', args.level)
    c = maker.make()
    for k in c.kpis if args.old else []:
        k.at_risk_from = Fraction(9, 10)
    prepare()
    done, failed = [], False
    try:
        psql('postgres', f'DROP DATABASE IF EXISTS {DATABASE} (FORCE);\nCREATE DATABASE {DATABASE} TEMPLATE {TEMPLATE};')
        psql(DATABASE, load.sql(c))
        operations = Operations(maker)
        while len(done) < args.count and not failed:
            batch = [operations.next() for _ in range(min(args.every, args.count - len(done)))]
            done += batch
            psql(DATABASE, '\n'.join(batch))
            for query in args.check:
                rows = psql(DATABASE, query)
                if rows:
                    failed = True
                    print(f'after {len(done)} operations: {query}\n{rows[:2000]}')
            if not args.no_law:
                found = differences(c, DATABASE)
                if found:
                    failed = True
                    print(f'after {len(done)} operations: {len(found)} disagreements')
                    for d in found[:20]:
                        print('  ', d)
    except Refused as e:
        failed = True
        print(f'refused: {e}')
    finally:
        clean_up()
    if failed:
        print('the last operations:\n' + '\n'.join(done[-args.every:]))
    print(f'{len(done)} operations of level {args.level}: ' + ('failed' if failed else 'all the same'))
    sys.exit(1 if failed else 0)


if __name__ == '__main__':
    main()
