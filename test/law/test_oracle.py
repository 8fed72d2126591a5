"""The oracle against every number that is written down: python3 -m unittest in this folder."""
import os
import sys
import unittest
from dataclasses import replace
from datetime import date
from fractions import Fraction

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

import catalogues
import load
from model import Place, Settings, Subject, target
from oracle import Oracle, attainment, capped, expected, status_of
from periods import Periods

D = date.fromisoformat


def assess(a, text, day=None):
    t = target(text)
    lower, upper = (t.lower, t.upper) if day is None else expected(t, D(day))
    return attainment(Fraction(str(a)), t, lower, upper), status_of(Fraction(str(a)), t, lower, upper)


def person(key, parent=None, role=None, kind='person', **more):
    return {'key': key, 'kind': kind, 'parent': parent, 'role': role, **more}


def role(key, *kpis, **more):
    return {'key': key, 'kras': [{'name': 'K', 'kpis': list(kpis)}], **more}


def kpi(key, aim=None, kind='outcome', **more):
    return {'key': key, 'kind': kind, 'target': aim, **more}


class Case(unittest.TestCase):
    def near(self, a, b, places=2):
        self.assertIsNotNone(a)
        self.assertAlmostEqual(float(a), b, places)

    def line(self, c, as_of, subject, k, grain, start):
        return Oracle(c, D(as_of)).line(subject, k, grain, D(start))


class Values(Case):
    """Section 5.2."""

    def test_worked(self):
        self.near(assess(3, '>= -2')[0], 3.5)
        self.near(assess(0, '<= 4')[0], 2)
        self.near(assess(35, '>= 40 from 30')[0], .5)
        self.near(assess(25, '<= 5 from 20')[0], -.333, 3)
        self.near(assess(57, '[45,55] within 10')[0], .8)
        self.assertEqual(assess(4.4, '<= 4'), (Fraction(9, 10), 'at_risk'))
        self.assertEqual(assess(0, '<= 0'), (None, 'on_track'))
        self.assertEqual(assess(.3 + 1e-16, '<= 0.3')[1], 'on_track')

    def test_expected(self):
        t = target('>= 40 from 10 since 2026-01-01 by 2026-12-31')
        for day, e, s in (('2026-03-01', 14.9, 'on_track'), ('2026-06-01', 22.4, 'at_risk'),
                          ('2026-09-01', 30, 'off_track'), ('2027-01-01', 40, 'off_track')):
            self.near(expected(t, D(day))[0], e, 1)
            self.assertEqual(assess(22, t.text(), day)[1], s)

    def test_text(self):
        for t in ('>= 95 from 88 threshold 90 stretch 98 within 20 since 2026-04-01 by 2027-03-31',
                  '<= 4', '= 50 within 5', '[45,55] within 10', '>= -0.5'):
            self.assertEqual(target(t).text(), t)


class Calendar(Case):
    def test_weeks(self):
        p = Periods(Settings())
        self.assertEqual(p.holding('month', 'week', p.of('week', D('2024-12-30')))[0], D('2025-01-01'))
        self.assertEqual([x[0].day for x in p.parts('week', 'month', D('2026-11-01'))], [2, 9, 16, 23])

    def test_retail(self):
        p = Periods(Settings(calendar='4-4-5'))
        self.assertEqual(p.of('year', D('2025-12-30')), (D('2025-12-29'), D('2027-01-03')))   # 53 weeks
        self.assertEqual(p.of('month', D('2027-01-03')), (D('2026-11-23'), D('2027-01-03')))
        self.assertEqual(p.of('quarter', D('2026-01-01')), (D('2025-12-29'), D('2026-03-29')))
        self.assertEqual(len(p.parts('week', 'month', D('2026-03-01'))), 5)
        self.assertEqual(len(p.parts('month', 'half_year', D('2026-03-01'))), 6)

    def test_fiscal(self):
        p = Periods(Settings(fiscal_year_start_month=4))
        self.assertEqual(p.of('half_year', D('2026-02-10')), (D('2025-10-01'), D('2026-03-31')))
        self.assertEqual(p.of('quarter', D('2026-05-10')), (D('2026-04-01'), D('2026-06-30')))


