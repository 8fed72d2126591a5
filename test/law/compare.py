"""Compares the server's results with the oracle's, on random catalogues.

    python3 test/law/compare.py SEED [FIRST [LAST]] [--level 0..3] [--shrink] [--also misses,reason,members]

needs a server on which kra is installed (PG* variables, a superuser). Each catalogue gets a database of
its own, from a template with the extension, dropped afterwards. Exit status 1: they disagree."""
import argparse
import copy
import csv
import io
import os
import subprocess
import sys
from collections import Counter
from datetime import date
from fractions import Fraction

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

import catalogues
import load
from model import Place
from oracle import READINGS, Oracle

TEMPLATE, DATABASE = 'kra_law_template', 'kra_law'
LINE_KEY = ('subject_key', 'kpi_key', 'period_grain', 'period_start')
CARD_KEY = ('subject_key', 'period_grain', 'period_start')


class Refused(Exception):
    """The server did not take the catalogue, or failed to read it."""


def psql(database, script, check=True):
    done = subprocess.run(['psql', '-X', '-q', '-A', '-t', '-v', 'ON_ERROR_STOP=1', '-v', 'VERBOSITY=terse',
                           '-d', database, '-f', '-'],
                          input=script, capture_output=True, text=True)
    if check and done.returncode:
        raise Refused('\n'.join(x for x in done.stderr.splitlines() if 'NOTICE' not in x)[:1500])
    return done.stdout


def prepare():
    psql('postgres', f'DROP DATABASE IF EXISTS {TEMPLATE};\nCREATE DATABASE {TEMPLATE};')
    psql(TEMPLATE, 'CREATE EXTENSION kra;')
    with open(os.path.join(os.path.dirname(os.path.abspath(__file__)), 'lines.sql')) as f:
        psql(TEMPLATE, f.read())


def clean_up():
    psql('postgres', f'DROP DATABASE IF EXISTS {DATABASE} (FORCE);\nDROP DATABASE IF EXISTS {TEMPLATE} (FORCE);', False)


def results(database, function, as_of, wanted):
    """Rows of law.FUNCTION(as_of), those of the wanted columns that it has."""
    have = set(psql(database, f"SELECT unnest(proargnames) FROM pg_proc WHERE proname = '{function}' "
                              f"AND pronamespace = 'law'::regnamespace").split())
    columns = [x for x in wanted if x in have]
    if not columns:
        return [], set(wanted)
    text = psql(database, f"\\copy (SELECT {', '.join(columns)} FROM law.{function}('{as_of}')) TO STDOUT (FORMAT csv, HEADER)")
    return list(csv.DictReader(io.StringIO(text))), set(wanted) - have


def line_row(o, line, also):
    """What the oracle says, by the view's columns; a column that is not there is not compared."""
    t = line.target
    ranged = t is not None and t.direction == '[]'
    row = {'actual_value': line.actual, 'judged_value': line.judged, 'attainment_pct': line.attainment,
           'progress_pct': line.progress, 'status': line.status, 'is_on_target': line.is_on_target,
           'coverage_pct': line.coverage, 'is_on_card': line.on_card, 'observed_member_count': line.observed,
           'is_complete': not line.running, 'is_latest': line.start == o.latest(line.kpi, line.grain),
           'target_value': None if t is None or ranged else t.lower,
           'baseline_value': t and t.baseline, 'threshold_value': t and t.threshold, 'stretch_value': t and t.stretch,
           'target_since': t and t.since, 'target_due': t and t.due}
    if not line.has_data:
        del row['observed_member_count']
    if line.judged is None and line.has_data and t is None:
        del row['judged_value']
    if line.on_card:
        row['weight_value'] = line.weight
    if ranged:
        row['target_lower_value'], row['target_upper_value'] = t.lower, t.upper
    if line.expected_lower is not None:
        row['expected_value'] = None if ranged else line.expected_lower
        if ranged:
            row['expected_lower_value'], row['expected_upper_value'] = line.expected_lower, line.expected_upper
    if 'misses' in also:
        row['misses_count'] = o.misses(line)
    if 'reason' in also:
        row['attainment_reason'] = line.reason
    return row


