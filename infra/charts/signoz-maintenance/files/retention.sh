#!/bin/sh
# Sets the retention of metrics, traces and logs, in days, and waits until SigNoz reports it. Idempotent.
set -eu

# SigNoz accepts a change and works on it afterwards. Before the tables exist, and while another change is under way, it
# fails, so each attempt asks again. Together the attempts take less than the job's deadline.
attempts=${ATTEMPTS:-15}
checks=${CHECKS:-12}
pause=${PAUSE:-5}
hours=$((RETENTION_DAYS * 24))

post() {
  wget -q -O - --header 'Content-Type: application/json' ${token:+--header "Authorization: Bearer $token"} \
    --post-data "$2" "$SIGNOZ_URL$1"
}

get() {
  wget -q -O - --header "Authorization: Bearer $token" "$SIGNOZ_URL$1"
}

# A token expires before the last attempt.
sign_in() {
  token=
  token=$(
    post /api/v2/sessions/email_password "{\"email\":\"$EMAIL\",\"password\":\"$PASSWORD\",\"orgId\":\"$ORGANISATION\"}" |
      sed -n 's/.*"accessToken":"\([^"]*\)".*/\1/p'
  )
  [ -n "$token" ] || { echo 'SigNoz returned no access token.' >&2; exit 1; }
}

request() {
  case $1 in
    logs) post /api/v2/settings/ttl "{\"type\":\"logs\",\"defaultTTLDays\":$RETENTION_DAYS,\"ttlConditions\":[]}" ;;
    *) post "/api/v1/settings/ttl?type=$1&duration=${hours}h" '{}' ;;
  esac
}

is_set() {
  case $1 in
    logs) answer=$(get /api/v2/settings/ttl) wanted="\"default_ttl_days\":$RETENTION_DAYS" ;;
    *) answer=$(get "/api/v1/settings/ttl?type=$1") wanted="\"$1_ttl_duration_hrs\":$hours" ;;
  esac || return 1
  case $answer in *"$wanted"[,}]*) ;; *) return 1 ;; esac
  case $answer in *'"status":"success"'*) ;; *) return 1 ;; esac
}

reaches() {
  for _ in $(seq "$checks"); do
    is_set "$1" && return
    sleep "$pause"
  done
  return 1
}

retain() {
  for _ in $(seq "$attempts"); do
    sign_in
    is_set "$1" && return
    request "$1" >/dev/null || true
    reaches "$1" && return
  done
  echo "SigNoz does not keep $1 for $RETENTION_DAYS days. Its last answer: ${answer:-none}" >&2
  exit 1
}

until wget -q -O - "$SIGNOZ_URL/api/v1/health" >/dev/null; do sleep "$pause"; done
for signal in metrics traces logs; do
  retain "$signal"
  echo "SigNoz keeps $signal for $RETENTION_DAYS days."
done
