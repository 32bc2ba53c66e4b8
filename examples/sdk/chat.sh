#!/bin/sh
# A streamed answer through aigw with curl: AIGW_URL=http://127.0.0.1:8080 sh chat.sh
set -eu
curl -sSN "${AIGW_URL:-http://127.0.0.1:8080}/v1/chat/completions" \
    -H "authorization: Bearer ${AIGW_KEY:-sk-aigw-dev}" -H 'content-type: application/json' \
    -d '{"model":"gpt-4o","stream":true,"messages":[{"role":"user","content":"Why is the sky blue?"}]}'
