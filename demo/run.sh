#!/bin/sh
# make demo: installs what is missing, builds, and runs the demo on a throwaway server.
set -eu
cd "$(dirname "$0")/.."
. test/lib.sh

kra_setup
kra_stage
kra_with_server demo/demo.sh
