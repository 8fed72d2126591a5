#!/bin/sh
# Throws random and damaged input at the input and receive functions of every type
# of kra, under AddressSanitizer and UndefinedBehaviorSanitizer.
#
#   run.sh ITERATIONS [TYPE [text|binary]]   so many inputs a type and path
#   run.sh one TYPE text|binary HEX          one input, as a violation prints it
#
# Builds out of tree and uses a server of its own; as root, this runs as user
# postgres. PG_CONFIG, FUZZ_SEED (a number) and TMPDIR are honoured.

set -eu

usage() {
	sed -n '5,6s/^# *//p' "$0" >&2
	exit 2
}

die() {
	echo "fuzz: $*" >&2
	exit 1
}

here=$(cd "$(dirname "$0")" && pwd)
top=$(cd "$here/../.." && pwd)
PG_CONFIG=${PG_CONFIG:-pg_config}
seed=${FUZZ_SEED:-1}
types="kpi_target kpi_actual kpi_attainment kpi_balance kpi_trend scorecard xmr kpi_change kra_internal.kpi_target_sum kra_internal.whole"
paths="text binary"
one=

case ${1:-} in
	one)
		[ $# -eq 4 ] || usage
		one=${4#\\x} types=$2 paths=$3 ;;
	'' | *[!0-9]*)
		usage ;;
	*)
		iterations=$1 types=${2:-$types} paths=${3:-$paths} ;;
esac

command -v "$PG_CONFIG" >/dev/null || die "there is no $PG_CONFIG; install postgresql-server-dev"
bin=$("$PG_CONFIG" --bindir)
[ -x "$bin/initdb" ] || die "there is no server in $bin"

