#!/bin/sh
# Sets the retention of metrics, traces and logs, in days. Idempotent.
set -eu

post() {
  wget -q -O - --header 'Content-Type: application/json' ${token:+--header "Authorization: Bearer $token"} \
    --post-data "$2" "$SIGNOZ_URL$1"
}

until wget -q -O - "$SIGNOZ_URL/api/v1/health" >/dev/null; do sleep 5; done

token=$(
  post /api/v2/sessions/email_password "{\"email\":\"$EMAIL\",\"password\":\"$PASSWORD\",\"orgId\":\"$ORGANISATION\"}" |
    sed -n 's/.*"accessToken":"\([^"]*\)".*/\1/p'
)
[ -n "$token" ] || { echo 'SigNoz returned no access token.' >&2; exit 1; }

for signal in metrics traces; do
  post "/api/v1/settings/ttl?type=$signal&duration=$((RETENTION_DAYS * 24))h" '{}'
done
post /api/v2/settings/ttl "{\"type\":\"logs\",\"defaultTTLDays\":$RETENTION_DAYS,\"ttlConditions\":[]}"
