#!/bin/sh
# From a fresh clone to answered calls: installs what is missing, builds aigw, starts simulated vendors and a gateway in
# front of them, and shows what each command says. Needs no key, and stops what it started.
#
#     sh examples/quickstart.sh [--keep]      # --keep leaves the gateway running
set -eu

keep=no
case ${1-} in
    '') ;;
    --keep) keep=yes ;;
    *) echo "usage: sh examples/quickstart.sh [--keep]" >&2; exit 2 ;;
esac

cd "$(dirname "$0")/.."
aigw=build/release/aigw
work=$(mktemp -d)
running=

stop_all() {
    for pid in $running; do
        kill "$pid" 2>/dev/null || true
    done
    rm -rf "$work"
}
trap stop_all EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

say() { printf '\n# %s\n' "$*"; }
show() {  # the command as one would type it, then what it says
    line='$'
    for word in "$@"; do
        case $word in
            *[!A-Za-z0-9_./:=@-]*) line="$line '$word'" ;;
            *) line="$line $word" ;;
        esac
    done
    printf '%s\n' "$line"
    "$@"
}
fail() {
    echo "quickstart: $1" >&2
    exit 1
}

# start NAME PORT COMMAND...: starts "COMMAND --listen ADDRESS" and sets $address. A taken port is exchanged for a free one.
start() {
    name=$1 port=$2 log=$work/$1.log
    shift 2
    for try in "$port" 0; do
        : >"$log"
        "$@" --listen "127.0.0.1:$try" >"$log" 2>&1 &
        pid=$!
        running="$running $pid"
        while kill -0 "$pid" 2>/dev/null; do
            address=$(sed -n 's/.*ready on [^0-9]*\(127\.0\.0\.1:[0-9]*\).*/\1/p' "$log")
            [ -z "$address" ] || return 0
            sleep 0.05
        done
        running=${running% "$pid"}
        [ "$try" = 0 ] || echo "port $port is taken: another one will do"
    done
    cat "$log" >&2
    fail "$name did not start"
}

say "packages (only those that are missing)"
sh examples/install-packages.sh examples/packages.txt

say "building (a few minutes the first time)"
mkdir -p build/release
if [ ! -e build/release/CMakeCache.txt ]; then
    cmake --preset release -DAIGW_TESTS=OFF >build/release/configure.log 2>&1 || { cat build/release/configure.log >&2; exit 1; }
fi
cmake --build build/release --target aigw
"$aigw" --version

say "simulated vendors, and a gateway in front of them, by the gateway.toml of this folder"
start mock 9101 "$aigw" mock
echo "aigw mock listens on $address"
export OPENAI_BASE_URL="http://$address/v1" OPENAI_API_KEY=sk-simulated
export ANTHROPIC_BASE_URL="http://$address/anthropic" ANTHROPIC_API_KEY=sk-simulated
export DASHSCOPE_BASE_URL="http://$address/compatible-mode/v1" DASHSCOPE_API_KEY=sk-simulated
export GATEWAY_KEY=sk-aigw-dev
start gateway 8080 "$aigw" serve --config gateway.toml
export AIGW_URL="http://$address" AIGW_KEY="$GATEWAY_KEY"
echo "aigw serve listens on $address"
tries=0
until "$aigw" healthcheck --url "$AIGW_URL" >/dev/null 2>&1; do
    tries=$((tries + 1))
    [ "$tries" -lt 100 ] || { cat "$work/gateway.log" >&2; fail "the gateway did not become ready"; }
    sleep 0.1
done

say "a streamed call, with what it used and cost"
show "$aigw" call chat --url "$AIGW_URL" -m gpt-4o --usage "Why is the sky blue?"

say "a plain call of another vendor's model"
show "$aigw" call chat --url "$AIGW_URL" -m qwen-plus --no-stream --usage "Why is the sky blue?"

if command -v curl >/dev/null 2>&1; then
    say "the same over plain HTTP"
    show curl -sS "$AIGW_URL/v1/chat/completions" -H "authorization: Bearer $AIGW_KEY" -H 'content-type: application/json' \
        -d '{"model":"gpt-4o-mini","messages":[{"role":"user","content":"Why is the sky blue?"}]}'
    echo
    say "one vendor's model in the other's protocol: GPT for a program of Anthropic's, Claude for one of OpenAI's"
    show curl -sS "$AIGW_URL/v1/messages" -H "x-api-key: $AIGW_KEY" -H 'content-type: application/json' \
        -d '{"model":"gpt-4o-mini","max_tokens":64,"messages":[{"role":"user","content":"Why is the sky blue?"}]}'
    echo
    show curl -sS "$AIGW_URL/v1/chat/completions" -H "authorization: Bearer $AIGW_KEY" -H 'content-type: application/json' \
        -d '{"model":"claude-haiku-4-5","messages":[{"role":"user","content":"Why is the sky blue?"}]}'
    echo
    say "the same over plain HTTP, streamed"
    show curl -sSN "$AIGW_URL/v1/chat/completions" -H "authorization: Bearer $AIGW_KEY" -H 'content-type: application/json' \
        -d '{"model":"gpt-4o-mini","stream":true,"max_tokens":2,"messages":[{"role":"user","content":"Why?"}]}'
fi

say "why a call goes where it goes"
show "$aigw" route-test --config gateway.toml -m smart

say "what a thousand tokens in and five hundred out cost"
show "$aigw" price --config gateway.toml -m gpt-4o --in 1000 --out 500

say "an SDK needs its address and a key"
cat <<EOF
python   client = openai.OpenAI(base_url="$AIGW_URL/v1", api_key="$AIGW_KEY")
node     const client = new OpenAI({ baseURL: '$AIGW_URL/v1', apiKey: '$AIGW_KEY' });
claude   client = anthropic.Anthropic(base_url="$AIGW_URL", api_key="$AIGW_KEY")
EOF

if [ "$keep" = yes ]; then
    say "still running at $AIGW_URL; to stop it: kill$running"
    running=
fi