def card_row(card):
    # Q24: without weight the views say 0, and why
    row = {'score_value': card.score, 'coverage_pct': card.coverage or 0, 'status': card.status,
           'imbalance_flag': card.flag, 'kpi_count': len(card.lines)}
    if card.score is not None:
        row['outcome_score_value'], row['activity_score_value'] = card.outcome_score, card.activity_score
    return row


COLUMNS = ('actual_value', 'judged_value', 'target_value', 'target_lower_value', 'target_upper_value', 'baseline_value',
           'threshold_value', 'stretch_value', 'target_since', 'target_due', 'expected_value', 'expected_lower_value',
           'expected_upper_value', 'attainment_pct', 'progress_pct', 'status', 'is_on_target', 'coverage_pct', 'is_on_card',
           'weight_value', 'observed_member_count', 'is_complete', 'is_latest')


def same(mine, theirs):
    """theirs is the text of a CSV."""
    if theirs == '' or mine is None:
        return theirs == '' and mine is None
    if isinstance(mine, bool):
        return theirs == ('t' if mine else 'f')
    if isinstance(mine, (str, date)):
        return theirs == str(mine)
    a, b = float(mine), float(theirs)
    return abs(a - b) <= 1e-9 * max(1, abs(a), abs(b))


def shown(x):
    if isinstance(x, bool) or x is None or isinstance(x, (str, date)):
        return 'NULL' if x in (None, '') else str(x)
    return repr(float(x))


class Difference:
    def __init__(self, as_of, key, column, mine, theirs, why=''):
        self.as_of, self.key, self.column, self.mine, self.theirs, self.why = as_of, key, column, mine, theirs, why

    def __str__(self):
        return (f'as of {self.as_of}: {" ".join(str(k) for k in self.key)}: {self.column}: '
                f'law {shown(self.mine)}, server {shown(self.theirs)}{self.why}')


def why(line):
    """What the oracle knows of a line, beside a difference."""
    bits = [f'running={line.running}', f'data={line.has_data}', f'on_card={line.on_card}']
    if line.reason:
        bits.append(line.reason)
    if line.target:
        bits.append(f'T={line.target.direction}{shown(line.target.lower)}..{shown(line.target.upper)}')
    return ' (' + ', '.join(bits) + ')'


def differences(c, database, also=(), absent=None):
    """All disagreements of the loaded catalogue."""
    out = []
    for as_of in c.days:
        o = Oracle(c, as_of)
        extra = [{'misses': 'misses_count', 'reason': 'attainment_reason'}[x] for x in also if x != 'members']
        rows, gone = results(database, 'kpi_results', as_of, LINE_KEY + COLUMNS + tuple(extra))
        if absent is not None:
            absent |= gone
        theirs = {tuple(r[k] for k in LINE_KEY): r for r in rows}
        periods = {(r['period_grain'], r['period_start']) for r in rows}
        # half-years are shown where a KPI or the reviews have them
        halves = 'half_year' in {c.settings.review_cadence, *(k.cadence for k in c.kpis)}
        mine = {(x.subject, x.kpi, x.grain, str(x.start)): x for x in o.lines() if halves or x.grain != 'half_year'}
        for key, line in sorted(mine.items()):
            row = theirs.pop(key, None)
            if row is None:
                if line.has_data or (not line.optional and key[2:] in periods):
                    out.append(Difference(as_of, key, 'line', 'there', None, why(line)))
                continue
            for column, value in line_row(o, line, also).items():
                if column in row and not same(value, row[column]):
                    out.append(Difference(as_of, key, column, value, row[column], why(line)))
        for key, row in sorted(theirs.items()):
            if row['actual_value'] != '' or row.get('is_on_card') == 't':
                out.append(Difference(as_of, key, 'line', None, 'there'))
        rows, gone = results(database, 'scorecards', as_of, CARD_KEY + (
            'score_value', 'outcome_score_value', 'activity_score_value', 'coverage_pct', 'status', 'imbalance_flag', 'kpi_count'))
        if absent is not None:
            absent |= {'scorecards.' + x for x in gone}
        if 'score_value' in gone:
            continue
        theirs = {tuple(r[k] for k in CARD_KEY): r for r in rows}
        pairs = pair_rows(database, as_of)
        for card in o.cards():
            if card.grain == 'half_year' and not halves:
                continue
            key = (card.subject, card.grain, str(card.start))
            row = theirs.pop(key, None)
            if row is None:
                if key[1:] in periods and any(x.has_data for x in card.lines):
                    out.append(Difference(as_of, key, 'card', 'there', None))
                continue
            for column, value in card_row(card).items():
                if column == 'status' and (value, row[column]) == ('no_target', 'no_data'):
                    continue   # Q35: known to differ
                if column in row and not same(value, row[column]):
                    out.append(Difference(as_of, key, 'card.' + column, value, row[column]))
            if key in pairs and card.pairs:
                widest = [p for p in card.pairs if p[0] == card.pairs[0][0]]
                if pairs[key] not in [p[1:] for p in widest]:
                    out.append(Difference(as_of, key, 'card.pair', ' '.join(card.pairs[0][1:]), ' '.join(pairs[key])))
        for key in sorted(theirs):
            out.append(Difference(as_of, key, 'card', None, 'there'))
    return out