class Issue(Case):
    """The numbered cases."""

    def test_1_running(self):
        c = load.catalogue({'effective_from': '2026-10-01', 'settings': {'min_coverage': 0}, 'subjects': [person('a', role='r')],
                            'roles': [role('r', kpi('c', '>= 400', 'activity'), kpi('o', '>= 1'))]})
        load.observe(c, ('c', 'a', '2026-10-15', 434), ('c', 'a', '2026-11-01', 15), ('c', 'a', '2026-11-02', 16),
                     ('o', 'a', '2026-10-15', 1))
        m = self.line(c, '2026-11-02', 'a', 'c', 'month', '2026-11-01')
        self.near(m.expected_lower, 26.7, 1); self.near(m.attainment, 1.01); self.near(m.progress, .08)
        self.assertEqual((m.status, m.is_on_target, m.target.lower), ('on_track', None, 400))
        q = self.line(c, '2026-11-02', 'a', 'c', 'quarter', '2026-10-01')
        self.near(q.expected_lower, 426.7, 1); self.near(q.attainment, 1.03); self.near(q.progress, .39)
        self.assertEqual((q.actual, q.target.lower, q.status), (465, 1200, 'on_track'))

    def test_2_dated(self):
        c = load.catalogue({'effective_from': '2026-01-01', 'subjects': [person('a', role='r')],
                            'roles': [role('r', kpi('s', '>= 40 from 10 since 2026-01-01 by 2026-03-31'),
                                           kpi('m', '>= 40 from 10 since 2026-01-01 by 2026-12-31', over_time='mean'))]})
        load.observe(c, ('s', 'a', '2026-01-31', 21), ('s', 'a', '2026-02-28', 30), ('s', 'a', '2026-03-31', 40))
        q = self.line(c, '2026-03-31', 'a', 's', 'quarter', '2026-01-01')
        self.near(q.expected_lower, 89.66, 2)
        self.assertEqual((q.actual, q.target.lower, q.status), (91, 120, 'on_track'))
        q = self.line(c, '2026-02-28', 'a', 's', 'quarter', '2026-01-01')
        self.near(q.expected_lower, 49.66)
        self.assertEqual((q.target.lower, q.status), (120, 'on_track'))

    def test_2_dated_mean(self):
        aim = '>= 40 from 10 since 2026-01-01 by 2026-12-31'
        c = load.catalogue({'effective_from': '2026-01-01', 'subjects': [person('a', role='r')],
                            'roles': [role('r', kpi('m', aim, over_time='mean'))]})
        for day in ('2026-01-31', '2026-02-28', '2026-03-31'):
            load.observe(c, ('m', 'a', day, expected(target(aim), D(day))[0]))
        q = self.line(c, '2026-03-31', 'a', 'm', 'quarter', '2026-01-01')
        self.near(q.expected_lower, 14.86); self.near(q.actual, 14.86)
        self.assertEqual((q.status, q.attainment), ('on_track', 1))

    def test_3_means(self):
        docs = [{'effective_from': f'2026-0{m}-01', 'roles': [role('r', kpi('m', f'>= {t}', over_time='mean'))]}
                for m, t in ((1, 4348), (2, 3999), (3, 3657))]
        docs[0]['subjects'] = [person('a', role='r')]
        c = load.catalogue(*docs)
        load.observe(c, ('m', 'a', '2026-01-31', 3803), ('m', 'a', '2026-02-28', 3803), ('m', 'a', '2026-03-31', 3803))
        q = self.line(c, '2026-03-31', 'a', 'm', 'quarter', '2026-01-01')
        self.near(q.target.lower, 4001.3, 1)
        self.assertFalse(q.is_on_target)

    def test_4_last(self):
        c = load.catalogue({'effective_from': '2026-01-01', 'settings': {'min_coverage': 0},
                            'subjects': [person('t', kind='team'), person('p1', 't', 'r'), person('p2', 't', 'r')],
                            'roles': [role('r', kpi('l', '<= 20', over_time='last'))]})
        load.observe(c, ('l', 'p1', '2026-02-10', 35), ('l', 'p2', '2026-03-10', 9))
        q = self.line(c, '2026-03-31', 't', 'l', 'quarter', '2026-01-01')
        # 0.9 exactly, as 4.4 against <= 4: at risk by 5.2
        self.assertEqual((q.actual, q.target.upper, q.status, q.observed), (44, 40, 'at_risk', 2))
        self.assertFalse(q.is_on_target)

    def test_5_missing(self):
        people = [f'p{i}' for i in range(6)]
        c = load.catalogue({'effective_from': '2026-01-01', 'settings': {'min_coverage': 0},
                            'subjects': [person('t', kind='team')] + [person(p, 't', 'r') for p in people],
                            'roles': [role('r', kpi('s', '>= 10'))]})
        load.observe(c, *[('s', p, '2026-03-10', 10) for p in people[:5]])
        m = self.line(c, '2026-03-31', 't', 's', 'month', '2026-03-01')
        self.assertEqual((m.actual, m.target.lower, m.attainment, m.coverage), (50, 50, 1, Fraction(5, 6)))
        self.assertEqual(m.weight, 6)
        q = self.line(c, '2026-03-31', 't', 's', 'quarter', '2026-01-01')
        self.assertEqual((q.actual, q.target.lower, q.coverage), (50, 50, Fraction(5, 18)))
        none = self.line(c, '2026-03-31', 'p5', 's', 'quarter', '2026-01-01')
        self.assertEqual((none.status, none.coverage, none.target.lower), ('no_data', 0, 30))

    def test_6_zero(self):
        c = load.catalogue({'effective_from': '2026-08-01', 'subjects': [person('a', role='r'), person('b', role='r')],
                            'roles': [role('r', kpi('s', '>= 10', weight=3, missing='zero'), kpi('q', '>= 10', weight=2),
                                           kpi('e', '>= 10000', weight=1))]})
        load.observe(c, ('s', 'a', '2026-08-10', 10), ('s', 'b', '2026-09-10', 10), ('q', 'a', '2026-09-10', 8),
                     ('e', 'a', '2026-09-10', 10425))
        card = Oracle(c, D('2026-09-30')).card('a', 'month', D('2026-09-01'))
        self.near(card.score, .44); self.assertEqual(card.coverage, 1)
        x = self.line(c, '2026-09-30', 'a', 's', 'month', '2026-09-01')
        self.assertEqual((x.actual, x.status), (0, 'off_track'))
        q = self.line(c, '2026-09-30', 'a', 's', 'quarter', '2026-07-01')
        self.assertEqual((q.actual, q.target.lower), (10, 20))
        c.kpis[0].missing = 'unknown'
        card = Oracle(c, D('2026-09-30')).card('a', 'month', D('2026-09-01'))
        self.near(card.score, .88); self.assertEqual(card.coverage, Fraction(1, 2))

    def test_7_weeks(self):
        c = load.catalogue({'effective_from': '2026-10-01', 'subjects': [person('a', role='r')],
                            'roles': [role('r', kpi('w', '>= 40', 'activity', cadence='week'))]})
        load.observe(c, *[('w', 'a', d, 40) for d in ('2026-11-03', '2026-11-10', '2026-11-17', '2026-11-24')],
                     ('w', 'a', '2026-11-30', 8), ('w', 'a', '2026-12-01', 8))
        m = self.line(c, '2026-12-01', 'a', 'w', 'month', '2026-11-01')
        self.assertEqual((m.actual, m.target.lower, m.status, m.running), (160, 160, 'on_track', False))
        m = self.line(c, '2026-12-01', 'a', 'w', 'month', '2026-12-01')
        self.near(m.expected_lower, 40 * 2 / 7); self.assertTrue(m.running)
        self.assertEqual((m.actual, m.target.lower), (16, 200))

    def test_9_future(self):
        c = load.catalogue({'effective_from': '2026-01-01', 'subjects': [person('a', role='r')],
                            'roles': [role('r', kpi('q', '>= 40', cadence='quarter'))]})
        load.observe(c, ('q', 'a', '2026-04-10', 40), ('q', 'a', '2026-06-10', 40))
        x = self.line(c, '2026-05-31', 'a', 'q', 'quarter', '2026-04-01')
        self.assertEqual((x.actual, x.status, x.reason), (None, 'no_data', 'not_known_yet'))

    def test_10_shared_out(self):
        c = load.catalogue({'effective_from': '2026-01-01', 'subjects': [person('a', role='r'), person('b', role='f')],
                            'roles': [role('r', kpi('s', '>= 50300', target_grain='quarter')),
                                      role('f', {'key': 's', 'target': '>= 600 threshold 480', 'target_grain': 'year',
                                                 'phasing': [1] * 11 + [4]})]})
        for m in range(1, 13):
            load.observe(c, ('s', 'a', f'2026-{m:02}-10', 1), ('s', 'b', f'2026-{m:02}-10', 40))
        x = self.line(c, '2026-12-31', 'a', 's', 'quarter', '2026-01-01')
        self.assertEqual(x.target.lower, 50300)
        x = self.line(c, '2026-12-31', 'b', 's', 'month', '2026-12-01')
        self.assertEqual((x.target.lower, x.target.threshold, x.status), (160, 128, 'off_track'))
        x = self.line(c, '2026-12-31', 'b', 's', 'year', '2026-01-01')
        self.assertEqual((x.target.lower, x.target.threshold, x.status), (600, 480, 'at_risk'))
        x = self.line(c, '2026-02-28', 'b', 's', 'year', '2026-01-01')
        self.assertEqual((x.target.lower, x.expected_lower), (600, 80))

    def test_14_pairs(self):
        doc = {'effective_from': '2026-01-01', 'subjects': [person('a', role='r')], 'roles': [role(
            'r', kpi('eng', '>= 100'), kpi('rev', '>= 100'), kpi('win', '>= 100'),
            kpi('calls', '>= 100', 'activity', drives=['rev', 'win']), kpi('mails', '>= 100', 'activity', drives='calls'))]}
        c = load.catalogue(doc)
        load.observe(c, *[(k, 'a', '2026-01-10', v) for k, v in
                          (('eng', 97), ('rev', 73), ('win', 130), ('calls', 95), ('mails', 110))])
        card = Oracle(c, D('2026-01-31')).card('a', 'month', D('2026-01-01'))
        self.assertEqual((card.flag, card.pairs[0][1:]), ('busy_not_moving', ('mails', 'rev')))
        self.assertEqual(card.status, 'at_risk')