# The server is not built with sanitizers, so their runtimes must be preloaded.
cc=$("$PG_CONFIG" --cc)
for lib in libasan.so libubsan.so; do
	file=$($cc -print-file-name=$lib)
	case $file in
		/*) [ -e "$file" ] || die "$lib of $cc is missing" ;;
		*) die "$cc has no $lib: install the sanitizer runtimes of gcc" ;;
	esac
	preload="${preload:+$preload:}$file"
done

work=$(mktemp -d "${TMPDIR:-/tmp}/kra-fuzz.XXXXXX")
server=
finish() {
	status=$?
	trap - EXIT
	if [ -n "$server" ]; then
		kill -INT "$server" 2>/dev/null || true
		for _ in $(seq 100); do
			kill -0 "$server" 2>/dev/null || break
			sleep 0.1
		done
		kill -KILL "$server" 2>/dev/null || true
		wait "$server" 2>/dev/null || true
	fi
	rm -rf "$work"
	exit $status
}
trap finish EXIT
trap 'exit 129' HUP
trap 'exit 130' INT
trap 'exit 143' TERM

# Sources alone are copied: objects in the checkout are of another build.
mkdir "$work/kra" "$work/kra/src" "$work/fuzz"
cp "$top/Makefile" "$top/kra.control" "$work/kra"
cp -r "$top/sql" "$work/kra"
cp "$top"/src/*.c "$top"/src/*.h "$work/kra/src"
cp "$here/Makefile" "$here"/*.c "$here"/*.h "$here"/fuzz.sql "$work/fuzz"

$cc -shared -fPIC -Wl,-z,initfirst -o "$work/asan_first.so" "$here/asan_first.c"
preload="$preload:$work/asan_first.so"

sanitize="-fsanitize=address,undefined,float-cast-overflow -fno-sanitize-recover=all"
sanitize="$sanitize -fno-omit-frame-pointer -g -O1"
for dir in kra fuzz; do
	make -C "$work/$dir" -j2 all PG_CONFIG="$PG_CONFIG" with_llvm=no COPT="$sanitize" \
		>"$work/build.log" 2>&1 || {
		cat "$work/build.log" >&2
		die "$dir does not build with sanitizers"
	}
done

# The install script's values, with functions loaded by path: nothing is installed.
version=$(sed -n "s/^default_version *= *'\(.*\)'/\1/p" "$top/kra.control")
sed -e '/^\\echo/d' -e '/pg_extension_config_dump/d' -e "s|MODULE_PATHNAME|$work/kra/kra-$version|" \
	-e '/^SET LOCAL/s/LOCAL//' "$work/kra/sql/begin.sql" \
	$(grep -o 'values/[a-z_]*' "$top/Makefile" | sed "s|.*|$work/kra/sql/&.sql|") \
	>"$work/kra.sql"

as_owner=
if [ "$(id -u)" -eq 0 ]; then
	id postgres >/dev/null 2>&1 || die "a server cannot run as root, and there is no user postgres"
	as_owner="setpriv --reuid postgres --regid postgres --init-groups"
	chmod 755 "$work"
	mkdir "$work/run"
	chown postgres "$work/run"
else
	mkdir "$work/run"
fi
cd "$work/run"

$as_owner "$bin/initdb" -D "$work/run/data" -U postgres -A trust -E UTF8 --locale=C --no-sync \
	>initdb.log 2>&1 || {
	cat initdb.log >&2
	die "initdb failed"
}
$as_owner env LD_PRELOAD="$preload" \
	ASAN_OPTIONS=detect_leaks=0:abort_on_error=1:handle_abort=0 \
	UBSAN_OPTIONS=print_stacktrace=1:abort_on_error=1 \
	"$bin/postgres" -D "$work/run/data" -c listen_addresses= -c unix_socket_directories="$work/run" \
	-c fsync=off -c shared_buffers=16MB -c jit=off -c autovacuum=off -c restart_after_crash=off \
	-c log_min_messages=fatal -c log_min_error_statement=panic >server.log 2>&1 &
server=$!

export PGHOST="$work/run" PGUSER=postgres PGDATABASE=postgres PGCONNECT_TIMEOUT=10
# Settings that a text form must not depend on.
export PGOPTIONS='-c TimeZone=Asia/Kathmandu -c DateStyle=German -c IntervalStyle=iso_8601 -c extra_float_digits=-5'
psql="$bin/psql -X -q -At -v ON_ERROR_STOP=1"
for _ in $(seq 100); do
	kill -0 "$server" 2>/dev/null || break
	$psql -c 'SELECT' >/dev/null 2>&1 && break
	sleep 0.1
done
$psql -c 'SELECT' >/dev/null 2>&1 || {
	cat server.log >&2
	die "the server with sanitizers does not start"
}
load() {
	PGOPTIONS='-c client_min_messages=warning' $psql -v module="$work/fuzz/kra_fuzz" -f "$1" || {
		cat server.log >&2
		die "cannot load $(basename "$1")"
	}
}
load "$work/kra.sql"
load "$work/fuzz/fuzz.sql"

failed=0
for type in $types; do
	for path in $paths; do
		case $type in *.*) sql_type=$type ;; *) sql_type=kra.$type ;; esac
		if [ -n "$one" ]; then
			query="SELECT kra_fuzz_one('$sql_type', '$path', '\\x$one')"
		else
			query="SELECT $iterations || ' inputs: ' || accepted || ' accepted, ' || refused || ' refused' ||
				CASE WHEN violations > 0 THEN ', ' || violations || ' violations' ELSE '' END
				FROM kra_fuzz('$sql_type', '$path', $iterations, $seed)"
		fi
		if result=$($psql -c "$query"); then
			echo "$type $path $result"
			case $result in *violations) failed=1 ;; esac
			continue
		fi

		echo "fuzz: the server failed at $type $path" >&2
		cat server.log >&2
		last=$work/run/data/kra_fuzz.last
		if [ -z "$one" ] && [ -e "$last" ]; then
			len=$(od -An -tu4 -N4 "$last" | tr -d ' ')
			echo "the last input: \\x$(od -An -v -tx1 -j4 -N"$len" "$last" | tr -d ' \n')" >&2
		fi
		exit 1
	done
done
exit $failed