def pair_rows(database, as_of):
    """The pair that a flag rests on, where the view says it."""
    try:
        rows, gone = results(database, 'imbalances', as_of, CARD_KEY + (
            'activity_kpi', 'outcome_kpi', 'activity_kpi_key', 'outcome_kpi_key'))
    except Refused:
        return {}
    if len(gone) > 2:
        return {}
    name = 'activity_kpi_key' if 'activity_kpi' in gone else 'activity_kpi'
    return {tuple(r[k] for k in CARD_KEY): (r[name], r[name.replace('activity', 'outcome')]) for r in rows}


def run(c, also=(), absent=None):
    """Loads a catalogue in a fresh database and compares."""
    psql('postgres', f'DROP DATABASE IF EXISTS {DATABASE} (FORCE);\nCREATE DATABASE {DATABASE} TEMPLATE {TEMPLATE};')
    psql(DATABASE, load.sql(c))
    return differences(c, DATABASE, also, absent)


# ---------------------------------------------------------------------------------------------- shrink

def without(items, drop):
    return [x for x in items if x not in drop] if drop else items


def smaller(c):
    """Smaller catalogues, the boldest cuts first."""
    for d in c.days:
        if len(c.days) > 1:
            x = copy.deepcopy(c)
            x.days = [d]
            yield f'as of {d} alone', x
    for k in c.kpis:
        if len(c.kpis) > 1:
            x = copy.deepcopy(c)
            x.kpis = [y for y in x.kpis if y.key != k.key]
            for y in x.kpis:
                y.drives = tuple(d for d in y.drives if d != k.key)
            x.entries = [e for e in x.entries if e.kpi != k.key]
            x.owns = [e for e in x.owns if e.kpi != k.key]
            x.observations = [e for e in x.observations if e.kpi != k.key]
            yield f'without KPI {k.key}', x
    for s in c.subjects:
        if len(c.subjects) > 1:
            x = copy.deepcopy(c)
            x.subjects = [y for y in x.subjects if y.key != s.key]
            for y in x.subjects:
                for p in y.places:
                    if p.parent == s.key:
                        p.parent = s.places[0].parent
            x.owns = [e for e in x.owns if e.subject != s.key]
            x.observations = [e for e in x.observations if e.subject != s.key]
            yield f'without subject {s.key}', x
    for role in c.roles:
        if len(c.roles) > 1 and not any(p.role == role for s in c.subjects for p in s.places):
            x = copy.deepcopy(c)
            x.roles.remove(role)
            x.entries = [e for e in x.entries if e.role != role]
            yield f'without role {role}', x
    for name in ('observations', 'owns', 'entries'):
        items = getattr(c, name)
        n = len(items)
        size = n
        while size >= 1:
            for i in range(0, n, size):
                x = copy.deepcopy(c)
                setattr(x, name, items[:i] + items[i + size:])
                yield f'{name} without {i}..{i + size}', x
            size //= 2
    for i, s in enumerate(c.subjects):
        for j in range(1, len(s.places)):
            x = copy.deepcopy(c)
            del x.subjects[i].places[j]
            yield f'place {j} of {s.key}', x
        for j, p in enumerate(s.places):
            if p.role is not None and s.kind != 'person':
                x = copy.deepcopy(c)
                x.subjects[i].places[j] = Place(p.since, p.parent, None, p.active)
                yield f'role of {s.key}', x
    for name, value in (('fiscal_year_start_month', 1), ('week_start', 1), ('calendar', 'months'), ('min_coverage', 0)):
        if getattr(c.settings, name) != value:
            x = copy.deepcopy(c)
            setattr(x.settings, name, type(getattr(c.settings, name))(value))
            yield f'{name} {value}', x
    for i, k in enumerate(c.kpis):
        for name, value in (('drives', ()), ('missing', 'unknown')):
            if getattr(k, name) != value:
                x = copy.deepcopy(c)
                setattr(x.kpis[i], name, value)
                yield f'{name} of {k.key}', x
    for name in ('entries', 'owns'):
        for i, e in enumerate(getattr(c, name)):
            t = e.aim.target
            if t is None:
                continue
            for f in ('since', 'due', 'within', 'stretch', 'threshold', 'baseline'):
                if getattr(t, f) is not None:
                    x = copy.deepcopy(c)
                    aim = getattr(x, name)[i].aim
                    aim.target = catalogues_replace(t, f)
                    yield f'{f} of {name} {i}', x
            if e.aim.grain:
                x = copy.deepcopy(c)
                getattr(x, name)[i].aim.grain = getattr(x, name)[i].aim.phasing = None
                yield f'grain of {name} {i}', x


