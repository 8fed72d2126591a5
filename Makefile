# kra: key result areas, KPIs, targets and scorecards inside PostgreSQL.
#
#   make, make install, make installcheck    as with any PGXS extension
#   make demo            the example on real data, on a throwaway server
#   make test            the whole check, on a throwaway server
#   make bench           what it costs, side by side with plain SQL
#   make dashboard       a site out of the views, by Evidence, on the same data
#   make dashboard-test  and opens every page of it in a browser
#
# The last five install what they need, and leave no server running.

EXTENSION = kra
EXTVERSION := $(shell sed -n "s/^default_version *= *'\(.*\)'/\1/p" $(dir $(lastword $(MAKEFILE_LIST)))kra.control)

# The library carries the version in its name: installing another version changes
# nothing in a database before ALTER EXTENSION. kra.control names it, too.
MODULE_big = $(EXTENSION)-$(EXTVERSION)
OBJS = \
	src/assess.o \
	src/attainment.o \
	src/calendar.o \
	src/card.o \
	src/change_effect.o \
	src/collect.o \
	src/collect_stats.o \
	src/company.o \
	src/context.o \
	src/driver.o \
	src/fields.o \
	src/grid.o \
	src/grid_0_1.o \
	src/grid_label.o \
	src/history.o \
	src/html.o \
	src/imbalance.o \
	src/imbalance_pair.o \
	src/json.o \
	src/kept.o \
	src/kpi_actual.o \
	src/kpi_attainment.o \
	src/kpi_balance.o \
	src/kpi_change.o \
	src/kpi_target.o \
	src/kpi_target_op.o \
	src/kpi_target_sum.o \
	src/kpi_trend.o \
	src/kpi_xmr.o \
	src/kra.o \
	src/latest.o \
	src/lines.o \
	src/lines_load.o \
	src/mann_kendall.o \
	src/markup.o \
	src/parts.o \
	src/picture.o \
	src/picture_bullet.o \
	src/picture_xmr.o \
	src/policies.o \
	src/rank.o \
	src/regression.o \
	src/scorecard.o \
	src/scorecard_agg.o \
	src/scorecard_io.o \
	src/scorecard_merge.o \
	src/scorecard_op.o \
	src/scorecard_review.o \
	src/scorecard_status.o \
	src/series.o \
	src/signal.o \
	src/spc.o \
	src/spearman.o \
	src/student.o \
	src/svg.o \
	src/text.o \
	src/theil_sen.o \
	src/to_date.o \
	src/trend.o \
	src/visibility.o \
	src/whole.o

# The install script is these parts, in this order.
KRA_PARTS = \
	begin \
	values/kpi_target \
	values/assess \
	values/kpi_actual \
	values/kpi_attainment \
	values/kpi_balance \
	values/kpi_trend \
	values/scorecard \
	values/xmr \
	values/robust \
	values/driver \
	values/pictures \
	values/calendar \
	values/whole \
	catalogue/viewer \
	catalogue/texts \
	catalogue/tables \
	catalogue/locks \
	catalogue/triggers \
	catalogue/log \
	catalogue/restore \
	results/lines \
	results/kept \
	results/core \
	results/results \
	catalogue/aims \
	catalogue/define \
	catalogue/changes \
	catalogue/collect \
	rules/rules \
	catalogue/targets \
	catalogue/moves \
	rules/role \
	rules/smart \
	rules/subject \
	rules/view \
	loop/loop \
	loop/due \
	loop/forget \
	pages/pages \
	rights/policies \
	results/views \
	rights/rights \
	rights/owner

KRA_SCRIPT = sql/$(EXTENSION)--$(EXTVERSION).sql
DATA = $(wildcard sql/kra--*--*.sql) $(wildcard share/upgrade/*.sql)
DATA_built = $(KRA_SCRIPT)
DOCS = share/kra-definition.schema.json share/examples/good-company.json share/examples/bad-company.json

# Results must not depend on the CPU, nor error terms be optimised away.
PG_CFLAGS = -ffp-contract=off
# The server's headers are system headers: their warnings are not ours.
PG_CPPFLAGS = -DKRA_VERSION='"$(EXTVERSION)"' -isystem $(includedir_server)

TESTS = $(sort $(wildcard test/sql/*.sql))
REGRESS = $(patsubst test/sql/%.sql,%,$(TESTS))
REGRESS_OPTS = --inputdir=test --load-extension=$(EXTENSION)

SPECS = $(sort $(wildcard test/specs/*.spec))
ISOLATION = $(patsubst test/specs/%.spec,%,$(SPECS))
# With this output directory, all versions look for the expected files in expected.
ISOLATION_OPTS = --inputdir=test --outputdir=. --load-extension=$(EXTENSION)

EXTRA_CLEAN = $(KRA_SCRIPT) test/results

PG_CONFIG ?= pg_config

# Goals that may run before there is a PostgreSQL to ask.
SETUP_GOALS = demo test bench dashboard dashboard-test
ifneq ($(if $(MAKECMDGOALS),$(filter-out $(SETUP_GOALS),$(MAKECMDGOALS)),all),)
PGXS := $(shell $(PG_CONFIG) --pgxs)
include $(PGXS)

all: $(KRA_SCRIPT)

$(KRA_SCRIPT): $(KRA_PARTS:%=sql/%.sql) kra.control
	cat $(filter %.sql,$^) > $@

# PGXS does not track headers.
HEADERS_OF_KRA = $(wildcard src/*.h)
$(OBJS) $(OBJS:.o=.bc): $(HEADERS_OF_KRA) kra.control Makefile
endif

demo:
	@demo/run.sh

test:
	@test/run.sh

bench:
	@test/bench/run.sh

dashboard:
	@demo/evidence/build.sh

dashboard-test:
	@demo/evidence/build.sh --test

.PHONY: demo test bench dashboard dashboard-test
