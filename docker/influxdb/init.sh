#!/usr/bin/env bash
# After InfluxDB's first start: what InfluxQL and Grafana need besides the bucket that the image has set up.
#   1. The databases fraud_data and tally_metrics for InfluxQL.
#   2. A user of the 1.x kind for both (the 2.x user's password does not count for InfluxQL).
#   3. Collectors of the metrics of Tally and of InfluxDB itself, every 10 s, into tally_metrics, kept for a week.
# Run again, it changes nothing. The image runs it against a server on a port of its own before the real one opens.
# Env: DOCKER_INFLUXDB_INIT_ORG, _BUCKET, _ADMIN_TOKEN; INFLUX_USER, INFLUX_PASSWORD (at least 8 characters)
#      TALLY_METRICS_URL, INFLUX_METRICS_URL: where metrics are; TALLY_INIT_URL: the server, when it is another
set -euo pipefail
URL=${TALLY_INIT_URL:-http://localhost:${INFLUXD_INIT_PORT:-9999}}
ORG=$DOCKER_INFLUXDB_INIT_ORG; BUCKET=$DOCKER_INFLUXDB_INIT_BUCKET; METRICS=tally_metrics
WEEK=604800

call() { # METHOD PATH [BODY]
  local answer
  answer=$(curl -sS --fail-with-body -m 20 -X "$1" "$URL$2" -H "Authorization: Token $DOCKER_INFLUXDB_INIT_ADMIN_TOKEN" \
    -H "Content-Type: application/json" ${3:+--data-binary "$3"}) || { echo "Cannot $1 $2: $answer" >&2; return 1; }
  echo "$answer"
}
# From a variable, never through a pipe: a reader that stops early would fail the writer.
has() { [[ $1 =~ $2 ]]; } # TEXT PATTERN
first_id() { # reads all there is, prints the first
  local text
  text=$(cat)
  [[ $text =~ \"id\":\ *\"([0-9a-f]+)\" ]] && echo "${BASH_REMATCH[1]}"
}

org_id=$(call GET "/api/v2/orgs?org=$ORG" | first_id)
bucket_id() { call GET "/api/v2/buckets?orgID=$org_id&name=$1" 2>/dev/null | first_id || true; }

metrics_id=$(bucket_id "$METRICS")
if [ -z "$metrics_id" ]; then
  rules="[{\"type\":\"expire\",\"everySeconds\":$WEEK}]"
  metrics_id=$(call POST /api/v2/buckets "{\"orgID\":\"$org_id\",\"name\":\"$METRICS\",\"retentionRules\":$rules}" | first_id)
fi
data_id=$(bucket_id "$BUCKET")

database() { # NAME BUCKET_ID
  if has "$(call GET "/api/v2/dbrps?orgID=$org_id&db=$1")" '"virtual": *false'; then return; fi
  call POST /api/v2/dbrps "{\"orgID\":\"$org_id\",\"bucketID\":\"$2\",\"database\":\"$1\",\"retention_policy\":\"autogen\",\"default\":true}" >/dev/null
}
database "$BUCKET" "$data_id"
database "$METRICS" "$metrics_id"

may() { echo "{\"action\":\"$1\",\"resource\":{\"type\":\"buckets\",\"id\":\"$2\",\"orgID\":\"$org_id\"}}"; }
if ! has "$(call GET "/private/legacy/authorizations?orgID=$org_id")" "\"token\": *\"$INFLUX_USER\""; then
  rights="[$(may read "$data_id"),$(may write "$data_id"),$(may read "$metrics_id")]"
  user_id=$(call POST /private/legacy/authorizations \
    "{\"token\":\"$INFLUX_USER\",\"status\":\"active\",\"orgID\":\"$org_id\",\"permissions\":$rights}" | first_id)
  call POST "/private/legacy/authorizations/$user_id/password" "{\"password\":\"$INFLUX_PASSWORD\"}" >/dev/null
fi

collect() { # NAME URL
  if has "$(call GET "/api/v2/scrapers?orgID=$org_id")" "\"name\": *\"$1\""; then return; fi
  call POST /api/v2/scrapers "{\"orgID\":\"$org_id\",\"bucketID\":\"$metrics_id\",\"name\":\"$1\",\"type\":\"prometheus\",\"url\":\"$2\"}" >/dev/null
}
collect tally "$TALLY_METRICS_URL"
collect influxdb "$INFLUX_METRICS_URL"
echo "InfluxQL: databases $BUCKET and $METRICS, user $INFLUX_USER; metrics from $TALLY_METRICS_URL and $INFLUX_METRICS_URL"
