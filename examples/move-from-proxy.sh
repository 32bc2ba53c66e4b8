#!/bin/sh
# From a one-upstream proxy to aigw: the .env it had is the whole configuration. In the folder of that .env:
#
#     sh move-from-proxy.sh            # shows what the .env amounts to, starts the gateway, asks it whether it is ready
set -eu
aigw check                                             # every mistake, with its variable
aigw check --print --with-origin                       # the gateway.toml that the variables amount to
aigw serve & gateway=$!; trap 'kill $gateway' EXIT     # the same port, paths, keys and limit as before
until aigw healthcheck -q 2>/dev/null; do kill -0 $gateway || exit 1; done
wait $gateway                                          # later, at leisure: aigw check --print > gateway.toml
