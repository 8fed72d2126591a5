"""How time is cut: days, weeks, months, quarters, half-years and years, by the calendar or retail."""
from datetime import date, timedelta

from model import DAY, GRAINS

MONTHS = {'month': 1, 'quarter': 3, 'half_year': 6, 'year': 12}
FOURTH = timedelta(days=3)


class Periods:
    def __init__(self, settings):
        self.s = settings
        self.pattern = (None if settings.calendar == 'months'
                        else [int(x) for x in settings.calendar.split('-')] * 4)

    def week(self, day):
        start = day - ((day.isoweekday() - self.s.week_start) % 7) * DAY
        return start, start + 6 * DAY

    def of(self, grain, day):
        """First and last day of the period that holds the day."""
        if grain == 'day':
            return day, day
        if grain == 'week':
            return self.week(day)
        return self.retail(grain, day) if self.pattern else self.calendar(grain, day)

    def calendar(self, grain, day):
        n = MONTHS[grain]
        since = (day.month - self.s.fiscal_year_start_month) % n
        start = months_later(date(day.year, day.month, 1), -since)
        return start, months_later(start, n) - DAY

    def retail_year(self, day):
        """'A week belongs to the year of its fourth day': the first week of a retail year is the
        first whose fourth day is in the fiscal year."""
        fourth = self.week(day)[0] + FOURTH
        start, end = self.calendar('year', fourth)
        return self.first_week(start), self.first_week(end + DAY) - DAY

    def first_week(self, day):
        week = self.week(day)[0]
        return week if week + FOURTH >= day else week + 7 * DAY

    def retail(self, grain, day):
        first, last = self.retail_year(day)
        weeks = self.pattern[:]
        weeks[11] += ((last - first).days + 1) // 7 - 52      # a 53rd week goes to the last month
        n, start = MONTHS[grain], first
        for i in range(0, 12, n):
            end = start + 7 * sum(weeks[i:i + n]) * DAY - DAY
            if day <= end:
                return start, end
            start = end + DAY
        raise AssertionError

    def parts(self, cadence, grain, start):
        """The periods of the cadence in the period of the grain that starts on the day.
        'A week belongs to the month, quarter and year of its fourth day.'"""
        first, last = self.of(grain, start)
        if cadence == grain:
            return [(first, last)]
        assert GRAINS.index(cadence) < GRAINS.index(grain)
        out, day = [], first - 7 * DAY if cadence == 'week' else first
        while True:
            part = self.of(cadence, day)
            anchor = part[0] + FOURTH if cadence == 'week' else part[0]
            if anchor > last:
                return out
            if anchor >= first:
                out.append(part)
            day = part[1] + DAY

    def holding(self, grain, cadence, part):
        """The period of the grain to which a part belongs."""
        if cadence == 'week' and grain != 'week':
            return self.of(grain, part[0] + FOURTH)
        return self.of(grain, part[0])


def months_later(first, n):
    m = first.year * 12 + first.month - 1 + n
    return date(m // 12, m % 12 + 1, 1)