class Examples(Case):
    """law_examples.sql."""

    @classmethod
    def setUpClass(cls):
        c = cls.c = load.catalogue({'effective_from': '2025-01-01', 'settings': {'min_coverage': 0}, 'subjects': [
            person('t', kind='team'), person('u', kind='team'), person('a', 't', 'r'), person('b', 't', 'r'),
            person('c', 'u', 'q')], 'roles': [role(
                'r', kpi('s', '>= 100'), kpi('m', '>= 10', over_time='mean'), kpi('l', '>= 50', over_time='last'),
                kpi('x', '>= 10', over_time='max'), kpi('w', '>= 5', cadence='week'),
                kpi('d', '>= 100 from 0 since 2025-01-01 by 2025-12-31', over_time='mean'),
                kpi('e', '>= 10', 'activity')), role(
                'q', kpi('n', '>= 10', over_time='mean', over_subjects='min'),
                kpi('n2', '>= 10', timing='leading', weight=3))],
            'targets': [{'kpi': 'm', 'subject': 'a', 'target': '>= 40', 'effective_from': '2025-03-01'},
                        {'kpi': 'x', 'subject': 'b', 'target': '>= 20'},
                        {'kpi': 'd', 'subject': 'b', 'target': '>= 100 from 0 since 2024-12-01 by 2025-12-31'}]})
        load.observe(c, *[(k, s, d, str(v)) for k, s, d, v in (
            ('s', 'a', '2025-01-10', 100), ('s', 'a', '2025-03-10', 100), ('s', 'b', '2025-01-10', 100),
            ('m', 'a', '2025-01-10', 10), ('m', 'a', '2025-01-11', 10), ('m', 'a', '2025-01-12', 10), ('m', 'a', '2025-03-10', 40),
            ('l', 'a', '2025-01-20', 50), ('l', 'b', '2025-02-20', 50), ('x', 'a', '2025-01-10', 10), ('x', 'b', '2025-01-20', 20),
            ('w', 'a', '2025-01-02', 5), ('w', 'a', '2025-01-31', 5), ('e', 'a', '2025-01-10', 10), ('n', 'c', '2025-04-05', 8.5),
            ('n2', 'c', '2025-04-05', 20), ('n', 'c', '2025-01-05', 10), ('n', 'c', '2025-02-05', 20), ('n', 'c', '2025-02-06', 20),
            ('n', 'c', '2025-02-07', 20), ('n2', 'c', '2025-01-05', 10), ('s', 'a', '2025-05-05', 45), ('s', 'b', '2025-05-25', 100))])
        for p, t in (('a', '>= 100 from 0 since 2025-01-01 by 2025-12-31'), ('b', '>= 100 from 0 since 2024-12-01 by 2025-12-31')):
            for at in ('2025-01-31', '2025-03-31'):
                load.observe(c, ('d', p, at, expected(target(t), D(at))[0]))
        cls.april = Oracle(c, D('2025-04-30'))

    def q1(self, subject, k):
        return self.april.line(subject, k, 'quarter', D('2025-01-01'))

    def month(self, subject, k, start):
        return self.april.line(subject, k, 'month', D(start))

    def test_1(self):
        x = self.q1('a', 's')
        self.assertEqual((x.actual, x.target.lower, x.attainment), (200, 200, 1))

    def test_2(self):
        x = self.month('t', 's', '2025-03-01')
        self.assertEqual((x.actual, x.target.lower, x.attainment), (100, 100, 1))

    def test_3(self):
        x = self.q1('a', 'm')
        self.assertEqual((x.actual, x.target.lower, x.attainment), (Fraction(35, 2), Fraction(35, 2), 1))

    def test_4(self):
        x = self.q1('t', 'l')
        self.assertEqual((x.actual, x.target.lower, x.attainment, x.observed), (100, 100, 1, 2))

    def test_5(self):
        x = self.month('t', 'x', '2025-01-01')
        self.assertEqual((x.actual, x.target.lower, x.attainment), (20, 20, 1))

    def test_6(self):
        self.assertEqual(self.month('a', 'w', '2025-01-01').actual, 10)

    def test_7(self):
        x, y = self.q1('a', 'd'), self.q1('t', 'd')
        self.near(x.expected_lower, 16.35); self.near(y.expected_lower, 19.63)
        self.assertEqual((x.status, y.status), ('on_track', 'on_track'))
        y = self.month('t', 'd', '2025-01-01')
        self.near(y.expected_lower, 11.84)
        self.assertEqual((y.status, y.target.since, y.target.due), ('on_track', None, D('2025-12-31')))

    def test_8(self):
        x = Oracle(self.c, D('2025-05-15')).line('a', 's', 'month', D('2025-05-01'))
        self.near(x.expected_lower, 48.39)
        self.assertEqual((x.actual, x.target.lower, x.status), (45, 100, 'at_risk'))

    def test_9(self):
        x = Oracle(self.c, D('2025-05-15')).line('b', 's', 'month', D('2025-05-01'))
        self.assertEqual((x.actual, x.status), (None, 'no_data'))

    def test_10(self):
        for s in 'cu':
            self.assertEqual(self.q1(s, 'n').actual, Fraction(35, 2))

    def test_11(self):
        self.assertEqual(self.april.card('c', 'month', D('2025-01-01')).flag, 'balanced')

    def test_12(self):
        self.assertEqual(self.april.latest('x', 'month'), D('2025-01-01'))

    def test_13(self):
        for x in self.april.cards():
            if any(y.status == 'off_track' and self.april.kpis[y.kpi].kind == 'outcome' for y in x.lines):
                self.assertNotIn(x.status, ('on_track', 'exceeded'))

    def test_14(self):
        o = Oracle(self.c, D('2025-02-15'))
        x = o.line('c', 'n', 'month', D('2025-02-01'))
        self.assertEqual(o.misses(x), 0)


