# What make demo, make test and make bench share: setting a Debian machine up,
# building kra apart from the checkout, and a throwaway server. Sourced by sh
# from the root of the checkout.
#
#   PG_CONFIG   the PostgreSQL to use (default: pg_config, else Debian's default)

KRA_TEMP=

kra_say() { printf 'kra: %s\n' "$*" >&2; }
kra_die() { kra_say "$*"; exit 1; }

kra_as_root() {
    if [ "$(id -u)" -eq 0 ]; then "$@"
    elif command -v sudo >/dev/null 2>&1; then sudo -E "$@"
    else kra_die "root rights are needed for: $* (there is no sudo)"
    fi
}

# Once a run is enough.
kra_apt_update() {
    [ -n "${KRA_APT_FRESH:-}" ] || kra_as_root apt-get -qq update >&2
    KRA_APT_FRESH=1
}

kra_apt_install() {
    kra_say "installing with apt-get: $*"
    kra_apt_update
    apt_log=$(mktemp)
    if ! DEBIAN_FRONTEND=noninteractive kra_as_root apt-get -qq -y -o Dpkg::Use-Pty=0 \
        install --no-install-recommends "$@" >"$apt_log" 2>&1; then
        cat "$apt_log" >&2
        rm -f "$apt_log"
        kra_die "apt-get could not install: $*"
    fi
    rm -f "$apt_log"
}

# Installs those of the packages that are missing.
kra_need() {
    missing=
    for package in "$@"; do
        dpkg-query -W -f '${Status}' "$package" 2>/dev/null | grep -q 'ok installed' ||
            missing="$missing $package"
    done
    # shellcheck disable=SC2086
    [ -z "$missing" ] || kra_apt_install $missing
}

# The major version to work with: that of PG_CONFIG, else Debian's default.
kra_version() {
    if [ -n "${PG_CONFIG:-}" ] || command -v pg_config >/dev/null 2>&1; then
        "${PG_CONFIG:-pg_config}" --version | sed 's/[^0-9]*\([0-9]*\).*/\1/'
    else
        apt-cache depends postgresql 2>/dev/null |
            sed -n 's/.*Depends: postgresql-\([0-9][0-9]*\)$/\1/p' | head -n 1
    fi
}

# Makes sure that there are a compiler, a server with its headers, and
# pg_virtualenv. No cluster is created or started by that.
kra_setup() {
    command -v apt-get >/dev/null 2>&1 ||
        kra_die "this needs Debian's apt-get; elsewhere use make, make install, make installcheck"
    if [ -z "${PG_CONFIG:-}" ] && ! command -v pg_config >/dev/null 2>&1 &&
        ! apt-cache show postgresql >/dev/null 2>&1; then
        kra_say "reading the package lists"
        kra_apt_update
    fi
    KRA_PG=$(kra_version)
    [ -n "$KRA_PG" ] || kra_die "no PostgreSQL found, neither installed nor in the package lists"
    kra_need gcc libc6-dev make perl postgresql-common
    if ! dpkg-query -W -f '${Status}' "postgresql-$KRA_PG" 2>/dev/null | grep -q 'ok installed'; then
        # the server package would create a cluster and start it: not for a test
        conf=/etc/postgresql-common/createcluster.d/kra-setup.conf
        kra_as_root mkdir -p "${conf%/*}"
        echo 'create_main_cluster = false' | kra_as_root tee "$conf" >/dev/null
        kra_apt_install "postgresql-$KRA_PG" || { kra_as_root rm -f "$conf"; exit 1; }
        kra_as_root rm -f "$conf"
    fi
    kra_need "postgresql-server-dev-$KRA_PG" "postgresql-client-$KRA_PG"
    PG_CONFIG=${PG_CONFIG:-/usr/lib/postgresql/$KRA_PG/bin/pg_config}
    [ -x "$(command -v "$PG_CONFIG")" ] || kra_die "there is no $PG_CONFIG"
    export PG_CONFIG KRA_PG
}

kra_clean() {
    status=$?
    trap - EXIT
    [ -z "$KRA_TEMP" ] || rm -rf "$KRA_TEMP"
    exit "$status"
}

# A directory of our own that the server's user can read.
kra_temp() {
    [ -z "$KRA_TEMP" ] || return 0
    KRA_TEMP=$(mktemp -d "${TMPDIR:-/tmp}/kra.XXXXXX")
    chmod 755 "$KRA_TEMP"
    trap kra_clean EXIT
    trap 'exit 130' INT
    trap 'exit 143' TERM
    export KRA_TEMP
}

# Builds a copy of the tree with the given make arguments, and installs it below
# $KRA_TEMP/stage: nothing is written to the checkout or to the system.
kra_stage() {
    kra_temp
    rm -rf "$KRA_TEMP/build" "$KRA_TEMP/stage"
    mkdir "$KRA_TEMP/build"
    cp -R Makefile kra.control README.md LICENSE src sql share expected test demo "$KRA_TEMP/build"
    find "$KRA_TEMP/build" -name '*.o' -o -name '*.bc' | xargs rm -f
    rm -f "$KRA_TEMP/build/sql/kra--$(sed -n "s/^default_version *= *.\(.*\).$/\1/p" kra.control).sql"
    # all, install: goals that the Makefile gives to PGXS
    if ! make -C "$KRA_TEMP/build" -j2 all PG_CONFIG="$PG_CONFIG" "$@" >"$KRA_TEMP/build.log" 2>&1 ||
        ! make -C "$KRA_TEMP/build" install PG_CONFIG="$PG_CONFIG" \
            DESTDIR="$KRA_TEMP/stage" "$@" >>"$KRA_TEMP/build.log" 2>&1; then
        grep -E 'error|warning' "$KRA_TEMP/build.log" >&2 || tail -n 20 "$KRA_TEMP/build.log" >&2
        return 1
    fi
}

# Runs a command with a throwaway server that knows the staged extension,
# whatever server the caller's environment points to;
# PGHOST, PGPORT and the rest are set for it. Options for pg_virtualenv may come
# in KRA_SERVER_OPTIONS.
kra_with_server() {
    lib=$KRA_TEMP/stage$("$PG_CONFIG" --pkglibdir)
    share=$KRA_TEMP/stage$("$PG_CONFIG" --sharedir)
    if [ "$KRA_PG" -ge 18 ]; then
        set -- -o "extension_control_path=$share:\$system" "$@"
    else
        set -- -o "extension_destdir=$KRA_TEMP/stage" "$@"
    fi
    # shellcheck disable=SC2086
    env -u PGHOST -u PGHOSTADDR -u PGPORT -u PGUSER -u PGDATABASE -u PGPASSWORD -u PGSERVICE \
        PGSYSCONFDIR='' LC_ALL=C.UTF-8 pg_virtualenv -t -v "$KRA_PG" ${KRA_SERVER_OPTIONS:-} \
        -o "dynamic_library_path=$lib:\$libdir" -o fsync=off "$@"
}
