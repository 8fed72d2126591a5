"""A catalogue as define documents and kra.record calls, and back from documents."""
import json
from datetime import date

from model import (Aim, Catalogue, Entry, Kpi, Observation, Own, Place, Settings, Subject, number,
                   target, text_of)


def plain(x):
    """A fraction as the number that JSON writes."""
    return int(x) if x == int(x) else float(x)


def aim_members(aim):
    """All members of a target, so that nothing of an earlier one stays."""
    if aim.target is None:
        return {'target': None, 'target_grain': None, 'phasing': None}
    return {'target': aim.target.text(), 'target_grain': aim.grain,
            'phasing': [plain(x) for x in aim.phasing] if aim.grain and aim.phasing else None}


def documents(c):
    """One document for each day on which something comes in force, the first with all definitions."""
    days = sorted({p.since for s in c.subjects for p in s.places} | {e.since for e in c.entries}
                  | {o.since for o in c.owns})
    out = []
    for n, day in enumerate(days):
        doc = {'effective_from': str(day)}
        if n == 0:
            s = c.settings
            doc['settings'] = {'fiscal_year_start_month': s.fiscal_year_start_month,
                               'week_start': s.week_start, 'min_coverage': plain(s.min_coverage),
                               'review_cadence': s.review_cadence}
            if s.time_zone != 'UTC':
                doc['settings']['time_zone'] = s.time_zone
            if s.calendar != 'months':
                doc['settings']['calendar'] = s.calendar
            doc['kpis'] = [kpi_members(k) for k in c.kpis]
        subjects = [subject_members(s, day) for s in c.subjects if any(p.since == day for p in s.places)]
        if subjects:
            doc['subjects'] = subjects
        roles = [role_members(c, r, day) for r in c.roles
                 if n == 0 or any(e.role == r and e.since == day for e in c.entries)]
        if roles:
            doc['roles'] = roles
        targets = [{'kpi': o.kpi, 'subject': o.subject, **aim_members(o.aim)}
                   for o in c.owns if o.since == day]
        if targets:
            doc['targets'] = targets
        out.append(doc)
    return out


def kpi_members(k):
    out = {'key': k.key, 'name': 'KPI ' + k.key, 'kind': k.kind, 'timing': k.timing,
           'over_time': k.over_time, 'over_subjects': k.over_subjects, 'cadence': k.cadence}
    if k.missing != 'unknown':
        out['missing'] = k.missing
    if plain(k.at_risk_from) != 0.9:
        out['at_risk_from'] = plain(k.at_risk_from)
    if k.drives:
        out['drives'] = list(k.drives)
    return out


def subject_members(s, day):
    p = next(p for p in s.places if p.since == day)
    return {'key': s.key, 'name': 'Subject ' + s.key, 'kind': s.kind, 'parent': p.parent, 'role': p.role,
            'is_active': p.active}


def role_members(c, role, day):
    """The whole card of a role on a day: what is not listed is taken off it."""
    areas, latest = {}, {}
    for e in c.entries:
        if e.role == role and e.since <= day and (e.kpi not in latest or e.since >= latest[e.kpi].since):
            latest[e.kpi] = e
    for e in latest.values():
        if e.active:
            areas.setdefault(e.area, []).append({'key': e.kpi, 'weight': plain(e.weight), **aim_members(e.aim)})
    return {'key': role, 'name': 'Role ' + role, 'kras': [{'name': a, 'kpis': k} for a, k in areas.items()]}


def quoted(text):
    return "'" + text.replace("'", "''") + "'"


def sql(c):
    """The catalogue as SQL: the documents in the order of their days, then the observations."""
    out = [f'SELECT count(*) FROM kra.define({quoted(json.dumps(d))});' for d in documents(c)]
    rows = sorted(c.observations, key=lambda o: (o.kpi, o.subject, o.at))
    for weighted in (False, True):
        some = [o for o in rows if (o.weight is not None) == weighted]
        if not some:
            continue
        values = ',\n  '.join(
            f'({quoted(o.kpi)}, {quoted(o.subject)}, {quoted(str(o.at))}, {text_of(o.value)}'
            + (f', {text_of(o.weight)})' if weighted else ')') for o in some)
        columns, call = (('k, s, at, x, w', 'k, s, at::date, x::float8, w::float8') if weighted
                         else ('k, s, at, x', 'k, s, at::date, x::float8'))
        out.append(f'SELECT count(*) FROM (VALUES\n  {values}) v ({columns}),\n'
                   f'  LATERAL kra.record({call}, add => true);')
    return '\n'.join(out) + '\n'


# ------------------------------------------------------------------------------------------- and back

def read(c, doc):
    """Applies a document to a catalogue, as far as the oracle cares."""
    since = date.fromisoformat(doc['effective_from'])
    for name, value in doc.get('settings', {}).items():
        setattr(c.settings, name, number(value) if name == 'min_coverage' else value)
    for k in doc.get('kpis', []):
        read_kpi(c, k)
    for s in doc.get('subjects', []):
        subject = next((x for x in c.subjects if x.key == s['key']), None)
        if subject is None:
            subject = Subject(s['key'], s.get('kind', 'person'))
            c.subjects.append(subject)
        day = date.fromisoformat(s['effective_from']) if 'effective_from' in s else since
        before = max((p for p in subject.places if p.since <= day), key=lambda p: p.since, default=None)
        subject.places = [p for p in subject.places if p.since != day] + [Place(
            day, s.get('parent', before.parent if before else None),
            s.get('role', before.role if before else None),
            s.get('is_active', before.active if before else True))]
    for r in doc.get('roles', []):
        if r['key'] not in c.roles:
            c.roles.append(r['key'])
        listed = set()
        for area in r.get('kras', []):
            for k in area['kpis']:
                read_kpi(c, k)
                listed.add(k['key'])
                c.entries.append(Entry(r['key'], area['name'], k['key'], since, number(k.get('weight', 1)), aim_of(k)))
        for kpi in {e.kpi for e in c.entries if e.role == r['key']} - listed:
            last = max((e for e in c.entries if e.role == r['key'] and e.kpi == kpi), key=lambda e: e.since)
            c.entries.append(Entry(r['key'], last.area, kpi, since, last.weight, last.aim, False))
    for t in doc.get('targets', []):
        day = date.fromisoformat(t['effective_from']) if 'effective_from' in t else since
        c.owns.append(Own(t['kpi'], t['subject'], day, aim_of(t)))
    return c


def aim_of(k):
    return Aim(target(k.get('target')), k.get('target_grain'),
               tuple(number(x) for x in k['phasing']) if k.get('phasing') else None)


def read_kpi(c, k):
    if 'kind' not in k or any(x.key == k['key'] for x in c.kpis):
        return
    over_time = k.get('over_time') or 'sum'
    over = k.get('over_subjects') or ('sum' if over_time in ('sum', 'last', 'count') else over_time)
    drives = k.get('drives') or ()
    c.kpis.append(Kpi(k['key'], k['kind'], k.get('timing') or 'lagging', over_time, over,
                      k.get('cadence') or 'month', k.get('missing') or 'unknown',
                      number(k.get('at_risk_from') or '0.9'), (drives,) if isinstance(drives, str) else tuple(drives)))


def observe(c, *rows):
    """rows: kpi, subject, day, value [, weight]."""
    for kpi, subject, at, value, *weight in rows:
        c.observations.append(Observation(kpi, subject, date.fromisoformat(at) if isinstance(at, str) else at,
                                          number(value), number(weight[0]) if weight else None))
    return c


def catalogue(*docs):
    c = Catalogue()
    for d in docs:
        read(c, d)
    return c