class Law(Case):
    """Sentences of 6.0.1, by hand."""

    def team(self, *kpis, targets=(), team_role=None, roles=(), **more):
        return load.catalogue({'effective_from': '2026-01-01', 'settings': {'min_coverage': 0}, 'subjects': [
            person('t', kind='team', role=team_role), person('u', kind='team'), person('a', 't', 'r'), person('b', 't', 'r')],
            'roles': [role('r', *kpis)] + list(roles), 'targets': list(targets), **more})

    def move(self, c, day, **subject):
        return load.read(c, {'effective_from': day, 'subjects': [subject]})

    def test_who_leaves(self):
        c = self.team(kpi('s', '>= 10', weight=2))
        self.move(c, '2026-02-15', key='a', is_active=False)
        load.observe(c, ('s', 'a', '2026-01-10', 10), ('s', 'a', '2026-02-10', 6), ('s', 'b', '2026-03-10', 10))
        x = self.line(c, '2026-03-31', 'a', 's', 'quarter', '2026-01-01')
        self.assertEqual((x.actual, x.target.lower, x.coverage, x.on_card, x.weight), (16, 20, 1, True, 2))
        o = Oracle(c, D('2026-03-31'))
        self.assertIsNotNone(o.card('a', 'month', D('2026-02-01')))
        self.assertIsNone(o.card('a', 'month', D('2026-03-01')))
        x = self.line(c, '2026-03-31', 't', 's', 'quarter', '2026-01-01')
        self.assertEqual((x.actual, x.target.lower, x.coverage, x.weight), (26, 30, Fraction(3, 5), 4))
        x = self.line(c, '2026-03-31', 't', 's', 'month', '2026-03-01')
        self.assertEqual((x.actual, x.target.lower, x.coverage, x.weight), (10, 10, 1, 2))

    def test_who_moves(self):
        c = self.team(kpi('s', '>= 10'), kpi('l', '>= 10', over_time='last'), kpi('m', '>= 10', over_time='sum', over_subjects='mean'))
        self.move(c, '2026-02-10', key='a', parent='u')
        load.observe(c, *[(k, p, f'2026-0{m}-05', 10) for k in 'slm' for p in 'ab' for m in (1, 2, 3)])
        for s, k, actual, weight in (('t', 's', 40, 1), ('u', 's', 20, 1), ('t', 'l', 10, 1), ('u', 'l', 10, 1),
                                     ('t', 'm', 20, 1), ('u', 'm', 20, 1)):
            x = self.line(c, '2026-03-31', s, k, 'quarter', '2026-01-01')
            self.assertEqual((x.actual, x.judged, x.target.lower, x.attainment, x.weight), (actual, actual, actual, 1, weight))

    def test_off_the_card(self):
        c = self.team(kpi('s', '>= 10'), kpi('o', '>= 1'))
        load.read(c, {'effective_from': '2026-02-15', 'roles': [role('r', kpi('o', '>= 1'))]})
        load.observe(c, *[('s', 'a', f'2026-0{m}-05', 10) for m in (1, 2, 3)])
        x = self.line(c, '2026-03-31', 'a', 's', 'quarter', '2026-01-01')
        self.assertEqual((x.actual, x.judged, x.target.lower, x.coverage, x.on_card), (30, 10, 10, 1, False))
        x = self.line(c, '2026-03-31', 'a', 's', 'month', '2026-03-01')
        self.assertEqual((x.actual, x.status, x.coverage, x.on_card), (10, 'no_target', None, False))

    def test_a_group_is_asked_whole(self):
        c = self.team(kpi('s', '>= 10'), targets=[{'kpi': 's', 'subject': 't', 'target': '>= 30 threshold 25'}])
        load.observe(c, ('s', 'a', '2026-01-05', 20), ('s', 'b', '2026-01-05', 7), ('s', 'a', '2026-03-05', 30))
        x = self.line(c, '2026-03-31', 't', 's', 'quarter', '2026-01-01')
        self.assertEqual((x.actual, x.target.lower, x.target.threshold, x.status, x.coverage), (57, 60, 50, 'at_risk', Fraction(1, 2)))
        x = self.line(c, '2026-03-10', 't', 's', 'quarter', '2026-01-01')
        self.near(x.expected_lower, 30 + 30 * 10 / 31)
        self.assertEqual((x.target.lower, x.status), (60, 'on_track'))

    def test_a_group_with_a_role(self):
        c = self.team(kpi('s', '>= 10', weight=2), kpi('v', '>= 10'), team_role='tr', roles=[role('tr', {'key': 's', 'weight': 5})])
        load.observe(c, ('s', 'a', '2026-01-05', 9), ('v', 'a', '2026-01-05', 9))
        o = Oracle(c, D('2026-01-31'))
        self.assertEqual([(x.kpi, x.weight) for x in o.card('t', 'month', D('2026-01-01')).lines], [('s', 5)])
        x = self.line(c, '2026-01-31', 't', 'v', 'month', '2026-01-01')
        self.assertEqual((x.on_card, x.actual, x.target.lower, x.status), (False, 9, 10, 'at_risk'))
        x = self.line(c, '2026-01-31', 't', 's', 'month', '2026-01-01')
        self.assertEqual((x.on_card, x.target.lower), (True, 10))

    def test_running_at_most_and_ranges(self):
        c = self.team(kpi('m', '<= 31 stretch 3'), kpi('e', '= 31'), kpi('i', '[31,62]'), kpi('x', '>= 31', over_time='max'))
        for day, k, value, status, decided in (
                ('2026-01-10', 'm', 2, 'on_track', None), ('2026-01-10', 'm', 20, 'at_risk', None), ('2026-01-10', 'm', 32, 'off_track', False),
                ('2026-01-10', 'e', 10, 'on_track', None), ('2026-01-10', 'e', 20, 'at_risk', None), ('2026-01-10', 'e', 8, 'at_risk', None),
                ('2026-01-10', 'e', 5, 'off_track', None), ('2026-01-10', 'e', 32, 'off_track', False), ('2026-01-10', 'i', 15, 'on_track', None),
                ('2026-01-10', 'i', 60, 'at_risk', None), ('2026-01-10', 'i', 63, 'off_track', False), ('2026-01-10', 'i', 9, 'at_risk', None),
                ('2026-01-10', 'x', 31, 'on_track', True), ('2026-01-10', 'x', 29, 'at_risk', None)):
            c.observations = []
            load.observe(c, (k, 'a', '2026-01-05', value))
            x = self.line(c, day, 'a', k, 'month', '2026-01-01')
            self.assertEqual((k, value, x.status, x.is_on_target), (k, value, status, decided))
        self.assertEqual(self.line(c, '2026-01-10', 'a', 'x', 'month', '2026-01-01').expected_lower, 31)

    def test_mixed(self):
        c = self.team(kpi('s', '>= 10 threshold 8'), targets=[{'kpi': 's', 'subject': 'b', 'target': '<= 5'}])
        load.observe(c, ('s', 'a', '2026-01-05', 9), ('s', 'b', '2026-01-05', 9))
        x = self.line(c, '2026-01-31', 't', 's', 'month', '2026-01-01')
        self.assertEqual((x.actual, x.status, x.reason, x.coverage), (18, 'no_target', 'mixed_targets', 1))
        c.owns[0].aim = load.aim_of({'target': '>= 5'})
        x = self.line(c, '2026-01-31', 't', 's', 'month', '2026-01-01')
        self.assertEqual((x.target.lower, x.target.threshold), (15, None))

    def test_coverage_by_weight(self):
        c = self.team(kpi('m', '>= 10', over_time='mean'), kpi('r', '>= 10', over_time='ratio'))
        load.observe(c, *[('m', 'a', f'2026-01-{d:02}', 10) for d in range(1, 5)], ('m', 'b', '2026-01-10', 10), ('m', 'b', '2026-01-11', 10),
                     ('r', 'a', '2026-01-05', 10, 1), ('r', 'b', '2026-01-05', 10, 0))
        load.read(c, {'effective_from': '2026-01-01', 'targets': [{'kpi': 'm', 'subject': 'b', 'target': None}],
                      'subjects': [person('d', 't', 'r')]})
        x = self.line(c, '2026-01-31', 't', 'm', 'month', '2026-01-01')      # 4 of 4 + 2 + 3
        self.assertEqual((x.actual, x.judged, x.coverage), (10, 10, Fraction(4, 9)))
        x = self.line(c, '2026-01-31', 't', 'r', 'month', '2026-01-01')      # the value of weight 0 is in the sum
        self.assertEqual((x.actual, x.target.lower), (20, 10))

    def test_own_target_of_a_group_without_a_role(self):
        c = self.team(kpi('s', '>= 10'), kpis=[{'key': 'z', 'kind': 'outcome'}],
                      targets=[{'kpi': 'z', 'subject': 't', 'target': '>= 1'}, {'kpi': 'z', 'subject': 'a', 'target': '>= 1'}])
        load.observe(c, ('z', 't', '2026-01-05', 2), ('z', 'a', '2026-01-05', 3), ('s', 'a', '2026-01-05', 3))
        x = self.line(c, '2026-01-31', 't', 'z', 'month', '2026-01-01')
        self.assertEqual((x.on_card, x.actual, x.status), (True, 2, 'on_track'))
        x = self.line(c, '2026-01-31', 'a', 'z', 'month', '2026-01-01')
        self.assertEqual((x.on_card, x.actual, x.status), (False, 3, 'on_track'))


