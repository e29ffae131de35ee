#!/bin/sh
# Any language with an HTTP client is a citizen: here it is curl. Start the agent first:  fogata up
# Run: sh examples/curl.sh        (AGENT=http://127.0.0.1:7471 names another agent)
set -eu
agent=${AGENT:-http://127.0.0.1:7471}

# Who is there, and what is served.
curl -sf "$agent/v1/nodes"
echo
curl -sf "$agent/v1/services"
echo

# Become an instance of a service: messages come as server-sent events, one line of JSON each. Where there is somebody to
# answer, /v1/reply/TOKEN takes the answer.
curl -sfN --max-time 5 "$agent/v1/listen/kitchen" 2>/dev/null | while IFS= read -r line; do
  case $line in
  'data: '*'"token"'*)
    token=$(printf '%s' "$line" | sed 's/.*"token":"\([^"]*\)".*/\1/')
    curl -sf -X POST "$agent/v1/reply/$token" -H 'content-type: text/plain' -d 'in ten minutes' >/dev/null
    ;;
  esac
done >/dev/null &
listener=$!
trap 'kill $listener 2>/dev/null || true' EXIT

# Ask it. Parameters stand in the query, the body is the body; ?raw=1 answers with the reply's body alone.
for _ in 1 2 3 4 5 6 7 8 9 10; do
  if curl -sf -X POST "$agent/v1/call/kitchen/soup?raw=1&bowls=2" -H 'content-type: text/plain' -d 'with bread'; then
    echo
    exit 0
  fi
  sleep 0.2
done
echo 'nobody answered' >&2
exit 1