def catalogues_replace(t, f):
    from dataclasses import replace
    return replace(t, **{f: None})


def shrink(c, column, also, log=lambda x: None, patience=400):
    """The smallest catalogue found in which the column still differs."""
    tries, again = 0, True
    while again and tries < patience:
        again = False
        for what, x in smaller(c):
            tries += 1
            if tries >= patience:
                break
            try:
                if any(d.column == column for d in run(x, also)):
                    log(what)
                    c, again = x, True
                    break
            except Refused:
                continue
    return c


def main():
    a = argparse.ArgumentParser()
    a.add_argument('seed')
    a.add_argument('first', type=int, nargs='?', default=0)
    a.add_argument('last', type=int, nargs='?')
    a.add_argument('--level', type=int, default=2)
    a.add_argument('--shrink', action='store_true')
    a.add_argument('--patience', type=int, default=400, help='how many smaller catalogues to try')
    a.add_argument('--column', help='the column to shrink for; default: the first that differs')
    a.add_argument('--only', help='comma-separated columns to report', default='')
    a.add_argument('--also', default='')
    a.add_argument('--show', type=int, default=20)
    a.add_argument('--old', action='store_true', help='without at_risk_from, to try the mechanics on an old engine')
    a.add_argument('--reading', action='append', default=[], help='NAME=VALUE of oracle.READINGS')
    args = a.parse_args()
    for r in args.reading:
        name, value = r.split('=')
        READINGS[name] = {'true': True, 'false': False}.get(value, value)
    also = tuple(x for x in args.also.split(',') if x)
    only = {x for x in args.only.split(',') if x}
    last = args.first if args.last is None else args.last
    counts, bad, refused, absent = Counter(), 0, 0, set()
    prepare()
    try:
        for n in range(args.first, last + 1):
            c = catalogues.catalogue(args.seed, n, args.level)
            for k in c.kpis if args.old else []:
                k.at_risk_from = Fraction(9, 10)
            try:
                found = [d for d in run(c, also, absent) if not only or d.column in only]
            except Refused as e:
                refused += 1
                print(f'{c.name}: refused: {e}')
                continue
            if not found:
                continue
            bad += 1
            counts.update(d.column for d in found)
            print(f'{c.name}: {len(found)} disagreements: '
                  + ', '.join(f'{k} {v}' for k, v in Counter(d.column for d in found).most_common()))
            for d in found[:args.show]:
                print('  ', d)
            if args.shrink:
                small = shrink(c, args.column or found[0].column, also,
                               lambda x: print('   shrunk:', x, flush=True), args.patience)
                print(load.sql(small))
                for d in run(small, also)[:args.show]:
                    print('  ', d)
                break
            sys.stdout.flush()
    finally:
        clean_up()
    total = last - args.first + 1
    print(f'{total} catalogues of level {args.level}: {bad} disagree, {refused} refused')
    if absent:
        print('the server has no', ', '.join(sorted(absent)))
    for k, v in counts.most_common():
        print(f'  {k}: {v}')
    sys.exit(1 if bad or refused else 0)


if __name__ == '__main__':
    main()