class Properties(Case):
    """What must hold of every catalogue."""

    def test_documents_say_it_all(self):
        for n in range(8):
            c = catalogues.catalogue('documents', n, n % 4)
            back = load.catalogue(*load.documents(c))
            back.observations, back.settings = c.observations, c.settings
            for as_of in c.days[:2]:
                mine = [repr(x) for x in Oracle(c, as_of).lines()]
                self.assertEqual(sorted(mine), sorted(repr(x) for x in Oracle(back, as_of).lines()))

    def test_a_group_of_one_equals_its_member(self):
        for n in range(8):
            c = catalogues.catalogue('one', n, 1)
            c.subjects = [s for s in c.subjects if s.kind == 'person']
            people = [s.key for s in c.subjects]
            for s in c.subjects[:]:
                for p in s.places:
                    p.parent = 'g' + s.key
                c.subjects.append(Subject('g' + s.key, 'team', [Place(D('2000-01-01'))]))
            for as_of in c.days:
                o = Oracle(c, as_of)
                for x in o.lines():
                    # who has left by the end, or is off the card then, does not count in the group's last
                    if x.subject not in people or x.optional or (o.kpis[x.kpi].over_time == 'last' and not x.on_card):
                        continue
                    end = min(x.end, as_of)
                    if o.kpis[x.kpi].over_time == 'last' and not o.active(x.subject, end):
                        continue
                    y = o.line('g' + x.subject, x.kpi, x.grain, x.start)
                    if any(t.subject == x.subject and t.kpi == x.kpi for t in c.owns) and not x.on_card:
                        continue
                    self.assertEqual(repr(replace(x, subject='')), repr(replace(y, subject='')))

    def test_parts_on_their_way_make_a_whole_on_its_way(self):
        """If every part is exactly where it was expected to be, so is the whole."""
        seen = set()
        for n in range(10):
            c = catalogues.catalogue('law', n, 1)
            c.kpis = [replace(k, over_time='sum' if k.over_time == 'count' else k.over_time, missing='unknown')
                      for k in c.kpis]
            c.kpis = [replace(k, over_subjects='sum') if k.over_subjects == 'count' else k for k in c.kpis]
            observed = c.observations
            for as_of in c.days:
                c.observations = []
                o = Oracle(c, as_of)
                done = set()
                for x in observed:
                    k = o.kpis[x.kpi]
                    part = o.periods.of(k.cadence, x.at)
                    pair = o.pair(x.subject, x.kpi, part, False)
                    if (x.kpi, x.subject, part) in done or pair.target is None or part[0] > as_of:
                        continue
                    done.add((x.kpi, x.subject, part))
                    value, w = o.item(k, None, part, 1, pair.target).lower, 1
                    if k.over_time == 'ratio':
                        w = len(done) % 3 + 1
                        value *= w
                    for _ in range(len(done) % 2 + 1 if k.over_time == 'mean' else 1):
                        load.observe(c, (x.kpi, x.subject, min(part[1], as_of), value, w))
                for x in Oracle(c, as_of).lines():
                    if x.met is None:
                        continue
                    self.assertTrue(x.met, x)
                    if x.target.direction != '[]':
                        self.assertEqual(x.judged, x.expected_lower)
                        self.assertIn(x.attainment, (1, None))
                    k = o.kpis[x.kpi]
                    seen.add((k.over_time, k.over_subjects, x.grain, x.target.direction, x.running))
        self.assertGreater(len(seen), 60)


if __name__ == '__main__':
    unittest.main()
