"""The model of a small catalogue: what the generator makes, what the loader writes down as a document,
and all that the oracle knows. Plain records; numbers are fractions, days are dates, None is NULL."""
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from fractions import Fraction

GRAINS = ('day', 'week', 'month', 'quarter', 'half_year', 'year')
DAY = timedelta(days=1)


def number(x):
    """A number as an exact fraction of its decimal text."""
    return x if x is None or isinstance(x, Fraction) else Fraction(str(x))


def text_of(x):
    """A fraction that came from a decimal, as that decimal."""
    return str(int(x)) if x == int(x) else repr(float(x))


@dataclass(frozen=True)
class Target:
    """direction is >=, <=, = or []; lower = upper = T but for ranges."""
    direction: str
    lower: Fraction
    upper: Fraction
    baseline: Fraction = None
    threshold: Fraction = None
    stretch: Fraction = None
    within: Fraction = None
    since: date = None
    due: date = None

    def text(self):
        out = (f'[{text_of(self.lower)},{text_of(self.upper)}]' if self.direction == '[]'
               else f'{self.direction} {text_of(self.lower)}')
        for word, value in (('from', self.baseline), ('threshold', self.threshold),
                            ('stretch', self.stretch), ('within', self.within)):
            if value is not None:
                out += f' {word} {text_of(value)}'
        for word, value in (('since', self.since), ('by', self.due)):
            if value is not None:
                out += f' {word} {value}'
        return out

    def shared(self, share):
        """The target with every number of it multiplied by a share."""
        return replace(self, **{f: getattr(self, f) * share for f in NUMBERS
                                if getattr(self, f) is not None})


NUMBERS = ('lower', 'upper', 'baseline', 'threshold', 'stretch', 'within')


def target(text):
    """Reads the text form of a target."""
    if text is None:
        return None
    if text.startswith('['):
        head, rest = text[1:].split(']', 1)
        lower, upper = (number(x.strip()) for x in head.split(','))
        words, direction = rest.split(), '[]'
    else:
        direction, value, *words = text.split()
        lower = upper = number(value)
    parts = dict(zip(words[::2], words[1::2]))
    names = {'from': 'baseline', 'threshold': 'threshold', 'stretch': 'stretch', 'within': 'within'}
    fields = {names[w]: number(v) for w, v in parts.items() if w in names}
    for word, name in (('since', 'since'), ('by', 'due')):
        if word in parts:
            fields[name] = date.fromisoformat(parts[word])
    return Target(direction, lower, upper, **fields)


@dataclass
class Settings:
    fiscal_year_start_month: int = 1
    week_start: int = 1
    min_coverage: Fraction = Fraction(1, 2)
    review_cadence: str = 'month'
    history_periods: int = 24
    time_zone: str = 'UTC'
    calendar: str = 'months'


@dataclass
class Place:
    """Where a subject stands, from a day on."""
    since: date
    parent: str = None
    role: str = None
    active: bool = True


@dataclass
class Subject:
    key: str
    kind: str = 'person'
    places: list = field(default_factory=list)


@dataclass
class Kpi:
    key: str
    kind: str = 'outcome'
    timing: str = 'lagging'
    over_time: str = 'sum'
    over_subjects: str = 'sum'
    cadence: str = 'month'
    missing: str = 'unknown'
    at_risk_from: Fraction = Fraction(9, 10)
    drives: tuple = ()


@dataclass
class Aim:
    """A target with the grain that it is for; target None: none from this day on."""
    target: Target = None
    grain: str = None
    phasing: tuple = None


@dataclass
class Entry:
    """A KPI on the card of a role, from a day on."""
    role: str
    area: str
    kpi: str
    since: date
    weight: Fraction = Fraction(1)
    aim: Aim = field(default_factory=Aim)
    active: bool = True


@dataclass
class Own:
    """A target of a subject's own, from a day on."""
    kpi: str
    subject: str
    since: date
    aim: Aim = field(default_factory=Aim)


@dataclass
class Observation:
    kpi: str
    subject: str
    at: date
    value: Fraction
    weight: Fraction = None


@dataclass
class Catalogue:
    name: str = ''
    settings: Settings = field(default_factory=Settings)
    subjects: list = field(default_factory=list)
    roles: list = field(default_factory=list)
    kpis: list = field(default_factory=list)
    entries: list = field(default_factory=list)
    owns: list = field(default_factory=list)
    observations: list = field(default_factory=list)
    days: list = field(default_factory=list)
